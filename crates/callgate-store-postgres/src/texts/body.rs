//! What a row holds of a text: the 32 bytes of the salt, and the text.

use callgate_audit::texts::{ClearText, Salt, StoredText};

const SALT: usize = 32;

/// The row of a text.
pub(super) fn of(text: &ClearText<'_>) -> Vec<u8> {
    let mut body = text.salt().as_bytes().to_vec();
    body.extend_from_slice(text.text().as_bytes());
    body
}

/// The text in a row. What is no text cannot be shown to be the right one: then it is an empty one.
pub(super) fn read(body: &[u8]) -> StoredText {
    let text = stored(body);
    text.unwrap_or_else(|| StoredText::new(Salt::from_bytes([0; SALT]), ""))
}

fn stored(body: &[u8]) -> Option<StoredText> {
    let (salt, text) = body.split_first_chunk::<SALT>()?;
    let text = str::from_utf8(text).ok()?;
    Some(StoredText::new(Salt::from_bytes(*salt), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        for (salt, text) in [([7; SALT], "\"ü\""), ([0; SALT], ""), ([0xff; SALT], "{}")] {
            let text = ClearText::new(Salt::from_bytes(salt), text).unwrap();
            let found = read(&of(&text));
            assert_eq!(found.text(), text.text());
            assert!(found.matches(text.commitment()));
        }
    }

    #[test]
    fn rows_that_hold_something_else() {
        let half = [[7; SALT].as_slice(), &[0xff, b'x']].concat();
        for body in [b"".as_slice(), b"short", &half] {
            assert_eq!(read(body).text(), "");
        }
    }
}
