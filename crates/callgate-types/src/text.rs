//! Bounds on names.

/// Longest name, in bytes, of a tool, principal, tenant, session, call and the like.
pub(crate) const MAX_NAME: usize = 256;

/// Whether `text` can name something: 1 to 256 bytes, no control characters.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !has_control(text)
}

fn has_control(text: &str) -> bool {
    may_have_control(text.as_bytes()) && text.chars().any(char::is_control)
}

/// Whether a byte is a control character or not ASCII.
#[inline]
fn may_have_control(bytes: &[u8]) -> bool {
    /// The high bit of each byte.
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let is_special = |byte: u8| byte.wrapping_sub(b' ') >= 0x7f - b' ';
    // Of eight bytes at once; only whether there is any is certain.
    let special = |eight: &[u8; 8]| {
        let word = u64::from_le_bytes(*eight);
        let below = word.wrapping_sub(u64::from_ne_bytes([b' '; 8]));
        (below | word | word.wrapping_add(u64::from_ne_bytes([1; 8]))) & HIGH
    };
    let (words, rest) = bytes.as_chunks::<8>();
    match bytes.last_chunk() {
        // The last bytes, of which some have been looked at.
        Some(last) => {
            words
                .iter()
                .fold(special(last), |any, word| any | special(word))
                != 0
        }
        None => rest.iter().any(|byte| is_special(*byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_at_every_place() {
        for length in 1..20 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut bytes = vec![b'~'; length];
                    bytes[place] = byte;
                    assert_eq!(may_have_control(&bytes), !(b' '..0x7f).contains(&byte));
                }
            }
        }
        for name in ["é", "a\u{301}", "日本", &"a".repeat(MAX_NAME)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a\n", "\u{85}", "\u{7f}", &"a".repeat(MAX_NAME + 1)] {
            assert!(!is_name(name), "{}", name.escape_unicode());
        }
    }
}
