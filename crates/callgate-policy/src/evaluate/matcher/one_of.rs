//! `one_of`: the value is in a list.
//!
//! Protects any tool that takes one of a few words or numbers. Unknown only where the list holds
//! nothing of the value's type.

use callgate_types::{JsonKind, quick_hash};

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

    #[inline]
    pub(super) fn holds(&self, value: Value<'_>) -> Truth {
        let comparable = match value.kind() {
            None => return of_another_type(value),
            Some(JsonKind::Text) => !self.texts.is_empty(),
            Some(kind) => self
                .others
                .iter()
                .any(|other| super::kind_of(other) == kind),
        };
        if !comparable {
            return Truth::Unknown;
        }
        match value.as_str() {
            Some(text) => self.has_text(text),
            None => self.others.iter().any(|other| equals::is(other, value)),
        }
        .into()
    }

    #[inline]
    fn has_text(&self, text: &str) -> bool {
        // Lengths tell most words apart: few words are quicker compared one by one.
        const FEW: usize = 8;
        if self.texts.len() <= FEW {
            let mut texts = self.texts.iter();
            return texts.any(|known| quick_hash::same(known.as_bytes(), text.as_bytes()));
        }
        self.texts
            .binary_search_by(|known| known.as_bytes().cmp(text.as_bytes()))
            .is_ok()
    }
}
