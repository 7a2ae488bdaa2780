//! A text that nobody is to see.

use std::fmt::{self, Write as _};

use zeroize::Zeroizing;

/// The secret of a credential.
///
/// It can be neither shown nor copied nor written down; its memory is wiped when it is dropped. What
/// a tool makes of [`Secret::reveal`] is the tool's own affair.
///
/// # Examples
///
/// ```
/// use callgate_identity::Secret;
///
/// let secret = Secret::new("8c1f0a66d9".to_owned());
/// assert_eq!(format!("{secret:?}"), "Secret(10 bytes)");
/// assert_eq!(secret.reveal(), "8c1f0a66d9");
/// ```
///
/// There is no `Display`, no `Clone` and no `Serialize`:
///
/// ```compile_fail
/// # let secret = callgate_identity::Secret::new("8c1f0a66d9".to_owned());
/// println!("{secret}");
/// ```
/// ```compile_fail
/// # let secret = callgate_identity::Secret::new("8c1f0a66d9".to_owned());
/// let copy = secret.clone();
/// let both = (secret, copy);
/// ```
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret that is `text`.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the tool that shows it to its service.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without this secret, as it is and as it stands within a JSON string; and how often it
    /// was found.
    ///
    /// ```
    /// # use callgate_identity::Secret;
    /// let secret = Secret::new("8c1f0a66d9".to_owned());
    /// let text = "401: token 8c1f0a66d9 is unknown".to_owned();
    /// assert_eq!(secret.mask(text), ("401: token [secret] is unknown".to_owned(), 1));
    /// ```
    ///
    /// What a tool makes of it (its halves, its base64) nobody can find.
    pub fn mask(&self, text: String) -> (String, u64) {
        let (text, plain) = masked(text, &self.0);
        match self.escaped() {
            None => (text, plain),
            Some(escaped) => {
                let (text, more) = masked(text, &escaped);
                (text, plain.saturating_add(more))
            }
        }
    }

    /// The secret as it stands within a JSON string, where that is another text.
    fn escaped(&self) -> Option<Zeroizing<String>> {
        let is_plain = |letter: char| letter >= ' ' && letter != '"' && letter != '\\';
        if self.0.chars().all(is_plain) {
            return None;
        }
        // A character has six at most: nothing is copied to a larger place and left behind.
        let mut escaped = Zeroizing::new(String::with_capacity(self.0.len().saturating_mul(6)));
        for letter in self.0.chars() {
            match letter {
                '"' => escaped.push_str("\\\""),
                '\\' => escaped.push_str("\\\\"),
                '\n' => escaped.push_str("\\n"),
                '\r' => escaped.push_str("\\r"),
                '\t' => escaped.push_str("\\t"),
                '\u{8}' => escaped.push_str("\\b"),
                '\u{c}' => escaped.push_str("\\f"),
                control if control < ' ' => {
                    let written = write!(escaped, "\\u{:04x}", u32::from(control));
                    debug_assert!(written.is_ok(), "a string takes what is written to it");
                }
                letter => escaped.push(letter),
            }
        }
        Some(escaped)
    }
}

/// `text` without `secret`, and how often it was found.
fn masked(text: String, secret: &str) -> (String, u64) {
    let found = match secret {
        "" => 0,
        secret => text.matches(secret).count(),
    };
    if found == 0 {
        return (text, 0);
    }
    let text = Zeroizing::new(text);
    let masked = text.replace(secret, "[secret]");
    (masked, u64::try_from(found).unwrap_or(u64::MAX))
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: &str, text: &str, expected: &str, times: u64) {
        let got = Secret::new(secret.into()).mask(text.into());
        assert_eq!(got, (expected.to_owned(), times));
    }

    #[test]
    fn masking() {
        check("s3cr3t-t", "nothing of it", "nothing of it", 0);
        check(
            "s3cr3t-t",
            "s3cr3t-t and s3cr3t-t",
            "[secret] and [secret]",
            2,
        );
        check("", "text", "text", 0);
    }

    #[test]
    fn masking_in_json() {
        let secret = "a\"b\\c\nd\u{1}é\u{8}\u{c}\t\r";
        let json = serde_json::to_string(&[secret]).unwrap();
        check(secret, &json, "[\"[secret]\"]", 1);
        check(secret, secret, "[secret]", 1);
    }
}
