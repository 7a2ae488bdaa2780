//! `shell`: a command line for `bash -c`, of which every command is a listed one.
//!
//! Protects tools that run `bash -c TEXT`. The text is read by an allow-list of constructs: what
//! is not on it, and what bash would not parse, is unknown. Words are compared as bash passes them
//! on, after quotes are removed; each command of a compound line is judged by itself.
//!
//! Nobody can tell from the text what a name runs. Aliases, exported functions, `BASH_ENV`,
//! `PATH`, `CDPATH`, links and the configuration of the programs themselves are the executor's
//! affair: run `bash --noprofile --norc -c` with a fixed environment.
//!
//! Time is in proportion to the text. Nothing recurses, and a line that quotes nothing is judged
//! without a copy.

pub mod deny;
mod judge;
mod lexer;
mod listed;
mod option_list;
mod options;
mod path;
mod quotes;
mod reader;
mod rule;
mod segment;
mod spec;
#[cfg(test)]
mod tests;
mod visible;
mod window;

pub use listed::Listed;
pub use option_list::OptionList;
pub use spec::{
    Command, Exact, ExactWord, Form, Globs, Grammar, Inside, Joins, Operands, Opt, Options, Rule,
    Shell, Style, Sub, Tail, Types, Words,
};

/// Whether two words are the same, which most are not: told without a call.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    callgate_types::quick_hash::same(one, other)
}
