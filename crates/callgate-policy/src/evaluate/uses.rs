//! What a call counts towards the limits that are about it.

use std::borrow::Cow;
use std::fmt;

use callgate_types::{Amount, Decimal, Digest, JsonKind};

use super::statements::per_resource;
use super::{Judgement, Memo, NamedResource, Question, Value};
use crate::compile::{CompiledLimit, CompiledPart};
use crate::document::{Fact, FactRoot, KeyPart, Limit, Measure};

/// The longest text that stands in a key as it is, in bytes; of a longer one its digest does.
const MAX_TEXT: usize = 256;
/// The most keys of one limit under which a call counts; one with more cannot be counted.
const MAX_USES: usize = 64;

/// What one call counts towards one limit, under one key.
#[derive(Clone)]
pub struct Use<'p> {
    limit: &'p Limit,
    key: Vec<u8>,
    /// Whether every part of the key is known.
    is_known: bool,
    amount: Option<Amount>,
}

impl<'p> Use<'p> {
    /// The limit.
    pub const fn limit(&self) -> &'p Limit {
        self.limit
    }

    /// Under what it is counted: no two keys of any policies, limits or windows are the same.
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The key, where the rest is of no use any more.
    pub fn into_key(self) -> Vec<u8> {
        self.key
    }

    /// How much the call counts; `None` where it cannot be counted, and so exceeds: a part of the
    /// key is unknown, or what is to be added up is missing, no number, below zero or no
    /// [`Amount`].
    pub fn amount(&self) -> Option<Amount> {
        self.amount.filter(|_| self.is_known)
    }

    /// The parts of the key by name, for people. A value out of the arguments is shown as its
    /// digest, but for a unit.
    pub fn parts(&self) -> impl Iterator<Item = (String, Option<Cow<'_, str>>)> {
        let values = Parts(&self.key).skip(PREFIX);
        let parts = self.limit.per.iter().zip(values);
        parts.map(|(part, (tag, bytes))| (name(part), self.shown(part, tag, bytes)))
    }

    /// The unit of a sum, where it has one and it is known.
    pub fn unit(&self) -> Option<&str> {
        let place = self.limit.per.iter().position(|part| self.is_unit(part))?;
        let (tag, bytes) = Parts(&self.key).nth(place.checked_add(PREFIX)?)?;
        str::from_utf8(bytes).ok().filter(|_| tag == b't')
    }

    fn is_unit(&self, part: &KeyPart) -> bool {
        let Measure::Sum { unit, .. } = &self.limit.measure else {
            return false;
        };
        matches!((part, unit), (KeyPart::Value(fact), Some(unit)) if fact == unit)
    }

    fn shown<'s>(&self, part: &KeyPart, tag: u8, bytes: &'s [u8]) -> Option<Cow<'s, str>> {
        let is_argument = matches!(
            part,
            KeyPart::Value(Fact {
                root: FactRoot::Arguments,
                ..
            })
        );
        match tag {
            UNKNOWN => None,
            ABSENT => Some(Cow::Borrowed("")),
            DIGEST => {
                let digest = <[u8; 32]>::try_from(bytes).ok()?;
                Some(Digest::from_bytes(digest).to_string().into())
            }
            _ if is_argument && !self.is_unit(part) => Some(Digest::of(bytes).to_string().into()),
            _ => str::from_utf8(bytes).ok().map(Cow::Borrowed),
        }
    }
}

/// Shows no key: it may hold arguments.
impl fmt::Debug for Use<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Use")
            .field("limit", &self.limit.id)
            .finish_non_exhaustive()
    }
}

/// The name of a part, as policies spell it.
fn name(part: &KeyPart) -> String {
    match part {
        KeyPart::Tool => "tool".to_owned(),
        KeyPart::Value(fact) => format!("{}{}", fact.root.as_str(), fact.pointer),
    }
}

impl<'p> Judgement<'p> {
    /// What the call that `question` asked about counts, in order of the bytes of the ids of its
    /// limits; each key of a limit once.
    pub fn uses(&self, question: &Question<'_, 'p>) -> Vec<Use<'p>> {
        let mut uses: Vec<Use<'p>> = Vec::new();
        for (number, place, limit) in self.limits() {
            let Some(compiled) = question.tool().compiled().limit(place) else {
                continue;
            };
            let from = uses.len();
            per_resource(self, limit, number, question, |resource| {
                let one = read(limit, compiled, resource, question);
                let earlier = uses.get(from..).unwrap_or(&[]);
                let is_new = earlier.iter().all(|other| other.key != one.key);
                let is_full = earlier.len() >= MAX_USES;
                match uses.last_mut() {
                    _ if !is_new => {}
                    Some(last) if is_full => last.amount = None,
                    _ => uses.push(one),
                }
            });
        }
        uses
    }
}

fn read<'p>(
    limit: &'p Limit,
    compiled: &CompiledLimit,
    resource: Option<&NamedResource<'_>>,
    question: &Question<'_, 'p>,
) -> Use<'p> {
    let memo = Memo::new();
    let scene = question.scene(resource, &memo);
    let mut key = Vec::with_capacity(compiled.prefix.len().saturating_add(96));
    key.extend_from_slice(&compiled.prefix);
    let mut is_known = true;
    for part in &compiled.parts {
        is_known &= match part {
            CompiledPart::Tool => push_text(&mut key, question.tool().name()),
            CompiledPart::Value(source) => push_value(&mut key, scene.read(*source)),
        };
    }
    if compiled.within_tenant {
        match question.caller().tenant() {
            Some(tenant) => {
                push_text(&mut key, tenant);
            }
            None => push_part(&mut key, ABSENT, &[]),
        }
    }
    let amount = match compiled.of {
        None => Some(Amount::whole(1)),
        Some(source) => added(scene.read(source)),
    };
    Use {
        limit,
        key,
        is_known,
        amount,
    }
}

/// What a value adds to a sum.
fn added(value: Value<'_>) -> Option<Amount> {
    let amount = Amount::of(value.as_number()?)?;
    (!amount.is_negative()).then_some(amount)
}

/// What stands before the parts of a key: policy, limit and window.
const PREFIX: usize = 3;

const TEXT: u8 = b't';
const NUMBER: u8 = b'n';
const BOOLEAN: u8 = b'b';
const DIGEST: u8 = b'h';
const ABSENT: u8 = b'-';
const UNKNOWN: u8 = b'?';

/// Appends a part of a key, so that no two lists of parts are the same bytes.
pub(crate) fn push_part(key: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    key.push(tag);
    key.extend_from_slice(&length.to_be_bytes());
    key.extend_from_slice(bytes);
}

fn push_text(key: &mut Vec<u8>, text: &str) -> bool {
    if text.len() > MAX_TEXT {
        push_part(key, DIGEST, Digest::of(text.as_bytes()).as_bytes());
    } else {
        push_part(key, TEXT, text.as_bytes());
    }
    true
}

/// Appends a value; whether it is known. What holds other values, and `null`, is not.
fn push_value(key: &mut Vec<u8>, value: Value<'_>) -> bool {
    match value {
        Value::Absent => {
            push_part(key, ABSENT, &[]);
            true
        }
        Value::Text(text) => push_text(key, text),
        Value::Json(json) => match (json.kind(), json.as_str(), json.as_number()) {
            (_, Some(text), _) => push_text(key, text),
            (_, _, Some(number)) => {
                let exact = Decimal::from(number).to_string();
                if exact.len() > MAX_TEXT {
                    push_part(key, DIGEST, Digest::of(exact.as_bytes()).as_bytes());
                } else {
                    push_part(key, NUMBER, exact.as_bytes());
                }
                true
            }
            (JsonKind::Boolean, _, _) => {
                push_part(key, BOOLEAN, json.raw().as_bytes());
                true
            }
            _ => unknown(key),
        },
        Value::Unknown => unknown(key),
    }
}

fn unknown(key: &mut Vec<u8>) -> bool {
    push_part(key, UNKNOWN, &[]);
    false
}

/// The parts of a key, each with its tag.
struct Parts<'k>(&'k [u8]);

impl<'k> Iterator for Parts<'k> {
    type Item = (u8, &'k [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (tag, rest) = self.0.split_first()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (bytes, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, bytes))
    }
}
