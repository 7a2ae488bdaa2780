//! What is wrong with the arguments of a call.

use callgate_types::{JsonError, JsonKind, RefusedArguments, push_pointer_token};

/// Why a tool does not accept arguments.
///
/// It names the argument and the class of what was found, never the value: that may be a secret.
/// A name that the model made up is cut to a bounded length.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentFault {
    /// The tool declares no such argument.
    #[error("argument `{pointer}` is not declared")]
    Unknown {
        /// Where it stands.
        pointer: Box<str>,
    },
    /// A required argument is not there.
    #[error("argument `{pointer}` is missing")]
    Missing {
        /// Where it should stand.
        pointer: Box<str>,
    },
    /// Declared arguments stand inside it, so it must be an object.
    #[error("argument `{pointer}` is not an object: found {found}")]
    NotAnObject {
        /// Where it stands.
        pointer: Box<str>,
        /// What stands there.
        found: JsonKind,
    },
    /// Its matcher does not hold.
    #[error("argument `{pointer}` is not acceptable: `{matcher}` does not hold of this {found}")]
    Refused {
        /// Where it stands.
        pointer: Box<str>,
        /// The matcher, by its word in policies.
        matcher: &'static str,
        /// What stands there.
        found: JsonKind,
    },
    /// Its text is not JSON as [`Json`](callgate_types::Json) accepts it.
    #[error("argument `{pointer}` is not acceptable: {error}")]
    Text {
        /// Where it stands.
        pointer: Box<str>,
        /// What is wrong with it.
        error: JsonError,
    },
    /// The arguments name more resources than a call may act on.
    #[error("the arguments name too many resources: expected at most {limit}")]
    TooManyResources {
        /// How many a call may name.
        limit: usize,
    },
}

impl ArgumentFault {
    /// What is wrong with arguments that are no JSON; `None` where it is not a single argument.
    pub fn of_text(refused: &RefusedArguments) -> Option<Self> {
        let (pointer, error) = (refused.pointer()?, refused.error()?.clone());
        let mut shown = String::new();
        pointer.chars().for_each(|c| show(&mut shown, c));
        let pointer = bounded(shown);
        Some(Self::Text { pointer, error })
    }
}

/// Longest pointer in a fault, in bytes.
const MAX_POINTER: usize = 200;

/// Writes the pointer to a member: the keys of the objects around it, then its own.
pub(super) fn pointer_to<'a>(around: &str, key: impl Into<Option<&'a str>>) -> Box<str> {
    let mut pointer = around.to_owned();
    if let Some(key) = key.into() {
        let mut token = String::new();
        push_pointer_token(&mut token, key);
        token.chars().for_each(|c| show(&mut pointer, c));
    }
    bounded(pointer)
}

/// Writes one more character of a pointer, unless there are too many already.
fn show(pointer: &mut String, c: char) {
    if pointer.len() > MAX_POINTER {
        return;
    }
    // What could forge a line, hide or turn around what is read, or end the quotation.
    let hides = matches!(
        c,
        '`' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{61c}'
    );
    pointer.push(if hides || c.is_control() {
        '\u{fffd}'
    } else {
        c
    });
}

/// Cuts a pointer that is too long.
fn bounded(mut pointer: String) -> Box<str> {
    if pointer.len() > MAX_POINTER {
        while pointer.len() > MAX_POINTER {
            pointer.pop();
        }
        pointer.push('…');
    }
    pointer.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(around: &str, key: &str, expected: &str) {
        assert_eq!(&*pointer_to(around, key), expected);
    }

    #[test]
    fn pointers_are_escaped_and_bounded() {
        check("", "a", "/a");
        check("/a", "b/c~d", "/a/b~1c~0d");
        check("", "a\nb\u{202e}`", "/a\u{fffd}b\u{fffd}\u{fffd}");
        check("", &"é".repeat(500), &format!("/{}…", "é".repeat(99)));
        check(
            &format!("/{}", "x".repeat(400)),
            "y",
            &format!("/{}…", "x".repeat(199)),
        );
    }
}
