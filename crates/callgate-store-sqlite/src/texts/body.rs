//! What a row holds of a text: the byte 1, and what [`ClearText::write`] writes.
//!
//! A text that is erased is written over with zeros where it stands. The length stays, so that SQLite
//! moves nothing: a row that moves leaves its bytes behind in the page that it came from.

use callgate_audit::texts::{ClearText, StoredText};

const TEXT: u8 = 1;

/// The row of a text.
pub(super) fn of(text: &ClearText<'_>) -> Vec<u8> {
    let mut body = vec![TEXT];
    text.write(&mut body);
    body
}

/// The text in a row, `None` where it was erased.
pub(super) fn read(body: &[u8]) -> Option<StoredText> {
    if body.iter().all(|byte| *byte == 0) {
        return None;
    }
    let text = body.strip_prefix(&[TEXT]).map(StoredText::read);
    Some(text.unwrap_or_else(StoredText::foreign))
}

#[cfg(test)]
mod tests {
    use callgate_audit::texts::Salt;

    use super::*;

    #[test]
    fn rows_come_back() {
        for (salt, text) in [([7; 32], "\"ü\""), ([0; 32], ""), ([0xff; 32], "{}")] {
            let text = ClearText::new(Salt::from_bytes(salt), text).unwrap();
            let body = of(&text);
            let found = read(&body).unwrap();
            assert_eq!(found.text(), text.text());
            assert!(found.matches(text.commitment()));
            assert_eq!(read(&vec![0; body.len()]), None);
        }
    }

    #[test]
    fn rows_that_hold_something_else() {
        let half = [[TEXT].as_slice(), &[7; 32], &[0xff, b'x']].concat();
        let blank = [[0; 33].as_slice(), b"left"].concat();
        for body in [b"\x01short".as_slice(), b"\x02", &half, &blank] {
            let found = read(body).unwrap();
            assert_eq!(found.text(), "");
        }
        assert_eq!(read(b""), None);
    }
}
