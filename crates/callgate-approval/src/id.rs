//! What an approval is known by.

use std::fmt;
use std::str::FromStr;

use callgate_types::hex;
use serde::{Deserialize, Serialize};

/// What an approval is known by within its store: 32 lower-case hex digits, of 16 bytes
/// that nobody can guess.
///
/// It carries no authority: whoever knows it can ask, and nothing else.
///
/// # Examples
///
/// ```
/// use callgate_approval::ApprovalId;
///
/// let id = ApprovalId::from_bytes([7; 16]);
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApprovalId([u8; 16]);

impl ApprovalId {
    /// The id made of 16 bytes, which nobody may be able to guess.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The digits, written into `buffer`.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_approval::ApprovalId;
    ///
    /// let id = ApprovalId::from_bytes([7; 16]);
    /// assert_eq!(id.digits(&mut [0; 32]), "07070707070707070707070707070707");
    /// ```
    pub fn digits<'b>(&self, buffer: &'b mut [u8; 32]) -> &'b str {
        hex::put(&self.0, buffer);
        // Digits are text.
        str::from_utf8(buffer).unwrap_or_default()
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ApprovalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 32];
        f.write_str(self.digits(&mut digits))
    }
}

impl fmt::Debug for ApprovalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<ApprovalId> for String {
    fn from(id: ApprovalId) -> Self {
        id.to_string()
    }
}

/// The text is not the id of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 lower-case hex digits")]
#[non_exhaustive]
pub struct ParseApprovalIdError;

impl FromStr for ApprovalId {
    type Err = ParseApprovalIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return Err(ParseApprovalIdError);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| ParseApprovalIdError)?;
        Ok(Self(number.to_be_bytes()))
    }
}

impl TryFrom<String> for ApprovalId {
    type Error = ParseApprovalIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_no_ids() {
        let good = ApprovalId::from_bytes([0xab; 16]).to_string();
        for text in [
            "",
            "ab",
            &good.to_uppercase(),
            &format!("{good}0"),
            &format!("+{}", "0".repeat(31)),
            &format!(" {}", "0".repeat(31)),
        ] {
            assert_eq!(
                text.parse::<ApprovalId>(),
                Err(ParseApprovalIdError),
                "{text}"
            );
        }
    }

    #[test]
    fn keeps_leading_zeros() {
        let id = ApprovalId::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(id.to_string(), format!("{}1", "0".repeat(31)));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(serde_json::from_str::<ApprovalId>(&json).unwrap(), id);
    }
}
