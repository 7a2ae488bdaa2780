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
//! Cost: the texts are at most 16 kB long, with bounds on nesting and on the number of operators,
//! so that neither the parser, nor the walk, nor dropping the tree can exhaust a stack. Trees are
//! never cloned or printed.

mod commands;
mod expression;
mod functions;
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
pub(crate) use require::Known;
pub use spec::{SqlDialect, SqlKind, SqlPin, SqlRequired, SqlSpec, SqlTable};

use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use crate::evaluate::Truth;
use walk::Walk;

/// How deep the parser may go.
const MAX_RECURSION: usize = 48;

impl SqlSpec {
    /// Whether `text` is what this says; `facts` are the values of [`Sql::facts`], in that order.
    pub(crate) fn test(&self, text: &str, facts: &[Known<'_>]) -> Truth {
        match self.judge(text, facts) {
            Ok(()) => Truth::Yes,
            Err(Breach::Refused) => Truth::No,
            Err(Breach::Unclear) => Truth::Unknown,
        }
    }

    fn judge(&self, text: &str, facts: &[Known<'_>]) -> Checked {
        let tokens = tokens::of(text, self.dialect).ok_or(Breach::Unclear)?;
        if let Some(judged) = commands::judge(self, &tokens) {
            return judged;
        }
        let mut parser = Parser::new(tokens::parser_of(self.dialect))
            .with_recursion_limit(MAX_RECURSION)
            .with_tokens_with_locations(tokens);
        let statement = parser.parse_statement().map_err(|_| Breach::Unclear)?;
        // The parser's own loop over statements ends at a stray `END`, whatever follows.
        while parser.consume_token(&Token::SemiColon) {}
        if parser.peek_token_ref().token != Token::EOF {
            return Err(Breach::Unclear);
        }
        Walk::new(self, facts).statement(&statement)
    }
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
