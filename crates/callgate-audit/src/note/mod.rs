//! Signed notes: what a log was, in a form that can be kept, witnessed and compared anywhere.
//!
//! The form is that of C2SP: `docs/spec/checkpoints.md` has it byte by byte.

#[cfg(feature = "ed25519")]
mod ed25519;
mod key;
mod parse;
mod signer;

#[cfg(feature = "ed25519")]
pub use ed25519::Ed25519Signer;
pub use key::{KeyAlgorithm, ParseKeyError, VerifyingKey};
pub use parse::ParseNoteError;
pub use signer::{SignError, Signer};

use std::fmt::{self, Write as _};
use std::str::FromStr;

use base64ct::{Base64, Encoding as _};
use callgate_types::Digest;

/// A statement about a log, and who signed it: its origin, its size and the root of its tree.
///
/// A note that is kept elsewhere tells later whether the log still begins with the same records.
/// It shows nothing of them.
///
/// # Examples
///
#[cfg_attr(feature = "ed25519", doc = "```")]
#[cfg_attr(not(feature = "ed25519"), doc = "```ignore")]
/// use callgate_audit::{Ed25519Signer, SignedNote, Signer, Tree};
///
/// let signer = Ed25519Signer::new("example.org/log", [7; 32])?;
/// let tree = Tree::new();
/// let note = SignedNote::sign("example.org/log", tree.size(), tree.root(), &[&signer])?;
///
/// let read: SignedNote = note.as_str().parse()?;
/// assert!(read.is_signed_by(signer.key()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SignedNote {
    text: String,
    /// Where the empty line stands, behind the text that is signed.
    body: usize,
    origin: String,
    size: u64,
    root: Digest,
    signatures: Vec<Signature>,
}

/// One line of a note, below its text.
#[derive(Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; 4],
    bytes: Vec<u8>,
}

impl SignedNote {
    /// States that the log `origin` has `size` records and this `root`, and has it signed.
    ///
    /// # Errors
    ///
    /// Fails where a signer does, where there is none, and where `origin` can be no name.
    pub fn sign(
        origin: &str,
        size: u64,
        root: Digest,
        signers: &[&dyn Signer],
    ) -> Result<Self, SignError> {
        if !key::is_name(origin) {
            return Err(SignError::BadName);
        }
        let mut text = body_of(origin, size, root);
        let message = text.clone();
        text.push('\n');
        for signer in signers {
            let bytes = signer.sign(message.as_bytes())?;
            push_signature(&mut text, signer.key(), &bytes);
        }
        // What cannot be read again is no note: a signer that answers nonsense is found here.
        text.parse().map_err(|_| SignError::NotANote)
    }

    /// Adds the cosignature of a witness, who saw the note at `time`: seconds since 1970.
    ///
    /// # Errors
    ///
    /// Fails where the witness does, or where its key does not cosign.
    pub fn cosign(&self, witness: &dyn Signer, time: u64) -> Result<Self, SignError> {
        if witness.key().algorithm() != KeyAlgorithm::ED25519_COSIGNATURE {
            return Err(SignError::NotAWitness);
        }
        let mut bytes = time.to_be_bytes().to_vec();
        bytes.extend(witness.sign(&self.cosigned(time))?);
        let mut text = self.text.clone();
        push_signature(&mut text, witness.key(), &bytes);
        text.parse().map_err(|_| SignError::NotANote)
    }

    /// The note, as it was read or written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many records the log had.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of its tree.
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// Whether the holder of `key` signed the note.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.algorithm() == KeyAlgorithm::ED25519
            && self
                .signature(key)
                .is_some_and(|signature| key.verify(self.body().as_bytes(), &signature.bytes))
    }

    /// When the witness with `key` cosigned the note, in seconds since 1970; `None` where it did
    /// not.
    pub fn cosigned_by(&self, key: &VerifyingKey) -> Option<u64> {
        if key.algorithm() != KeyAlgorithm::ED25519_COSIGNATURE {
            return None;
        }
        let (time, bytes) = self.signature(key)?.bytes.split_first_chunk::<8>()?;
        let time = u64::from_be_bytes(*time);
        key.verify(&self.cosigned(time), bytes).then_some(time)
    }

    /// What is signed.
    fn body(&self) -> &str {
        self.text.get(..self.body).unwrap_or_default()
    }

    /// What a witness signs.
    fn cosigned(&self, time: u64) -> Vec<u8> {
        format!("cosignature/v1\ntime {time}\n{}", self.body()).into_bytes()
    }

    /// The first signature that says it is by `key`.
    fn signature(&self, key: &VerifyingKey) -> Option<&Signature> {
        let mut all = self.signatures.iter();
        all.find(|one| one.name == key.name() && one.id == key.id())
    }
}

/// The three lines that are signed.
fn body_of(origin: &str, size: u64, root: Digest) -> String {
    let root = Base64::encode_string(root.as_bytes());
    format!("{origin}\n{size}\n{root}\n")
}

fn push_signature(text: &mut String, key: &VerifyingKey, signature: &[u8]) {
    let bytes = [&key.id()[..], signature].concat();
    let encoded = Base64::encode_string(&bytes);
    // Nothing but memory stands behind a string.
    let _written = writeln!(text, "\u{2014} {} {encoded}", key.name());
}

impl FromStr for SignedNote {
    type Err = ParseNoteError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse::note(text)
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedNote")
            .field("origin", &self.origin)
            .field("size", &self.size)
            .field("root", &self.root)
            .field("signatures", &self.signatures.len())
            .finish_non_exhaustive()
    }
}
