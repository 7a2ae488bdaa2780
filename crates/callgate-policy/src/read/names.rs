//! Names, scopes, principals, pointers and times.

use std::time::Duration;

use callgate_types::{PrincipalId, PrincipalKind};

use super::faults::Faults;
use super::fields::{shown, text};
use super::node::{Entry, Node, Span};
use crate::DiagnosticCode as Code;
use crate::document::Pointer;

/// The longest name, in bytes.
const MAX_NAME: usize = 256;
/// The longest sentence, in bytes.
const MAX_SENTENCE: usize = 4096;
/// The longest pointer, in bytes.
const MAX_POINTER: usize = 1024;

/// A name of `what`.
pub(super) fn name(node: &Node<'_>, what: &str, faults: &Faults<'_>) -> Option<Box<str>> {
    let name = text(node, what, faults)?;
    is_name(name, what, node.span, faults).then(|| name.into())
}

/// The key of a table as a name of `what`, which patterns select: without `*`.
pub(super) fn key(entry: &Entry<'_>, what: &str, faults: &Faults<'_>) -> Box<str> {
    if is_name(entry.key, what, entry.key_span, faults) {
        no_star(entry.key, what, entry.key_span, faults);
    }
    entry.key.into()
}

/// Reports a `*` in what patterns select.
pub(super) fn no_star(name: &str, what: &str, span: Span, faults: &Faults<'_>) {
    if name.contains('*') {
        let message = format!("{what} `{}` holds a `*`", shown(name));
        faults.add_with_help(
            Code::BadName,
            span,
            message,
            "a `*` stands in patterns only",
        );
    }
}

/// Whether `name` can name something; reports why not.
pub(super) fn is_name(name: &str, what: &str, span: Span, faults: &Faults<'_>) -> bool {
    is_text(name, what, MAX_NAME, span, faults)
}

/// The author's sentence.
pub(super) fn sentence(node: &Node<'_>, what: &str, faults: &Faults<'_>) -> Option<Box<str>> {
    let sentence = text(node, what, faults)?;
    is_text(sentence, what, MAX_SENTENCE, node.span, faults).then(|| sentence.into())
}

fn is_text(text: &str, what: &str, max: usize, span: Span, faults: &Faults<'_>) -> bool {
    let fault = if text.is_empty() {
        format!("{what} is empty")
    } else if text.len() > max {
        format!("{what} has {} bytes, at most {max} are allowed", text.len())
    } else if text.chars().any(char::is_control) {
        format!("{what} holds a control character")
    } else {
        return true;
    };
    faults.add(Code::BadName, span, fault);
    false
}

/// A scope: printable ASCII without blanks, quotes, backslashes and `*`.
pub(super) fn scope(node: &Node<'_>, faults: &Faults<'_>) -> Option<Box<str>> {
    let scope = text(node, "a scope", faults)?;
    is_scope(scope, node.span, faults).then(|| scope.into())
}

/// Whether `scope` is spelled as scopes are; reports why not.
pub(super) fn is_scope(scope: &str, span: Span, faults: &Faults<'_>) -> bool {
    if !is_name(scope, "a scope", span, faults) {
        return false;
    }
    let help = if scope == "none" {
        "`none` says that a tool needs no scope; nobody holds it"
    } else if scope.contains('*') {
        "scopes are compared as they are written; name each one"
    } else if scope
        .bytes()
        .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    {
        return true;
    } else {
        "write letters, digits and signs such as `billing:adjust`, without blanks"
    };
    let message = format!("`{}` is no scope", shown(scope));
    faults.add_with_help(Code::BadScope, span, message, help);
    false
}

/// A principal, written `kind:id`.
pub(super) fn principal(text: &str, span: Span, faults: &Faults<'_>) -> Option<PrincipalId> {
    let parsed = text.parse::<PrincipalId>();
    if parsed.is_err() {
        let message = format!("`{}` is no principal", shown(text));
        let help = "write `user:`, `service:` or `agent:` and an id of 1 to 256 bytes";
        faults.add_with_help(Code::BadPrincipal, span, message, help);
    }
    parsed.ok()
}

/// Whether the pattern `text` can match a principal at all.
pub(super) fn can_be_principal(text: &str) -> bool {
    match text.split_once('*') {
        None => text.parse::<PrincipalId>().is_ok(),
        Some((start, _)) => PrincipalKind::ALL.into_iter().any(|kind| {
            let prefix = format!("{kind}:");
            start.starts_with(&prefix) || prefix.starts_with(start)
        }),
    }
}

/// A JSON Pointer.
pub(super) fn pointer(text: &str, span: Span, faults: &Faults<'_>) -> Option<Pointer> {
    let is_short = text.len() <= MAX_POINTER;
    let parsed = is_short.then(|| faults.shared().pointer(text)).flatten();
    if parsed.is_none() {
        let message = format!("`{}` is no pointer", shown(text));
        let help = if text.len() > MAX_POINTER {
            "a pointer has at most 1024 bytes"
        } else if text.starts_with('/') {
            "in a name, `~0` stands for `~` and `~1` for `/`"
        } else {
            "write `/` before each name, as in `/customer/id`"
        };
        faults.add_with_help(Code::BadPointer, span, message, help);
    }
    parsed
}

/// A time such as `15m`, from one second to 365 days.
pub(super) fn duration(node: &Node<'_>, faults: &Faults<'_>) -> Option<Duration> {
    const MAX_SECONDS: u64 = 365 * 86_400;
    let text = text(node, "a time such as `15m`", faults)?;
    let seconds = text
        .char_indices()
        .next_back()
        .and_then(|(at, unit)| {
            let factor = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                _ => return None,
            };
            let digits = text.get(..at)?;
            // `u64` reads a sign, too.
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits
                .parse::<u64>()
                .ok()
                .filter(|_| plain)?
                .checked_mul(factor)
        })
        .filter(|seconds| (1..=MAX_SECONDS).contains(seconds));
    if seconds.is_none() {
        let message = format!("`{}` is no time", shown(text));
        let help = "write a whole number of `s`, `m`, `h` or `d`, from `1s` to `365d`";
        faults.add_with_help(Code::BadDuration, node.span, message, help);
    }
    seconds.map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::super::node::Value;
    use super::*;

    #[track_caller]
    fn check_duration(text: &str, expected: Option<u64>) {
        let faults = Faults::new("", "");
        let node = Node {
            value: Value::Text(text),
            span: Span::default(),
        };
        let read = duration(&node, &faults).map(|time| time.as_secs());
        assert_eq!(read, expected, "{text}");
        assert_eq!(faults.is_empty(), expected.is_some(), "{text}");
    }

    #[track_caller]
    fn check_scope(text: &str, expected: bool) {
        let faults = Faults::new("", "");
        assert_eq!(is_scope(text, Span::default(), &faults), expected, "{text}");
        assert_eq!(faults.is_empty(), expected, "{text}");
    }

    #[test]
    fn durations() {
        check_duration("1s", Some(1));
        check_duration("15m", Some(900));
        check_duration("2h", Some(7_200));
        check_duration("365d", Some(31_536_000));
        for text in [
            "", "s", "15", "0s", "-1s", "+1s", "1.5h", "1 h", "366d", "1w", "1µ",
        ] {
            check_duration(text, None);
        }
        check_duration("99999999999999999999s", None);
        check_duration("999999999999999999d", None);
    }

    #[test]
    fn scopes() {
        check_scope("billing:adjust", true);
        check_scope("https://example.org/scope~!", true);
        check_scope(&"s".repeat(256), true);
        for text in ["", "none", "a b", "a*", "a\"b", "a\\b", "é", "a\n"] {
            check_scope(text, false);
        }
        check_scope(&"s".repeat(257), false);
    }

    #[test]
    fn patterns_of_principals() {
        for text in [
            "user:alice",
            "user:*",
            "*",
            "us*",
            "*:bot",
            "agent:a*b",
            "s*",
        ] {
            assert!(can_be_principal(text), "{text}");
        }
        for text in ["alice", "user:", "User:a", "usr*", "a:*", "users:*"] {
            assert!(!can_be_principal(text), "{text}");
        }
    }
}
