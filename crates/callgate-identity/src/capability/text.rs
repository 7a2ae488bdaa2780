//! The letters of a token: base64 for URLs, spelled in one way.

use base64ct::{Base64Url, Encoding as _};

/// The text for `bytes`, padded to a multiple of four letters.
pub(super) fn encode(bytes: &[u8]) -> String {
    Base64Url::encode_string(bytes)
}

/// The bytes that `text` spells; `None` where it is not the spelling that [`encode`] gives.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = Base64Url::decode_vec(text).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[u8]>) {
        assert_eq!(decode(text).as_deref(), expected);
    }

    #[test]
    fn spellings() {
        check("_-8=", Some(&[0xff, 0xef]));
        check("AA==", Some(&[0]));
        check("AAAA", Some(&[0, 0, 0]));
        for text in [
            "", "A", "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA=A", "AA==AAAA", "+/8=",
            "AA==\n",
        ] {
            check(text, None);
        }
    }

    proptest! {
        #[test]
        fn there_is_one_spelling(bytes in prop::collection::vec(any::<u8>(), 1..100)) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(&text), Some(bytes));
        }

        #[test]
        fn what_is_read_is_written_the_same(text in "[A-Za-z0-9_=-]{0,40}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
