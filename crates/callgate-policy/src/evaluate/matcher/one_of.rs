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
    /// Those of at most eight bytes, each in one word: see [`JsonRef::text_word`]. That holds no
    /// zero, so a text with one is not among them.
    words: Box<[u64]>,
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
            words: texts.iter().filter_map(|text| word(text)).collect(),
            texts: texts.into(),
            others: others.into(),
        }
    }

    /// As [`Choice::holds`], for what arguments are.
    #[inline]
    pub(super) fn holds_of(&self, json: JsonRef<'_>) -> Truth {
        match json.text_word() {
            Some(word) if self.words.contains(&word) => Truth::Yes,
            Some(_) if !self.texts.is_empty() => Truth::No,
            _ => self.holds(Value::Json(json)),
        }
    }

    #[inline(never)]
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

/// A text in one word, where a value can be written so.
fn word(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    let mut word = [0; 8];
    word.get_mut(..bytes.len())?.copy_from_slice(bytes);
    (!bytes.contains(&0)).then_some(u64::from_le_bytes(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::Json;

    #[track_caller]
    fn check(listed: &[&str], text: &str, expected: Truth) {
        let scalars = listed.iter().map(|text| Scalar::Text((*text).into()));
        let choice = Choice::new(&scalars.collect::<Vec<_>>());
        let json = Json::parse(text).unwrap();
        assert_eq!(choice.holds_of(json.root()), expected, "{text}");
        assert_eq!(choice.holds(Value::Json(json.root())), expected, "{text}");
    }

    #[test]
    fn short_and_long_texts() {
        let listed = ["EUR", "", "exactly8", "more than eight", "USD\0"];
        for text in listed {
            check(&listed, &serde_json::to_string(text).unwrap(), Truth::Yes);
        }
        for text in [
            r#""\u0045UR""#,
            r#""EUR\u0000""#,
            r#""USD""#,
            r#""exactly""#,
        ] {
            let expected = if text.contains("45") {
                Truth::Yes
            } else {
                Truth::No
            };
            check(&listed, text, expected);
        }
        check(&["more than eight"], r#""more""#, Truth::No);
        check(&[], r#""EUR""#, Truth::Unknown);
        check(&["EUR"], "1", Truth::Unknown);
    }
}
