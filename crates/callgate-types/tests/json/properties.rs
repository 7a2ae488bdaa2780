//! What holds for every document.

use callgate_types::{Json, JsonKind, JsonRef};
use proptest::prelude::*;

use crate::documents::{Document, Speller, document};

fn parse(text: &str) -> Json {
    Json::parse(text).unwrap()
}

/// Whether `value` says what `document` says; numbers as the canonical form of their token.
fn says(value: JsonRef<'_>, document: &Document) -> bool {
    match document {
        Document::Null => value.kind() == JsonKind::Null,
        Document::Boolean(expected) => value.as_bool() == Some(*expected),
        Document::Number(token) => {
            let expected = parse(token);
            value.as_number().is_some() && value.as_number() == expected.root().as_number()
        }
        Document::Text(expected) => value.as_str() == Some(expected),
        Document::Array(items) => {
            value.kind() == JsonKind::Array
                && value.len() == items.len()
                && items
                    .iter()
                    .enumerate()
                    .all(|(place, item)| value.at(place).is_some_and(|value| says(value, item)))
        }
        Document::Object(members) => {
            value.kind() == JsonKind::Object
                && value.len() == members.len()
                && members
                    .iter()
                    .all(|(key, member)| value.get(key).is_some_and(|value| says(value, member)))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_text_says_what_was_written(document in document(), seed: u64) {
        let json = parse(&Speller::spell(&document, seed));
        prop_assert!(says(json.root(), &document));
    }

    #[test]
    fn an_error_stands_in_a_value_of_the_text(document in document(), seed: u64, cut: prop::sample::Index) {
        let text = Speller::spell(&document, seed);
        let cut = text.floor_char_boundary(cut.index(text.len()));
        let whole = parse(&text);
        for put in ["", "!"] {
            let text = format!("{}{put}", text.get(..cut).unwrap());
            if let Err(refused) = Json::parse(text) && let Some(pointer) = refused.pointer() {
                let (around, last) = pointer.rsplit_once('/').unwrap();
                let around = whole.root().pointer(around).unwrap();
                // What is wrong in an empty array is wrong with its first item.
                let is_first = around.kind() == JsonKind::Array && around.is_empty() && last == "0";
                prop_assert!(is_first || whole.root().pointer(&pointer).is_some());
            }
        }
    }

    #[test]
    fn spelling_makes_no_difference(document in document(), seeds: [u64; 2]) {
        let [one, other] = seeds.map(|seed| parse(&Speller::spell(&document, seed)));
        prop_assert_eq!(one.canonical(), other.canonical());
        prop_assert_eq!(one.digest(), other.digest());
        prop_assert!(one.root().equals(other.root()));
    }

    #[test]
    fn different_values_differ(one in document(), other in document()) {
        let one = parse(&Speller::spell(&one, 0));
        let other = parse(&Speller::spell(&other, 1));
        let equal = one.root().equals(other.root());
        prop_assert_eq!(equal, one.canonical() == other.canonical());
        prop_assert_eq!(equal, one.digest() == other.digest());
    }

    #[test]
    fn canonical_is_its_own_canonical(document in document(), seed: u64) {
        let canonical = parse(&Speller::spell(&document, seed)).canonical();
        prop_assert_eq!(parse(&canonical).canonical(), canonical);
    }

    #[test]
    fn embedded_is_visible_and_says_the_same(document in document(), seed: u64) {
        let json = parse(&Speller::spell(&document, seed));
        let mut bytes = Vec::new();
        json.root().write_minified(&mut bytes);
        let embedded = String::from_utf8(bytes).unwrap();
        let visible = |character: char| {
            !character.is_control()
                && !matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}')
                && !matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        prop_assert!(embedded.chars().all(visible));
        prop_assert!(embedded.len() <= json.text().len() * 3 + 2);
        prop_assert_eq!(parse(&embedded).digest(), json.digest());

        // Each value alone is the same as inside.
        if let Some(item) = json.root().items().next() {
            let mut bytes = Vec::new();
            item.write_minified(&mut bytes);
            prop_assert!(embedded.as_bytes()[1..].starts_with(&bytes));
        }
    }

    #[test]
    fn a_repeated_key_is_found(document in document(), seed: u64, pick: prop::sample::Index) {
        let Document::Object(members) = &document else { return Ok(()) };
        if members.is_empty() {
            return Ok(());
        }
        let (key, _) = &members[pick.index(members.len())];
        let mut text = Speller::spell(&document, seed);
        let close = text.rfind('}').unwrap();
        text.truncate(close);
        text.push(',');
        let at = text.len();
        text.push_str(Speller::spell(&Document::Text(key.clone()), seed).trim_ascii());
        text.push_str(":null}");
        let refused = Json::parse(text).unwrap_err();
        prop_assert_eq!(refused.error().as_str(), "duplicate_key");
        prop_assert_eq!(refused.error().position(), at);
    }
}
