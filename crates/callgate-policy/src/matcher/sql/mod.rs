//! `sql`: what a text of SQL may do.
//!
//! Executor: a database of the dialect that the policy names, which is sent this text and nothing
//! else, as one query. A text is parsed once and its tree walked once, by a list of what is
//! known to be harmless: a construct that is not on the list, a text that parses to more than one
//! statement, and one that the parser and the lexer of this module read differently are unknown.
//!
//! The text says what is asked, not what the database makes of it. Out of sight are: what a view,
//! rule, trigger, generated column, policy of row security or foreign table does; which function
//! stands behind an operator, a cast or a type; and which schema a name without one means, which
//! is the database's `search_path`. `tables` limits names, not data; a role that can read no
//! other table limits data. The settings that change how text is read are assumed to have their
//! defaults: `standard_conforming_strings` is on, and `sql_mode` has neither `ANSI_QUOTES` nor
//! `NO_BACKSLASH_ESCAPES`, `PIPES_AS_CONCAT` being allowed.
//!
//! Cost: a text has at most 16 kB, with bounds on nesting and on the number of words and operators,
//! so that neither the parser, nor the walk, nor dropping the tree can exhaust a stack. One that
//! is nested deeper than statements are in practice is parsed on a thread of its own. Trees are
//! never cloned or printed.

mod calls;
mod commands;
mod expression;
mod from;
mod functions;
mod literals;
mod names;
mod pure;
mod query;
mod require;
mod reserved;
mod scan;
mod spec;
mod tokens;
mod types;
mod walk;
mod write;

pub use functions::SqlFunctions;
pub use require::Known;
pub use spec::{SqlDialect, SqlKind, SqlPin, SqlRequired, SqlSpec, SqlTable};

use std::thread;

use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};

use walk::Walk;

/// The deepest text that is parsed on the caller's stack, which may be small.
const SHALLOW: u32 = 12;
/// How deep the parser may go on the caller's stack: less than a megabyte in any build.
const SHALLOW_RECURSION: usize = 16;
/// How deep the parser may go on a stack of its own.
const MAX_RECURSION: usize = 50;
/// The stack of a text that is nested deeper.
const STACK_BYTES: usize = 16 << 20;

impl SqlSpec {
    /// Whether `text` is what this says; `None`: nobody can say.
    ///
    /// `facts` are the values of [`SqlSpec::facts`], in that order; those left out are unknown.
    pub fn test(&self, text: &str, facts: &[Known<'_>]) -> Option<bool> {
        match self.judge(text, facts) {
            Ok(()) => Some(true),
            Err(Breach::Refused) => Some(false),
            Err(Breach::Unclear) => None,
        }
    }

    fn judge(&self, text: &str, facts: &[Known<'_>]) -> Checked {
        let tokens = tokens::of(text, self.dialect).ok_or(Breach::Unclear)?;
        if let Some(judged) = commands::judge(self, &tokens.all) {
            return judged;
        }
        if tokens.depth <= SHALLOW {
            match self.parse(tokens.all, SHALLOW_RECURSION, facts) {
                Err(ParserError::RecursionLimitExceeded) => {}
                judged => return judged.unwrap_or(Err(Breach::Unclear)),
            }
        }
        let deep = || {
            let tokens = tokens::of(text, self.dialect).ok_or(Breach::Unclear)?;
            let judged = self.parse(tokens.all, MAX_RECURSION, facts);
            judged.unwrap_or(Err(Breach::Unclear))
        };
        on_a_stack_of_its_own(deep).unwrap_or(Err(Breach::Unclear))
    }

    /// Parses one statement and looks at it.
    fn parse(
        &self,
        tokens: Vec<TokenWithSpan>,
        recursion: usize,
        facts: &[Known<'_>],
    ) -> Result<Checked, ParserError> {
        let mut parser = Parser::new(tokens::parser_of(self.dialect))
            .with_recursion_limit(recursion)
            .with_tokens_with_locations(tokens);
        let statement = parser.parse_statement()?;
        // The parser's own loop over statements ends at a stray `END`, whatever follows.
        while parser.consume_token(&Token::SemiColon) {}
        if parser.peek_token_ref().token != Token::EOF {
            return Ok(Err(Breach::Unclear));
        }
        Ok(Walk::new(self, facts).statement(&statement))
    }
}

/// Runs `judge` on a thread with a stack that holds the deepest statement; `None` where there is
/// no thread to be had.
fn on_a_stack_of_its_own(judge: impl FnOnce() -> Checked + Send) -> Option<Checked> {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(STACK_BYTES);
        let running = builder.spawn_scoped(scope, judge).ok()?;
        running.join().ok()
    })
}

/// Why a statement does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breach {
    /// It surely does what it may not.
    Refused,
    /// Nobody can say what it does.
    Unclear,
}

/// Whether a part of a statement is in order.
type Checked = Result<(), Breach>;

/// In order, or surely not.
const fn allowed(is: bool) -> Checked {
    if is { Ok(()) } else { Err(Breach::Refused) }
}

/// In order, or nobody can say.
const fn understood(is: bool) -> Checked {
    if is { Ok(()) } else { Err(Breach::Unclear) }
}

#[cfg(test)]
mod tests;
