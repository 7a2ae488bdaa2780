//! From text to the tokens of the parser, where both lexers agree.

use sqlparser::dialect as parser;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::SqlDialect;
use super::scan::{self, Place};

/// The tokens of a text, and how deep it nests.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) all: Vec<TokenWithSpan>,
    pub(super) depth: u32,
}

/// Reads a text; `None` for one that is refused.
///
/// Strings and names stay as they are written, escapes and all.
pub(super) fn of(text: &str, dialect: SqlDialect) -> Option<Tokens> {
    let scanned = scan::scan(text, dialect)?;
    let mut tokenizer = Tokenizer::new(parser_of(dialect), text).with_unescape(false);
    let tokens = tokenizer.tokenize_with_location().ok()?;
    // The parser takes `==` for `=`: elsewhere it is another operator, or none.
    if dialect != SqlDialect::Sqlite && tokens.iter().any(|token| token.token == Token::DoubleEq) {
        return None;
    }
    let seen = tokens.iter().filter(|token| is_marked(&token.token));
    let agree = seen.map(|token| place(token.span.start)).eq(scanned.places);
    agree.then(|| Tokens {
        all: select_from_tables(tokens, dialect),
        depth: scanned.depth,
    })
}

/// The parser's dialect.
pub(super) fn parser_of(dialect: SqlDialect) -> &'static dyn parser::Dialect {
    match dialect {
        SqlDialect::Postgres => &parser::PostgreSqlDialect {},
        SqlDialect::MySql => &parser::MySqlDialect {},
        SqlDialect::Sqlite => &parser::SQLiteDialect {},
    }
}

/// Whether `token` says something; blanks and comments do not.
pub(super) const fn speaks(token: &Token) -> bool {
    !matches!(token, Token::Whitespace(_) | Token::EOF)
}

const fn place(start: Location) -> Place {
    Place {
        line: start.line,
        column: start.column,
    }
}

/// Whether the scan marks the beginning of such a token.
const fn is_marked(token: &Token) -> bool {
    match token {
        Token::Whitespace(comment) => matches!(
            comment,
            Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)
        ),
        Token::Word(word) => word.quote_style.is_some(),
        Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::DollarQuotedString(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_)
        | Token::TripleSingleQuotedByteStringLiteral(_)
        | Token::TripleDoubleQuotedByteStringLiteral(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::DoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedRawStringLiteral(_)
        | Token::TripleDoubleQuotedRawStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::QuoteDelimitedStringLiteral(_)
        | Token::NationalQuoteDelimitedStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::HexStringLiteral(_) => true,
        _ => false,
    }
}

/// `TABLE t` is `SELECT * FROM t` by definition, and the parser knows the latter only.
fn select_from_tables(tokens: Vec<TokenWithSpan>, dialect: SqlDialect) -> Vec<TokenWithSpan> {
    if dialect == SqlDialect::Sqlite || !tokens.iter().any(|token| is(&token.token, Keyword::TABLE))
    {
        return tokens;
    }
    let mut written = Vec::with_capacity(tokens.len().saturating_add(16));
    let mut begins = true;
    for token in tokens {
        if begins && is(&token.token, Keyword::TABLE) {
            let select = Token::make_keyword("SELECT");
            let from = Token::make_keyword("FROM");
            for word in [select, Token::Mul, from] {
                written.push(TokenWithSpan::new(word, token.span));
            }
            begins = false;
            continue;
        }
        if speaks(&token.token) {
            begins = query_follows(&token.token);
        }
        written.push(token);
    }
    written
}

/// Whether a query may begin behind `token`.
fn query_follows(token: &Token) -> bool {
    match token {
        Token::LParen | Token::RParen => true,
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::UNION
                | Keyword::INTERSECT
                | Keyword::EXCEPT
                | Keyword::ALL
                | Keyword::DISTINCT
                | Keyword::EXPLAIN
                | Keyword::ANALYZE
                | Keyword::VERBOSE
        ),
        _ => false,
    }
}

fn is(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}
