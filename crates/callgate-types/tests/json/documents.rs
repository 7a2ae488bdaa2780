//! Random documents, and random spellings of them.

use std::fmt::Write as _;

use proptest::prelude::*;

/// A JSON value without any spelling; numbers are well-formed tokens.
#[derive(Clone, Debug)]
pub(crate) enum Document {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Array(Vec<Document>),
    Object(Vec<(String, Document)>),
}

/// The token of a number.
pub(crate) fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,4})?",
        1 => "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-2]?[0-9]{1,2})?",
        1 => "-?(0|[1-9]0{0,25})(\\.0{1,25})?([eE][+-]?[0-9]{1,2})?",
    ]
}

/// Text with a taste for what needs care.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => proptest::char::range(' ', '~'),
        1 => proptest::char::range('\0', '\u{a0}'),
        1 => proptest::sample::select(vec!['"', '\\', '/', '\u{61c}', '\u{202e}', '\u{2028}']),
        1 => any::<char>(),
    ];
    proptest::collection::vec(character, 0..12).prop_map(String::from_iter)
}

pub(crate) fn document() -> impl Strategy<Value = Document> {
    let leaf = prop_oneof![
        Just(Document::Null),
        any::<bool>().prop_map(Document::Boolean),
        number().prop_map(Document::Number),
        text().prop_map(Document::Text),
    ];
    leaf.prop_recursive(4, 48, 12, |inner| {
        let members = proptest::collection::btree_map(text(), inner.clone(), 0..12);
        prop_oneof![
            proptest::collection::vec(inner, 0..8).prop_map(Document::Array),
            members.prop_map(|members| Document::Object(members.into_iter().collect())),
        ]
    })
}

/// Writes documents; every choice it has comes from `seed`.
pub(crate) struct Speller {
    seed: u64,
}

impl Speller {
    pub(crate) fn spell(document: &Document, seed: u64) -> String {
        let mut out = String::new();
        Self { seed }.put(document, &mut out);
        out
    }

    /// A number below `bound`, by a 64-bit linear congruence.
    fn below(&mut self, bound: usize) -> usize {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.seed >> 33).unwrap() % bound
    }

    fn put(&mut self, document: &Document, out: &mut String) {
        self.space(out);
        match document {
            Document::Null => out.push_str("null"),
            Document::Boolean(value) => out.push_str(&value.to_string()),
            Document::Number(token) => self.number(token, out),
            Document::Text(text) => self.text(text, out),
            Document::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    self.put(item, out);
                }
                self.space(out);
                out.push(']');
            }
            Document::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                for last in (1..members.len()).rev() {
                    members.swap(last, self.below(last + 1));
                }
                out.push('{');
                for (place, (key, member)) in members.into_iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    self.space(out);
                    self.text(key, out);
                    self.space(out);
                    out.push(':');
                    self.put(member, out);
                }
                self.space(out);
                out.push('}');
            }
        }
        self.space(out);
    }

    fn space(&mut self, out: &mut String) {
        if self.below(8) == 0 {
            out.push([' ', '\t', '\n', '\r'][self.below(4)]);
        }
    }

    /// The same value: zeros behind the point, or the point moved and the exponent with it.
    fn number(&mut self, token: &str, out: &mut String) {
        let (digits, exponent) = token.split_once(['e', 'E']).unwrap_or((token, "0"));
        let exponent: i32 = exponent.parse().unwrap();
        match self.below(4) {
            0 => out.push_str(token),
            1 => {
                let zeros = "0".repeat(self.below(30));
                let point = if digits.contains('.') { "" } else { ".0" };
                write!(out, "{digits}{point}{zeros}E{exponent:+}").unwrap();
            }
            2 => {
                let more = i32::try_from(self.below(25)).unwrap();
                let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
                let digits = format!("{whole}{fraction}");
                let sign = if digits.starts_with('-') { "-" } else { "" };
                let digits = digits.trim_start_matches(['-', '0']);
                let digits = if digits.is_empty() { "0" } else { digits };
                let zeros = "0".repeat(usize::try_from(more).unwrap());
                let zeros = if digits == "0" { "" } else { &zeros };
                let exponent = exponent - more - i32::try_from(fraction.len()).unwrap();
                write!(out, "{sign}{digits}{zeros}e{exponent}").unwrap();
            }
            _ => {
                let sign = if token.starts_with('-') { "-" } else { "" };
                let unsigned = digits.trim_start_matches('-');
                let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
                let places = i32::try_from(whole.len()).unwrap();
                let exponent = exponent + places;
                write!(out, "{sign}0.{whole}{fraction}e{exponent}").unwrap();
            }
        }
    }

    fn text(&mut self, text: &str, out: &mut String) {
        out.push('"');
        for character in text.chars() {
            let must = matches!(character, '"' | '\\' | '\0'..='\u{1f}');
            if must || self.below(8) == 0 {
                self.escape(character, out);
            } else {
                out.push(character);
            }
        }
        out.push('"');
    }

    fn escape(&mut self, character: char, out: &mut String) {
        let short = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '/' => "\\/",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ => "",
        };
        if !short.is_empty() && self.below(2) == 0 {
            return out.push_str(short);
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            if self.below(2) == 0 {
                write!(out, "\\u{unit:04X}").unwrap();
            } else {
                write!(out, "\\u{unit:04x}").unwrap();
            }
        }
    }
}
