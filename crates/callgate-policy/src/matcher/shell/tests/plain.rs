//! What is written plainly is read without the lexer, which says the same.

use proptest::prelude::*;

use super::super::lexer::{Lexer, Token, Unclear, Word};
use super::super::reader::Reader;
use super::super::visible::is_visible;

/// Words that the policies know, and what stands around words.
const PLAIN: &[&str] = &[
    " ",
    " ",
    " ",
    "\t",
    "  ",
    "a",
    "ls",
    "cat",
    "git",
    "/bin/git",
    "status",
    "log",
    "--output",
    "--out",
    "-p",
    "--",
    "-",
    "kubectl",
    "get",
    "pods",
    "secrets",
    "pod/a",
    "Secret",
    "-n",
    "staging",
    "-nstaging",
    "-n=staging",
    "--namespace=staging",
    "-o",
    "-ojson",
    "rollout",
    "scale",
    "--replicas=2",
    "cargo",
    "test",
    "+nightly",
    "npm",
    "run",
    "lint",
    "pytest",
    "-k",
    "@a",
    "../a",
    "a::b",
    "sed",
    "1,2p",
    "sort",
    "uniq",
    "-c",
    "-f2",
    "cd",
    "b",
    "find",
    "-delete",
    "12345678",
    "%",
    ":",
    "=",
    "x=1",
    ",",
    ".",
    "/",
    "!",
    "if",
    "time",
    "}",
    "^",
    "]",
];

/// What the lexer reads in a way of its own, and separators.
const TRICKY: &[&str] = &[
    "|",
    "||",
    "&&",
    "&",
    ";",
    ";;",
    "\n",
    " | ",
    " && ",
    "; ",
    "|&",
    "'",
    "\"",
    "\\",
    "\\\n",
    "''",
    "\"a b\"",
    "'-n'",
    "$",
    "$'a'",
    "$x",
    "`",
    "~",
    "#",
    " # c",
    "*",
    "?",
    "[",
    "{",
    "{a,b}",
    "<",
    ">",
    ">/dev/null",
    "2>&1",
    " </dev/null",
    "&>",
    "(",
    ")",
    "\r",
    "\u{7f}",
    "\0",
    "é",
    "\u{200b}",
    "\u{a0}",
];

/// A piece of a line, and what a word is.
type Piece = Result<(Token, Option<(Vec<u8>, String)>), Unclear>;

fn piece(
    token: Result<Token, Unclear>,
    word: impl FnOnce() -> Result<(Vec<u8>, String), Unclear>,
) -> Piece {
    match token? {
        Token::Word => Ok((Token::Word, Some(word()?))),
        other => Ok((other, None)),
    }
}

fn shown(word: Word<'_>) -> (Vec<u8>, String) {
    let equals = word.split_at_equals();
    let rest = format!("{:?} {:?} {equals:?}", word.key, word.glob);
    (word.text.to_vec(), rest)
}

/// All pieces up to the end, or to what is not understood.
fn pieces(mut next: impl FnMut() -> Piece) -> Vec<Piece> {
    let mut all = Vec::new();
    loop {
        let piece = next();
        let is_last = !matches!(piece, Ok((token, _)) if token != Token::End);
        all.push(piece);
        if is_last {
            return all;
        }
    }
}

/// How many words of `text` are read without the lexer, which agrees on all pieces.
#[track_caller]
fn check(text: &str) -> usize {
    let Some(mut reader) = Reader::new(text) else {
        assert!(!is_visible(text), "{text:?}");
        return 0;
    };
    assert!(is_visible(text), "{text:?}");
    let mut plain = 0_usize;
    let found = pieces(|| {
        if let Some(word) = reader.plain_word() {
            plain = plain.saturating_add(1);
            return Ok((Token::Word, Some(shown(word))));
        }
        let at_end = reader.is_at_end();
        let token = reader.other();
        assert!(!at_end || token == Ok(Token::End), "{text:?}");
        piece(token, || reader.word().map(shown))
    });
    let mut lexer = Lexer::new(text);
    let expected = pieces(|| {
        let token = lexer.next();
        piece(token, || Ok(shown(lexer.word())))
    });
    assert_eq!(found, expected, "{text:?}");
    plain
}

#[track_caller]
fn check_plain(text: &str, words: usize) {
    assert_eq!(check(text), words, "{text:?}");
}

#[test]
fn what_is_plain() {
    for (text, words) in [
        ("", 0),
        (" \t", 0),
        ("ls", 1),
        (" ls -la /tmp ", 3),
        ("git log|cat", 3),
        ("a && b ; c || d\ne", 5),
        ("|", 0),
        ("a @b %c d=e f:g h,i +j ^k l]", 8),
        ("a 'b' c", 2),
        ("a \\b c", 2),
        ("a $b", 1),
        ("a # b", 1),
        ("a#b c", 1),
        ("a b*c", 1),
        ("a b\u{e9} c", 2),
        ("a & b", 1),
        ("a;;b", 1),
        ("a |& b", 1),
        ("a;\n", 1),
        ("a 2>&1 b", 2),
        ("a >/dev/null;b", 2),
        ("a b! c", 2),
        ("a \r", 0),
        ("a \u{7f}", 0),
    ] {
        check_plain(text, words);
    }
}

#[test]
fn ends_of_windows() {
    for length in 40..150 {
        for line in ["ls ", "ls|cat ", "git log ", "", "  "] {
            for end in [
                "", " b", "| cat", "||cat", " 'b' c", "'b' c", "$", "~ =c", "=b --c=d", "#",
                " # b", "\\\n b",
            ] {
                check(&format!("{line}{}{end}", "a".repeat(length)));
                check(&format!("{line}{}{end}", " ".repeat(length)));
                check(&format!("{line}{}{end}", "-b ".repeat(length / 3)));
            }
        }
    }
}

#[test]
fn longest_line() {
    let longest = "a ".repeat(32_768);
    // The first word of each further window is the lexer's.
    assert_eq!(check(&longest), 32_768 - 1_023);
    check_plain(&"a".repeat(65_536), 0);
    check_plain(&" ".repeat(65_536), 0);
    let shell = super::shell("commands = [{ names = ['ls'], any = true }]");
    assert_eq!(shell.test(&format!("ls {longest}")), None);
    let line = format!("ls {}", longest.get(3..).unwrap());
    assert_eq!(shell.test(&line), Some(true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn agrees_on_plain_lines(pieces in prop::collection::vec(prop::sample::select(PLAIN), 0..40)) {
        check(&pieces.concat());
    }

    #[test]
    fn agrees_on_tricky_lines(
        pieces in prop::collection::vec(
            prop_oneof![
                6 => prop::sample::select(PLAIN),
                1 => prop::sample::select(TRICKY),
            ],
            0..30,
        ),
    ) {
        check(&pieces.concat());
    }
}
