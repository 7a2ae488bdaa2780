//! Command lines in which listed commands must not run: section "Commands that must not run".
//!
//! Plain lines are judged here, by the names in them. Of what else there is in bash the matcher
//! speaks for itself: there, what is compared is only what becomes of its answers, and the tests of
//! the matcher and of the intents try the rest.

use callgate_policy::document::shell::deny::{Denied, Deny};

/// Commands that run no others, and of whose words no more is asked.
const HARMLESS: [&str; 3] = ["cat", "ls", "rm"];

pub(super) fn admits(deny: &Deny, text: &str) -> Option<bool> {
    match plain(deny, text) {
        Some(commands) => Some(!commands.iter().any(|(denied, words)| denied.is_some_and(|one| runs(one, words)))),
        None => deny.test(text),
    }
}

/// The commands of a line, with what is said of them and their words: where it is made of words and
/// joins alone, and each command is harmless or must not run at all.
fn plain<'t>(deny: &'t Deny, text: &'t str) -> Option<Vec<(Option<&'t Denied>, Vec<&'t str>)>> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -=./&|;\n".contains(c);
    let in_background = text.replace("&&", "").contains('&');
    if in_background || !text.chars().all(is_plain) {
        return None;
    }
    let command = |text: &'t str| {
        let (name, words) = text.split_once(' ').unwrap_or((text, ""));
        let name = name.rsplit('/').next()?;
        let denied = deny.commands.iter().find(|denied| *denied.name == *name);
        let stops = denied.is_some_and(|denied| denied.with.is_empty());
        (stops || HARMLESS.contains(&name)).then(|| (denied, words.split_whitespace().collect()))
    };
    let commands = text.split("&&").flat_map(|text| text.split("||")).flat_map(|text| text.split([';', '|', '\n']));
    commands.map(|text| command(text.trim_matches(' '))).collect()
}

/// Whether a command runs with one of the words that it must not have, if only those are refused.
fn runs(denied: &Denied, words: &[&str]) -> bool {
    let given = |with: &str| words.iter().any(|word| gives(word, with));
    denied.with.is_empty() || denied.with.iter().any(|with| given(with))
}

/// As it is; and an option abbreviated, with a value, or in a bundle.
fn gives(word: &str, with: &str) -> bool {
    let name = word.split('=').next().unwrap();
    let long = with.starts_with("--") && name.len() > 2 && with.starts_with(name);
    let bundle = word.starts_with('-') && !word.starts_with("--");
    let short = bundle && with.len() == 2 && with.strip_prefix('-').is_some_and(|letter| word.contains(letter));
    word == with || long || short
}
