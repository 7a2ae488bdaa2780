//! Whether a store of clear texts keeps what [`TextStore`](crate::texts::TextStore) promises.

mod kit;
mod rule;
mod rules;
mod sample;
#[cfg(test)]
mod tests;

pub use kit::{TextKit, check_texts};
pub use rule::TextRule;
