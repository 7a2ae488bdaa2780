//! Agreement with `serde_json` on what is JSON.

use callgate_types::{Json, JsonError};
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::documents::{Speller, document};

/// Whether the text is refused for a reason that plain JSON does not know.
fn is_ours_alone(error: &JsonError) -> bool {
    matches!(
        error,
        JsonError::DuplicateKey { .. }
            | JsonError::TooDeep { .. }
            | JsonError::TooLarge { .. }
            | JsonError::ExponentOutOfRange { .. }
            | JsonError::LoneSurrogate { .. }
    )
}

/// The value with every number replaced: what `serde_json` makes of numbers depends on features.
fn without_numbers(value: &mut Value) {
    match value {
        Value::Number(_) => *value = Value::Null,
        Value::Array(items) => items.iter_mut().for_each(without_numbers),
        Value::Object(members) => members.values_mut().for_each(without_numbers),
        _ => (),
    }
}

fn check(text: &str) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_str::<IgnoredAny>(text);
    match Json::parse(text) {
        Ok(json) => {
            prop_assert!(theirs.is_ok());
            let ours = json.to_value();
            let theirs = serde_json::from_str::<Value>(text);
            if let (Ok(mut ours), Ok(mut theirs)) = (ours, theirs) {
                without_numbers(&mut ours);
                without_numbers(&mut theirs);
                prop_assert_eq!(ours, theirs);
            }
        }
        Err(refused) => {
            prop_assert!(refused.error().position() <= text.len());
            prop_assert!(is_ours_alone(refused.error()) || theirs.is_err());
        }
    }
    Ok(())
}

/// What a change puts into a text.
fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\[\\]{}\",:\\\\0-9eE.+tfn u-]{0,3}",
        "\\\\u[dD][89abcdef][0-9a-f]{2}",
        "\\PC",
        Just("\u{0}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn documents_are_accepted(document in document(), seed: u64) {
        let text = Speller::spell(&document, seed);
        prop_assert!(Json::parse(text.as_str()).is_ok());
        check(&text)?;
    }

    #[test]
    fn damaged_documents(
        document in document(),
        seed: u64,
        from: prop::sample::Index,
        remove in 0_usize..3,
        insert in scrap(),
    ) {
        let mut characters: Vec<_> = Speller::spell(&document, seed).chars().collect();
        let from = from.index(characters.len());
        let to = (from + remove).min(characters.len());
        characters.splice(from..to, insert.chars());
        check(&String::from_iter(characters))?;
    }

    #[test]
    fn random_tokens(text in "([\\[\\]{},:]|\"a\"|\"b\"|1|-|0|null|true| ){0,12}") {
        check(&text)?;
    }
}
