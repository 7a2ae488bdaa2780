//! Records that would hold what nobody should read.

use super::view::View;
use crate::DiagnosticCode as Code;
use crate::document::{Keeping, Tool};

/// Words in the name of an argument by which it is a secret.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "credential",
    "privatekey",
    "authorization",
    "cookie",
    "cvv",
    "cardnumber",
    "iban",
    "ssn",
    "pin",
];

/// An argument that is a secret by its name, and that the log keeps as text.
pub(super) fn secrets_in_clear(view: &View<'_>) {
    for (name, tool) in &view.document.tools {
        for argument in &tool.arguments {
            let pointer = argument.pointer.as_str();
            if keeping(tool, pointer) == Some(Keeping::Text) && is_secret(pointer) {
                let message =
                    format!("the log keeps argument `{pointer}` of tool `{name}` as text");
                let help = format!("write `\"{pointer}\" = \"commitment\"` in its `record`");
                let span = view.key(&["tools", name, "record"]);
                view.warn(Code::SecretInClear, span, message, help);
            }
        }
    }
}

/// What the log keeps of one argument of `tool`.
fn keeping(tool: &Tool, pointer: &str) -> Option<Keeping> {
    let mut apart = tool.record.apart.iter();
    let own = apart.find(|(place, _)| place.as_str() == pointer);
    own.map_or(tool.record.arguments, |(_, keeping)| Some(*keeping))
}

/// Whether the last name in `pointer` is one of a secret, however it is spelled.
fn is_secret(pointer: &str) -> bool {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words = words.map(str::to_ascii_lowercase);
    // Short words are part of too many others.
    let whole = |secret: &str| secret.len() <= 4;
    SECRET.iter().any(|secret| {
        if whole(secret) {
            words.clone().any(|word| word == *secret)
        } else {
            plain.contains(secret)
        }
    }) || plain.ends_with("token")
        || words.any(|word| word == "pw")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets() {
        for secret in [
            "/password",
            "/new_password",
            "/apiKey",
            "/api-key",
            "/auth/Access_Token",
            "/card_number",
            "/pin",
            "/user_pin",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for plain in [
            "/note",
            "/shipping",
            "/spin",
            "/secret/name",
            "/liban",
            "/tokens/0/text",
        ] {
            assert!(!is_secret(plain), "{plain}");
        }
    }
}
