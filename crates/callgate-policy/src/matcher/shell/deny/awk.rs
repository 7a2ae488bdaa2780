//! awk: a program that calls no other.

use super::command::Call;
use super::options::{One, Options};
use super::reader::Reader;

const OPTIONS: Options = Options {
    flags: "bcCgmnNOPrsStW",
    values: "Fvf",
    long: &[
        "posix",
        "traditional",
        "re-interval",
        "sandbox",
        "bignum",
        "optimize",
        "csv",
        "characters-as-bytes",
        "use-lc-numeric",
        "non-decimal-data",
    ],
    long_values: &["field-separator", "assign", "file"],
    idle: &["--help", "--version", "-V", "-h"],
};

/// Judges the words behind `awk`.
pub(super) fn judge(reader: &mut Reader<'_, '_>, mut call: Call<'_, '_>) {
    let mut from_file = false;
    loop {
        let first = call.words.first();
        let is_file = |text: &str| text.starts_with("-f") || text.starts_with("--file");
        let names_file = first.is_some_and(|word| is_file(&word.text));
        match OPTIONS.one(call) {
            One::Then(words) => {
                from_file |= names_file;
                call = call.with(words);
            }
            One::Idle => return,
            One::Unclear => {
                reader.found.unclear = true;
                return;
            }
            One::Last(words) => {
                call = call.with(words);
                break;
            }
        }
    }
    if from_file {
        return;
    }
    match call.words.first() {
        None => reader.found.unclear |= call.open,
        Some(program) if !call.knows(program) => reader.found.unclear = true,
        Some(program) => reader.found.refused |= runs(&program.text),
    }
}

/// Whether a program calls `system`, opens a pipe, or cannot be told from one that does.
fn runs(program: &str) -> bool {
    let mut rest = program;
    // Whether a `/` starts a regular expression here, or divides.
    let mut divides = false;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => quoted(rest, '"'),
            '/' if !divides => quoted(rest, '/'),
            '#' => Some(rest.find('\n').unwrap_or(rest.len())),
            '|' if rest.starts_with("||") => Some(2),
            '|' | '@' => None,
            _ if first.is_alphabetic() || first == '_' => {
                let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
                let length = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
                let word = rest.get(..length).unwrap_or_default();
                (word != "system").then_some(length)
            }
            _ => Some(first.len_utf8()),
        };
        let Some((token, behind)) = length.and_then(|length| rest.split_at_checked(length)) else {
            return true;
        };
        if !first.is_whitespace() {
            let is_word = first.is_alphanumeric() || first == '_';
            let is_operator = matches!(token, "return" | "print" | "printf" | "in" | "case");
            divides = is_word && !is_operator || matches!(first, ')' | ']' | '"' | '$');
        }
        rest = behind;
    }
    false
}

/// The length of what stands between two `quote`s.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut bracket = false;
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => {
                letters.next();
            }
            '\n' => return None,
            '[' if quote == '/' => bracket = true,
            ']' => bracket = false,
            _ if letter == quote && !bracket => return at.checked_add(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(expected: bool, programs: &[&str]) {
        for program in programs {
            assert_eq!(runs(program), expected, "{program}");
        }
    }

    #[test]
    fn programs_that_run_nothing() {
        check(
            false,
            &[
                "{print $1}",
                "/a|b/ {print}",
                "$1 == \"a\" || $2 ~ /system|x/",
                "{ x = $1 / 2; y = x/3 } END { print \"a | b\", x }",
                "BEGIN { FS=\"|\" } { print $NF } # system()",
                "NR==1 || /[/|]/ { next }",
                "{ print \"system(\" }",
                "{ gsub(/\\/|x/, \"\"); print }",
            ],
        );
    }

    #[test]
    fn programs_that_run_others() {
        check(
            true,
            &[
                "BEGIN{system(\"rm x\")}",
                "BEGIN { system (\"id\") }",
                "{ print | \"sh\" }",
                "{ \"date\" | getline d }",
                "BEGIN { x / 2 /system(\"id\")/ 1 }",
                "BEGIN { f = \"system\"; @f(\"id\") }",
                "{ print $1 / system(\"id\") / 2 }",
                "BEGIN { print \"a",
                "{ print |& \"sh\" }",
            ],
        );
    }
}
