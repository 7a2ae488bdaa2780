//! The content of a block as statements: predicates over constants, and nothing else.

use std::borrow::Cow;

use super::fault::TokenFault;
use super::wire::{Fields, Malformed, Value, once};

/// Most checks in a block.
pub(super) const MAX_CHECKS: usize = 64;
/// Most texts in a set.
pub(super) const MAX_VALUES: usize = 128;
/// Most symbols in a token.
const MAX_SYMBOLS: usize = 512;
/// Most terms in a statement: kind and ids of as many resources as a set has texts.
const MAX_TERMS: usize = 2 * MAX_VALUES;
/// Where the numbers of symbols begin that a token brings along.
const OFFSET: u64 = 1024;
/// Versions of blocks in which the vocabulary has one meaning.
const VERSIONS: std::ops::RangeInclusive<u32> = 3..=6;

/// The symbols that every token has.
const DEFAULT_SYMBOLS: [&str; 28] = [
    "read",
    "write",
    "resource",
    "operation",
    "right",
    "time",
    "role",
    "owner",
    "tenant",
    "namespace",
    "user",
    "team",
    "service",
    "admin",
    "email",
    "group",
    "member",
    "ip_address",
    "client",
    "client_ip",
    "domain",
    "path",
    "version",
    "cluster",
    "node",
    "hostname",
    "nonce",
    "query",
];

/// A fact, or the one predicate of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    pub(super) name: &'a str,
    pub(super) terms: Vec<Term<'a>>,
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term<'a> {
    Integer(i64),
    Text(Cow<'a, str>),
    /// In seconds.
    Date(u64),
    Bytes(Cow<'a, [u8]>),
    Boolean(bool),
    Texts(Vec<Cow<'a, str>>),
    /// A set of anything else.
    Others,
}

/// What a block says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content<'a> {
    pub(super) facts: Vec<Statement<'a>>,
    pub(super) checks: Vec<Statement<'a>>,
}

/// The symbols of a token, which its blocks add one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Symbols<'a>(Vec<&'a str>);

impl<'a> Symbols<'a> {
    fn add(&mut self, symbol: &'a str) -> Result<(), Malformed> {
        if DEFAULT_SYMBOLS.contains(&symbol) || self.0.contains(&symbol) {
            return Err(Malformed);
        }
        self.0.push(symbol);
        Ok(())
    }

    fn text(&self, number: u64) -> Result<&'a str, Malformed> {
        let (table, place) = match number.checked_sub(OFFSET) {
            Some(place) => (&*self.0, place),
            None => (&DEFAULT_SYMBOLS[..], number),
        };
        let place = usize::try_from(place).map_err(|_| Malformed)?;
        table.get(place).copied().ok_or(Malformed)
    }
}

/// Reads block number `block`, and adds its symbols.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    block: usize,
    symbols: &mut Symbols<'a>,
) -> Result<Content<'a>, TokenFault> {
    let (mut facts, mut checks, mut version) = (Vec::new(), Vec::new(), None);
    let mut unknown = false;
    let mut fields = Fields::of(bytes);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 if symbols.0.len() == MAX_SYMBOLS => return Err(TokenFault::TooMuch { block }),
            1 => symbols.add(value.text()?)?,
            3 => once(&mut version, value.small()?)?,
            4 => facts.push(value.bytes()?),
            6 if checks.len() == MAX_CHECKS => return Err(TokenFault::TooMuch { block }),
            6 => checks.push(value.bytes()?),
            // Context, rules, scopes and public keys.
            2 | 5 | 7 | 8 => unknown = true,
            _ => return Err(TokenFault::Malformed),
        }
    }
    if !version.is_some_and(|version| VERSIONS.contains(&version)) {
        return Err(TokenFault::Malformed);
    }
    // More than one fact is in no block.
    if unknown || facts.len() > 1 {
        return Err(TokenFault::UnknownContent { block });
    }
    let facts = facts.into_iter().map(|fact| {
        let predicate = Fields::only(fact, 1)?.bytes()?;
        statement(predicate, symbols)
    });
    let facts = facts.collect::<Result<_, Odd>>();
    let checks = checks.into_iter().map(|bytes| check(bytes, symbols));
    let checks = checks.collect::<Result<_, Odd>>();
    match (facts, checks) {
        (Ok(facts), Ok(checks)) => Ok(Content { facts, checks }),
        (Err(odd), _) | (Ok(_), Err(odd)) => Err(odd.at(block)),
    }
}

/// What keeps a statement from being read.
enum Odd {
    Malformed,
    Unknown,
    TooMuch,
}

impl Odd {
    const fn at(self, block: usize) -> TokenFault {
        match self {
            Self::Malformed => TokenFault::Malformed,
            Self::Unknown => TokenFault::UnknownContent { block },
            Self::TooMuch => TokenFault::TooMuch { block },
        }
    }
}

impl From<Malformed> for Odd {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// A check of the one kind there is: one query, of one predicate.
fn check<'a>(bytes: &'a [u8], symbols: &Symbols<'a>) -> Result<Statement<'a>, Odd> {
    let (mut query, mut kind) = (None, None);
    let mut fields = Fields::of(bytes);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 if query.is_some() => return Err(Odd::Unknown),
            1 => query = Some(value.bytes()?),
            2 => once(&mut kind, value.number()?)?,
            _ => return Err(Odd::Malformed),
        }
    }
    if kind.unwrap_or(0) != 0 {
        return Err(Odd::Unknown);
    }
    let (mut head, mut body) = (None, None);
    let mut fields = Fields::of(query.ok_or(Odd::Unknown)?);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => once(&mut head, value.bytes()?)?,
            2 if body.is_some() => return Err(Odd::Unknown),
            2 => body = Some(value.bytes()?),
            // Expressions and scopes.
            3 | 4 => return Err(Odd::Unknown),
            _ => return Err(Odd::Malformed),
        }
    }
    let head = statement(head.ok_or(Odd::Malformed)?, symbols)?;
    if head.name != "query" || !head.terms.is_empty() {
        return Err(Odd::Unknown);
    }
    statement(body.ok_or(Odd::Unknown)?, symbols)
}

fn statement<'a>(predicate: &'a [u8], symbols: &Symbols<'a>) -> Result<Statement<'a>, Odd> {
    let (mut name, mut terms) = (None, Vec::new());
    let mut fields = Fields::of(predicate);
    while let Some((field, value)) = fields.next()? {
        match field {
            1 => once(&mut name, symbols.text(value.number()?)?)?,
            2 if terms.len() == MAX_TERMS => return Err(Odd::TooMuch),
            2 => terms.push(term(value.bytes()?, symbols)?),
            _ => return Err(Odd::Malformed),
        }
    }
    let name = name.ok_or(Odd::Malformed)?;
    Ok(Statement { name, terms })
}

fn term<'a>(bytes: &'a [u8], symbols: &Symbols<'a>) -> Result<Term<'a>, Odd> {
    let mut fields = Fields::of(bytes);
    let (Some((field, value)), None) = (fields.next()?, fields.next()?) else {
        return Err(Odd::Malformed);
    };
    match field {
        2 => Ok(Term::Integer(value.number()?.cast_signed())),
        3 => Ok(Term::Text(Cow::Borrowed(symbols.text(value.number()?)?))),
        4 => Ok(Term::Date(value.number()?)),
        5 => Ok(Term::Bytes(Cow::Borrowed(value.bytes()?))),
        6 => match value.number()? {
            0 => Ok(Term::Boolean(false)),
            1 => Ok(Term::Boolean(true)),
            _ => Err(Odd::Malformed),
        },
        7 => set(value.bytes()?, symbols),
        // Variables, null, arrays and maps.
        1 | 8..=10 => Err(Odd::Unknown),
        _ => Err(Odd::Malformed),
    }
}

fn set<'a>(bytes: &'a [u8], symbols: &Symbols<'a>) -> Result<Term<'a>, Odd> {
    let (mut texts, mut others) = (Vec::new(), false);
    let mut fields = Fields::of(bytes);
    while let Some((field, value)) = fields.next()? {
        if field != 1 {
            return Err(Odd::Malformed);
        }
        if texts.len() == MAX_VALUES {
            return Err(Odd::TooMuch);
        }
        // Looked at no deeper: what a set of sets holds is nothing of ours.
        match Fields::only(value.bytes()?, 3) {
            Ok(Value::Number(number)) => texts.push(Cow::Borrowed(symbols.text(number)?)),
            _ => others = true,
        }
    }
    Ok(if others {
        Term::Others
    } else {
        Term::Texts(texts)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The symbols are a part of the format, and no public constant of the crate for it.
    #[test]
    fn default_symbols() {
        let mut table = biscuit_auth::datalog::SymbolTable::new();
        for (number, symbol) in (0..).zip(DEFAULT_SYMBOLS) {
            assert_eq!(table.insert(symbol), number);
        }
        assert_eq!(table.insert("callgate_capability"), OFFSET);
    }
}
