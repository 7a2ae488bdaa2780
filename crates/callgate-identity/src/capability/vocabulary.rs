//! What statements mean: the table of `docs/spec/capability.md`, in both directions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use callgate_types::{Decimal, PrincipalId};
use chrono::{DateTime, Utc};

use super::block::{Content, MAX_VALUES, Statement, Term};
use super::bound::{Bound, Scalar};
use super::fault::TokenFault;
use super::key::PublicKey;
use super::restrictions::{ArgumentBound, Ids, Restrictions};

const CAPABILITY: &str = "callgate_capability";
const TENANT: &str = "tenant";
const TASK: &str = "task";
const TOOLS: &str = "tools";
const RESOURCES: &str = "resources";
const BEFORE: &str = "before";
const NOT_BEFORE: &str = "not_before";
const HOLDER: &str = "holder";
const ARGUMENT_IN: &str = "argument_in";
const ARGUMENT_AT_MOST: &str = "argument_at_most";
const ARGUMENT_AT_LEAST: &str = "argument_at_least";
const ARGUMENT_STARTS_WITH: &str = "argument_starts_with";

const FORMAT: i64 = 1;
/// Longest name or pointer, in bytes.
const MAX_NAME: usize = 256;
/// Longest value of an argument, in bytes.
const MAX_SCALAR: usize = 1024;
/// Longest number, in bytes.
const MAX_NUMBER: usize = 128;
/// The last second of the year 9999.
const MAX_DATE: u64 = 253_402_300_799;

/// What block 0 says and no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) subject: PrincipalId,
    pub(super) tenant: Box<str>,
    pub(super) task: Box<str>,
}

/// Reads block 0.
pub(super) fn authority(content: &Content<'_>) -> Result<(Authority, Restrictions), TokenFault> {
    let mut reader = Reader::new(0);
    let subject = match &*content.facts {
        [] => return Err(TokenFault::Incomplete { word: CAPABILITY }),
        [fact] if fact.name == CAPABILITY => subject(&fact.terms).ok_or(reader.bad(CAPABILITY))?,
        _ => return Err(TokenFault::UnknownContent { block: 0 }),
    };
    reader.all(&content.checks)?;
    let lacking = |word| TokenFault::Incomplete { word };
    let authority = Authority {
        subject,
        tenant: reader.tenant.ok_or(lacking(TENANT))?,
        task: reader.task.ok_or(lacking(TASK))?,
    };
    let restrictions = reader.restrictions;
    if restrictions.tools.is_none() {
        return Err(lacking(TOOLS));
    }
    if restrictions.before.is_none() {
        return Err(lacking(BEFORE));
    }
    Ok((authority, restrictions))
}

/// Reads any other block.
pub(super) fn attenuation(content: &Content<'_>, block: usize) -> Result<Restrictions, TokenFault> {
    let mut reader = Reader::new(block);
    reader.all(&content.checks)?;
    if !content.facts.is_empty() || reader.tenant.is_some() || reader.task.is_some() {
        return Err(TokenFault::UnknownContent { block });
    }
    Ok(reader.restrictions)
}

fn subject(terms: &[Term<'_>]) -> Option<PrincipalId> {
    match terms {
        [Term::Integer(FORMAT), Term::Text(subject)] => subject.parse().ok(),
        _ => None,
    }
}

struct Reader {
    block: usize,
    tenant: Option<Box<str>>,
    task: Option<Box<str>>,
    restrictions: Restrictions,
}

impl Reader {
    fn new(block: usize) -> Self {
        Self {
            block,
            tenant: None,
            task: None,
            restrictions: Restrictions::new(),
        }
    }

    const fn bad(&self, word: &'static str) -> TokenFault {
        let block = self.block;
        TokenFault::BadValue { block, word }
    }

    fn all(&mut self, checks: &[Statement<'_>]) -> Result<(), TokenFault> {
        checks.iter().try_for_each(|check| self.one(check))
    }

    fn one(&mut self, check: &Statement<'_>) -> Result<(), TokenFault> {
        let terms = &*check.terms;
        let known = &mut self.restrictions;
        let (word, read) = match check.name {
            TENANT => (TENANT, once(&mut self.tenant, only_name(terms))),
            TASK => (TASK, once(&mut self.task, only_name(terms))),
            TOOLS => (TOOLS, once(&mut known.tools, tools(terms))),
            RESOURCES => (RESOURCES, once(&mut known.resources, resources(terms))),
            BEFORE => (BEFORE, once(&mut known.before, moment(terms))),
            NOT_BEFORE => (NOT_BEFORE, once(&mut known.not_before, moment(terms))),
            HOLDER => (HOLDER, once(&mut known.holder, holder(terms))),
            ARGUMENT_IN => (ARGUMENT_IN, self.argument(terms, one_of)),
            ARGUMENT_AT_MOST => {
                let at_most = |term: &Term<'_>| number(term).map(Bound::AtMost);
                (ARGUMENT_AT_MOST, self.argument(terms, at_most))
            }
            ARGUMENT_AT_LEAST => {
                let at_least = |term: &Term<'_>| number(term).map(Bound::AtLeast);
                (ARGUMENT_AT_LEAST, self.argument(terms, at_least))
            }
            ARGUMENT_STARTS_WITH => (ARGUMENT_STARTS_WITH, self.argument(terms, starts_with)),
            _ => return Err(TokenFault::UnknownContent { block: self.block }),
        };
        read.ok_or_else(|| self.bad(word))
    }

    fn argument(
        &mut self,
        terms: &[Term<'_>],
        bound: impl FnOnce(&Term<'_>) -> Option<Bound>,
    ) -> Option<()> {
        let [Term::Text(tool), Term::Text(pointer), value] = terms else {
            return None;
        };
        if !is_name(tool) || !is_pointer(pointer) {
            return None;
        }
        let bound = bound(value)?;
        let arguments = &mut self.restrictions.arguments;
        let same = |other: &ArgumentBound| {
            *other.tool == **tool
                && *other.pointer == **pointer
                && word(&other.bound) == word(&bound)
        };
        if arguments.iter().any(same) {
            return None;
        }
        arguments.push(ArgumentBound {
            tool: (&**tool).into(),
            pointer: (&**pointer).into(),
            bound,
        });
        Some(())
    }
}

/// Sets what may be said once; `None` where it was said before, or there is nothing to set.
fn once<T>(place: &mut Option<T>, value: Option<T>) -> Option<()> {
    match place.replace(value?) {
        None => Some(()),
        Some(_) => None,
    }
}

fn only_name(terms: &[Term<'_>]) -> Option<Box<str>> {
    match terms {
        [Term::Text(name)] if is_name(name) => Some((&**name).into()),
        _ => None,
    }
}

fn tools(terms: &[Term<'_>]) -> Option<BTreeSet<Box<str>>> {
    match terms {
        [set] => names(set),
        _ => None,
    }
}

fn names(set: &Term<'_>) -> Option<BTreeSet<Box<str>>> {
    distinct(set, |name| is_name(name).then(|| name.into()))
}

/// The texts of a set that has some and none of them twice, each as `read` makes of it.
fn distinct<T: Ord>(set: &Term<'_>, read: impl Fn(&str) -> Option<T>) -> Option<BTreeSet<T>> {
    let Term::Texts(texts) = set else {
        return None;
    };
    let read: Option<BTreeSet<T>> = texts.iter().map(|text| read(text)).collect();
    read.filter(|read| !read.is_empty() && read.len() == texts.len())
}

fn resources(terms: &[Term<'_>]) -> Option<BTreeMap<Box<str>, Ids>> {
    let (pairs, []) = terms.as_chunks::<2>() else {
        return None;
    };
    let mut kinds: BTreeMap<Box<str>, Ids> = BTreeMap::new();
    for pair in pairs {
        let [Term::Text(kind), ids] = pair else {
            return None;
        };
        let ascends = kinds
            .last_key_value()
            .is_none_or(|(last, _)| **last < **kind);
        if !is_name(kind) || !ascends {
            return None;
        }
        let ids = match ids {
            Term::Boolean(true) => Ids::All,
            set => Ids::Listed(names(set)?),
        };
        kinds.insert((&**kind).into(), ids);
    }
    (!kinds.is_empty() && kinds.len() <= MAX_VALUES).then_some(kinds)
}

fn moment(terms: &[Term<'_>]) -> Option<DateTime<Utc>> {
    match terms {
        [Term::Date(seconds)] if *seconds <= MAX_DATE => {
            DateTime::from_timestamp(i64::try_from(*seconds).ok()?, 0)
        }
        _ => None,
    }
}

fn holder(terms: &[Term<'_>]) -> Option<PublicKey> {
    match terms {
        [Term::Bytes(key)] => PublicKey::from_bytes((&**key).try_into().ok()?).ok(),
        _ => None,
    }
}

fn one_of(set: &Term<'_>) -> Option<Bound> {
    let scalar = |text: &str| {
        let short = text.len() <= MAX_SCALAR;
        short.then(|| Scalar::of_canonical(text)).flatten()
    };
    distinct(set, scalar).map(Bound::OneOf)
}

fn number(term: &Term<'_>) -> Option<Decimal> {
    let Term::Text(text) = term else {
        return None;
    };
    if text.len() > MAX_NUMBER {
        return None;
    }
    let number: Decimal = text.parse().ok()?;
    (number.to_string() == **text).then_some(number)
}

fn starts_with(term: &Term<'_>) -> Option<Bound> {
    match term {
        Term::Text(text) if is_prefix(text) => Some(Bound::StartsWith((&**text).into())),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn is_prefix(text: &str) -> bool {
    let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(printable)
}

fn is_pointer(text: &str) -> bool {
    let mut escapes = text.split('~');
    text.starts_with('/')
        && text.len() <= MAX_NAME
        && escapes.next().is_some()
        && escapes.all(|after| after.starts_with(['0', '1']))
}

/// The word for a bound.
const fn word(bound: &Bound) -> &'static str {
    match bound {
        Bound::OneOf(_) => ARGUMENT_IN,
        Bound::AtMost(_) => ARGUMENT_AT_MOST,
        Bound::AtLeast(_) => ARGUMENT_AT_LEAST,
        Bound::StartsWith(_) => ARGUMENT_STARTS_WITH,
    }
}

/// The statements of a block: those of an authority, where it is block 0, and of `restrictions`.
///
/// Values are written as they are: whoever reads them checks them.
pub(super) fn content<'a>(
    authority: Option<&'a Authority>,
    restrictions: &'a Restrictions,
) -> Content<'a> {
    let mut content = Content::default();
    if let Some(authority) = authority {
        let subject = Term::Text(authority.subject.as_str().into());
        content.facts.push(Statement {
            name: CAPABILITY,
            terms: vec![Term::Integer(FORMAT), subject],
        });
    }
    let checks = &mut content.checks;
    let mut say = |name, terms| checks.push(Statement { name, terms });
    if let Some(authority) = authority {
        say(TENANT, vec![text(&authority.tenant)]);
        say(TASK, vec![text(&authority.task)]);
    }
    if let Some(tools) = &restrictions.tools {
        say(TOOLS, vec![texts(tools)]);
    }
    for ArgumentBound {
        tool,
        pointer,
        bound,
    } in &restrictions.arguments
    {
        say(word(bound), vec![text(tool), text(pointer), value(bound)]);
    }
    if let Some(kinds) = &restrictions.resources {
        let pairs = kinds.iter().flat_map(|(kind, ids)| {
            let ids = match ids {
                Ids::All => Term::Boolean(true),
                Ids::Listed(ids) => texts(ids),
            };
            [text(kind), ids]
        });
        say(RESOURCES, pairs.collect());
    }
    if let Some(moment) = restrictions.not_before {
        let part = u64::from(moment.timestamp_subsec_nanos() > 0);
        say(
            NOT_BEFORE,
            vec![Term::Date(seconds(moment).saturating_add(part))],
        );
    }
    if let Some(moment) = restrictions.before {
        say(BEFORE, vec![Term::Date(seconds(moment))]);
    }
    if let Some(key) = &restrictions.holder {
        say(HOLDER, vec![Term::Bytes(Cow::Borrowed(key.as_bytes()))]);
    }
    content
}

/// A moment before 1970 is 1970: as a limit it is over, as a beginning it is reached.
fn seconds(moment: DateTime<Utc>) -> u64 {
    u64::try_from(moment.timestamp()).unwrap_or(0)
}

fn text(text: &str) -> Term<'_> {
    Term::Text(Cow::Borrowed(text))
}

fn texts(set: &BTreeSet<Box<str>>) -> Term<'_> {
    Term::Texts(set.iter().map(|text| Cow::Borrowed(&**text)).collect())
}

fn value(bound: &Bound) -> Term<'_> {
    match bound {
        Bound::OneOf(scalars) => {
            let canonical = scalars.iter().map(|scalar| Cow::Owned(scalar.canonical()));
            Term::Texts(canonical.collect())
        }
        Bound::AtMost(number) | Bound::AtLeast(number) => {
            Term::Text(Cow::Owned(number.to_string()))
        }
        Bound::StartsWith(prefix) => text(prefix),
    }
}
