//! The keys at the start of a record, one after the other.
//!
//! The line was found to be JSON before; what is looked for here is the form.

use callgate_types::{Digest, Json};

use crate::chain;
use crate::tree::MAX_PEAKS;

pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// `rest` begins with the comma behind `durable`.
    pub(super) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn string(&mut self, key: &str) -> Option<String> {
        self.key(key)?;
        let mut escaped = false;
        let inner = self.rest.strip_prefix(b"\"")?;
        let length = inner.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        let text = self.take(length.checked_add(2)?)?;
        let json = Json::parse(str::from_utf8(text).ok()?).ok()?;
        Some(json.root().as_str()?.to_owned())
    }

    pub(super) fn number(&mut self, key: &str) -> Option<u64> {
        self.key(key)?;
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit());
        let digits = self.take(digits.count())?;
        chain::number(digits)
    }

    pub(super) fn hex(&mut self, key: &str) -> Option<Digest> {
        self.key(key)?;
        self.digest()
    }

    pub(super) fn digests(&mut self, key: &str) -> Option<Vec<Digest>> {
        self.key(key)?;
        let mut digests = Vec::new();
        self.expect(b"[")?;
        while self.expect(b"]").is_none() {
            if !digests.is_empty() {
                self.expect(b",")?;
            }
            digests.push(self.digest()?);
            if digests.len() > MAX_PEAKS {
                return None;
            }
        }
        Some(digests)
    }

    /// Whether another key follows, or the tail: not the middle of a value.
    pub(super) fn end(&self) -> Option<()> {
        self.rest.starts_with(b",").then_some(())
    }

    fn digest(&mut self) -> Option<Digest> {
        self.expect(b"\"")?;
        let hex = str::from_utf8(self.take(64)?).ok()?;
        self.expect(b"\"")?;
        hex.parse().ok()
    }

    fn key(&mut self, key: &str) -> Option<()> {
        self.expect(b",\"")?;
        self.expect(key.as_bytes())?;
        self.expect(b"\":")
    }

    fn expect(&mut self, bytes: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(bytes)?;
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}
