//! How often, and how much: what many calls do together.
//!
//! A call that a limit is about **reserves** what it will use before it is allowed, gives it back if it
//! is not begun, and **counts** it once it begins. So no order of things lets more through than the limit,
//! whatever is cancelled or killed in between: what was reserved and never counted lapses by the clock
//! of the store.
//!
//! A [`LimitStore`] adds up exact [`Amount`](callgate_types::Amount)s under keys, each in a [`Window`];
//! it knows no policy. What is counted and when is specified in `docs/spec/limits.md`.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use callgate_approval::limit::{
//!     Counted, LimitStore, MemoryLimits, ReservationId, Reserved, Want, Window,
//! };
//!
//! let store = MemoryLimits::new(chrono::Utc::now);
//! let day = Window::Fixed(Duration::from_secs(86_400));
//! let minute = Duration::from_secs(60);
//! let want = |amount: &str| {
//!     Ok::<_, callgate_types::ParseAmountError>(Want::new(b"acme EUR", day, amount.parse()?, "500".parse()?))
//! };
//!
//! let first = ReservationId::from_bytes([1; 16]);
//! assert_eq!(store.reserve(first, minute, &[want("300.50")?])?, Reserved::Held);
//! let second = ReservationId::from_bytes([2; 16]);
//! assert!(matches!(store.reserve(second, minute, &[want("199.51")?])?, Reserved::Exceeded(_)));
//!
//! assert_eq!(store.count(first)?, Counted::Yes);
//! assert_eq!(store.used(b"acme EUR", day)?, "300.50".parse()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod memory;
mod store;
#[cfg(feature = "testkit")]
pub mod testkit;
mod window;

pub use memory::MemoryLimits;
pub use store::{Counted, LimitStore, LimitStoreError, Reached, ReservationId, Reserved, Want};
pub use window::Window;
