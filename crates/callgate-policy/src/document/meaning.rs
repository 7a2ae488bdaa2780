//! What a part of a policy means, as a digest.

use std::fmt::{Debug, Write as _};
use std::sync::Arc;

use callgate_types::Digest;

use super::{Rule, Tool};

impl Rule {
    /// A digest of what the rule means: of everything in it but the place where it stands. Comments,
    /// white space, the order of keys and other rules change nothing of it.
    ///
    /// Two versions of this crate may give the same rule different digests, never two rules the same.
    pub fn meaning(&self) -> Digest {
        digest(
            "rule",
            &Self {
                file: Arc::from(""),
                line: 0,
                ..self.clone()
            },
        )
    }
}

impl Tool {
    /// A digest of what the entry of the tool called `name` means: see [`Rule::meaning`].
    pub fn meaning(&self, name: &str) -> Digest {
        let placeless = Self {
            file: Arc::from(""),
            line: 0,
            ..self.clone()
        };
        digest("tool", &(name, placeless))
    }
}

/// The debug form names every field there is, one that is added later as well.
fn digest(what: &str, part: &impl Debug) -> Digest {
    let mut text = format!("callgate meaning of {what} v1\n");
    let written = write!(text, "{part:?}");
    debug_assert!(written.is_ok(), "a string takes what is written to it");
    Digest::of(text.as_bytes())
}
