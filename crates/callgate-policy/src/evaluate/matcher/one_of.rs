//! `one_of`: the value is in a list.
//!
//! Protects any tool that takes one of a few words or numbers. Unknown only where the list holds
//! nothing of the value's type.

use callgate_types::{JsonRef, quick_hash};

use super::{Truth, Value, equals, of_another_type};
use crate::document::Scalar;

/// The listed values, by type.
#[derive(Debug)]
pub(crate) struct Choice {
    /// In order of bytes.
    texts: Box<[Box<str>]>,
    /// Numbers and truth values.
    others: Box<[Scalar]>,
}

impl Choice {
    pub(crate) fn new(scalars: &[Scalar]) -> Self {
        let mut texts = Vec::new();
        let mut others = Vec::new();
        for scalar in scalars {
            match scalar {
                Scalar::Text(text) => texts.push(text.clone()),
                other => others.push(other.clone()),
            }
        }
        texts.sort_unstable();
        texts.dedup();
        Self {
            texts: texts.into(),
            others: others.into(),
        }
    }

    /// As [`Choice::holds`], for what arguments are.
    #[inline]
    pub(super) fn holds_of(&self, json: JsonRef<'_>) -> Truth {
        match json.as_text_bytes() {
            Some(text) => self.has(text),
            None => self.other_holds(Value::Json(json)),
        }
    }

    pub(super) fn holds(&self, value: Value<'_>) -> Truth {
        match value.as_bytes() {
            Some(text) => self.has(text),
            None => self.other_holds(value),
        }
    }

    /// As [`Choice::holds`], for what is no text.
    #[inline(never)]
    fn other_holds(&self, value: Value<'_>) -> Truth {
        let comparable = match value.kind() {
            None => return of_another_type(value),
            Some(kind) => self
                .others
                .iter()
                .any(|other| super::kind_of(other) == kind),
        };
        if !comparable {
            return Truth::Unknown;
        }
        let mut others = self.others.iter();
        others.any(|other| equals::is(other, value)).into()
    }

    #[inline]
    fn has(&self, text: &[u8]) -> Truth {
        if self.texts.is_empty() {
            Truth::Unknown
        } else {
            self.has_text(text).into()
        }
    }

    #[inline]
    fn has_text(&self, text: &[u8]) -> bool {
        // Lengths tell most words apart: few words are quicker compared one by one.
        const FEW: usize = 8;
        if self.texts.len() <= FEW {
            let mut texts = self.texts.iter();
            return texts.any(|known| quick_hash::same(known.as_bytes(), text));
        }
        self.texts
            .binary_search_by(|known| known.as_bytes().cmp(text))
            .is_ok()
    }
}
