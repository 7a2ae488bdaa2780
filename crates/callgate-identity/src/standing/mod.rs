//! Who is in good standing: tasks, revocations and quarantines.
//!
//! A [`Task`] says what an agent was started for: which tools and resources, with which scopes, until
//! when. A [`Revocation`] takes a principal, a session, a task or a token back for good; a
//! [`Quarantine`] allows nothing to a principal or a tenant until it is [lifted](Lift). All of it is
//! said within a tenant, and says nothing about another.
//!
//! Each is a [`Change`]. A [`StandingStore`] puts changes in one order, which all processes see;
//! [`Standing`] is what follows from the changes up to one [`Position`]. It never changes: it answers about a
//! caller in a few look-ups, without allocating and without a lock.
//!
//! This module polls no store and reads no clock: whoever uses it passes the time in, and says how old
//! an answer may be. Text and order of changes are specified in `docs/spec/standing.md`.
//!
//! # Examples
//!
//! ```
//! use callgate_identity::standing::{
//!     Bar, Change, MemoryStanding, Position, Revocation, Standing, StandingStore, Subject,
//! };
//! use callgate_types::{Caller, Principal, PrincipalId};
//! use chrono::DateTime;
//!
//! # let now = DateTime::from_timestamp(1_796_115_600, 0).ok_or("no such time")?;
//! let store = MemoryStanding::new(move || now);
//! let officer = PrincipalId::user("officer")?;
//! let leaked = Revocation::principal(Some("acme"), PrincipalId::agent("support-bot")?)?;
//! store.put(&Change::revoke(leaked, officer))?;
//!
//! let mut standing = Standing::new();
//! for entry in store.changes(Position::START, 100)?.entries {
//!     standing.apply(&entry)?;
//! }
//! let alice = Principal::asserted(PrincipalId::user("alice")?).member_of("acme", ["support"]);
//! let bot = Principal::asserted(PrincipalId::agent("support-bot")?);
//! let caller = Caller::of(alice).acting(bot).in_tenant("acme")?;
//! let subject = Subject::new(&caller).at(now);
//! assert_eq!(standing.look(&subject).err(), Some(Bar::Revoked { place: Some(0) }));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bar;
mod change;
mod decode;
mod encode;
mod memory;
mod snapshot;
mod store;
mod subject;
mod table;
mod target;
mod task;
mod task_builder;
#[cfg(feature = "testkit")]
pub mod testkit;
mod underway;

pub use bar::Bar;
pub use change::{Change, What};
pub use decode::ChangeFault;
pub use memory::MemoryStanding;
pub use snapshot::{OutOfOrder, Standing};
pub use store::{Changes, Entry, Position, StandingStore, StoreError};
pub use subject::Subject;
pub use target::{Lift, Quarantine, Quarantined, Revocation, TargetFault};
pub use task::{Outside, Task, TaskResource};
pub use task_builder::{TaskBuilder, TaskFault};
pub use underway::Underway;
