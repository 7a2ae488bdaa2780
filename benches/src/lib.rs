//! What Callgate promises about speed: workloads, floors, and a table of promises.
//!
//! [`workload`] makes policies and calls, always the same ones; [`promises`] puts ours and the
//! floor of every promise side by side. The program `ratios` measures them, the criterion benches
//! look at the same workloads one by one.
//!
//! A new promise is a further entry in one file of [`promises`].

pub mod promises;
mod ring;
mod ring_texts;
pub mod workload;

pub use ring::RingSink;
pub use ring_texts::RingTexts;
