//! Command lines: section "Command lines" of the specification.
//!
//! The part of it that random policies use: lists of words, options as `getopt` reads them,
//! operands and rules. Sub-commands, `refuse`, and types of resources are not known here; the
//! tests of the matcher and of the intents try them.

use callgate_policy::document::shell::{
    Command, Exact, ExactWord, Globs, Inside, Joins, Opt, Options, Rule, Shell, Style, Tail, Words,
};

use super::expression;

/// A word after quotes are removed, and where it has its first unquoted `*`, `?` or `[`.
struct Word {
    text: String,
    glob: Option<usize>,
}

enum Token {
    Word(Word),
    /// To or from `/dev/null`, to output 1 or 2.
    Redirect,
    /// `&&`, `||`, `;`, `|` or the end of a line.
    Join(&'static str),
    End,
}

pub(super) fn admits(shell: &Shell, text: &str) -> Option<bool> {
    let is_visible = |c: char| c == '\t' || c == '\n' || !(c.is_control() || "\u{200b}\u{ad}".contains(c));
    if text.len() > 65_536 || !text.chars().all(is_visible) {
        return None;
    }
    let mut rest: Vec<char> = text.chars().rev().collect();
    let mut commands: Vec<Vec<Word>> = vec![Vec::new()];
    let mut joins = Vec::new();
    let (mut redirected, mut any_redirected) = (false, false);
    loop {
        match token(&mut rest)? {
            Token::End => break,
            Token::Word(word) => commands.last_mut()?.push(word),
            Token::Redirect => (redirected, any_redirected) = (true, true),
            // Lines without a command are nothing.
            Token::Join("\n") if commands.last()?.is_empty() && !redirected => {}
            Token::Join(_) if commands.last()?.is_empty() => return None,
            Token::Join(join) => {
                joins.push(join);
                commands.push(Vec::new());
                redirected = false;
            }
        }
    }
    // Behind `;` and the end of a line nothing has to follow, behind others something does.
    if commands.last()?.is_empty() {
        if redirected || [None, Some("&&"), Some("||"), Some("|")].contains(&joins.pop()) {
            return None;
        }
        commands.pop();
    }
    if commands.iter().any(|words| is_syntax(&words[0].text)) {
        return None;
    }
    let joined = joins.iter().all(|join| may_join(shell.joins, join));
    Some(joined && (shell.dev_null || !any_redirected) && commands.iter().all(|words| permits(shell, words)))
}

/// A word of the grammar of bash, or an assignment.
fn is_syntax(word: &str) -> bool {
    let words = "! [[ case coproc do done elif else esac fi for function if in select then time until while { }";
    words.split(' ').any(|one| one == word) || expression::matches(r"[A-Za-z_]\w*(\[[^=]*)?\+?=.*", word)
}

fn may_join(joins: Joins, join: &str) -> bool {
    match join {
        "&&" => joins.and,
        "||" => joins.or,
        ";" => joins.semicolon,
        "|" => joins.pipe,
        _ => joins.newline,
    }
}

// Reading: the text stands reversed, so that the next character is the last one. `None`: not
// understood.

fn token(rest: &mut Vec<char>) -> Option<Token> {
    let next = |rest: &[char], text: &str| text.chars().eq(rest.iter().rev().take(text.len()).copied());
    loop {
        if next(rest, "\\\n") {
            rest.truncate(rest.len() - 2);
        } else if rest.pop_if(|c| *c == ' ' || *c == '\t').is_none() {
            break;
        }
    }
    if next(rest, "#") {
        while rest.pop_if(|c| *c != '\n').is_some() {}
    }
    if rest.is_empty() {
        return Some(Token::End);
    }
    for unknown in [";;", ";&", "|&"] {
        if next(rest, unknown) {
            return None;
        }
    }
    for join in ["&&", "||", ";", "|", "\n"] {
        if next(rest, join) {
            rest.truncate(rest.len() - join.len());
            return Some(Token::Join(join));
        }
    }
    for (sign, targets) in [
        ("&>", "/dev/null"),
        ("2>>", "/dev/null"),
        ("2>&", "1 2"),
        ("2>", "/dev/null"),
        (">>", "/dev/null"),
        (">&", "1 2"),
        (">", "/dev/null"),
        ("<", "/dev/null"),
    ] {
        if next(rest, sign) {
            rest.truncate(rest.len() - sign.len());
            while rest.pop_if(|c| *c == ' ' || *c == '\t').is_some() {}
            let target = word(rest)?;
            return targets.split(' ').any(|one| one == target.text).then_some(Token::Redirect);
        }
    }
    word(rest).map(Token::Word)
}

fn word(rest: &mut Vec<char>) -> Option<Word> {
    let mut word = Word { text: String::new(), glob: None };
    let mut length = 0;
    while let Some(c) = rest.pop_if(|c| !" \t\n;&|<>".contains(*c)) {
        length += 1;
        match c {
            '\'' => loop {
                match rest.pop()? {
                    '\'' => break,
                    c => word.text.push(c),
                }
            },
            '"' => loop {
                match rest.pop()? {
                    '"' => break,
                    '$' | '`' => return None,
                    '\\' => match rest.pop()? {
                        '\n' => {}
                        c if "$`\"\\".contains(c) => word.text.push(c),
                        c => word.text.extend(['\\', c]),
                    },
                    c => word.text.push(c),
                }
            },
            '\\' => match rest.pop()? {
                '\n' => {}
                c => word.text.push(c),
            },
            // No call of the reference has one that stands for itself.
            '(' | ')' | '`' | '$' | '{' => return None,
            '~' if word.text.is_empty() || word.text.ends_with([':', '=']) => return None,
            c => {
                if "*?[".contains(c) {
                    word.glob.get_or_insert(word.text.len());
                }
                word.text.push(c);
            }
        }
    }
    (length > 0).then_some(word)
}

// Judging.

fn permits(shell: &Shell, words: &[Word]) -> bool {
    let Some((name, words)) = words.split_first() else { return false };
    let named = |command: &&Command| {
        *command.name == *name.text || shell.paths.iter().any(|path| format!("{path}/{}", command.name) == name.text)
    };
    let Some(command) = shell.commands.iter().find(named) else { return false };
    let takes_glob = |word: &Word| match (word.glob, command.globs) {
        (None, _) => true,
        (Some(at), Globs::LiteralFirst) => at > 0 && !word.text.starts_with('-'),
        (Some(_), Globs::Any) => !word.text.starts_with('-'),
        _ => false,
    };
    let fits = match &command.words {
        Words::Any => true,
        Words::Exactly(lists) => lists.iter().any(|list| is_list(list, words, shell)),
        Words::Grammar(grammar) => {
            assert!(grammar.style == Style::Getopt && grammar.subs.is_empty(), "the reference knows no sub-commands");
            is_tail(&grammar.tail, words, shell)
        }
        other => panic!("words that the reference does not know: {other:?}"),
    };
    name.glob.is_none() && words.iter().all(takes_glob) && fits
}

fn is_list(list: &Exact, words: &[Word], shell: &Shell) -> bool {
    let by_rule = |rule: &Rule, word: &Word| !word.text.starts_with('-') && holds(rule, word, shell);
    let fits = |(at, word): (usize, &Word)| match (list.words.get(at), &list.rest) {
        (Some(ExactWord::Literal(text)), _) => **text == *word.text && word.glob.is_none(),
        (Some(ExactWord::Rule(rule)), _) | (None, Some(rule)) => by_rule(rule, word),
        _ => false,
    };
    words.len() >= list.words.len() && words.iter().enumerate().all(fits)
}

/// Options and operands, in any order; behind `--` operands alone.
fn is_tail(tail: &Tail, words: &[Word], shell: &Shell) -> bool {
    let Options::Only(options) = &tail.options else { panic!("the reference knows listed options alone") };
    let find = |name: &str| options.iter().find(|option: &&Opt| option.names.iter().any(|one| **one == *name));
    let end = words.iter().position(|word| word.text == "--");
    let mut operands = Vec::new();
    let mut words = words.iter().enumerate();
    while let Some((at, word)) = words.next() {
        let text = &*word.text;
        if !text.starts_with('-') || end.is_some_and(|end| end < at) {
            operands.push(word);
            continue;
        }
        // The option that takes a value, if one does, and the value where it is joined.
        let mut valued: Option<(&Opt, Option<String>)> = None;
        if text == "--" {
            if find(text).is_none() {
                return false;
            }
        } else if text.starts_with("--") {
            let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
            match find(name) {
                Some(option) if option.value.is_some() => valued = Some((option, value.map(str::to_owned))),
                Some(_) if value.is_none() => {}
                _ => return false,
            }
        } else {
            let letters: Vec<char> = text.chars().skip(1).collect();
            for (place, letter) in letters.iter().enumerate() {
                let Some(option) = find(&format!("-{letter}")) else { return false };
                if option.value.is_some() {
                    let after: String = letters[place + 1..].iter().collect();
                    valued = Some((option, Some(after).filter(|after| !after.is_empty())));
                    break;
                }
            }
            if letters.is_empty() {
                return false;
            }
        }
        if let Some((option, joined)) = valued {
            let rule = option.value.as_ref().unwrap();
            let fits = match joined {
                Some(value) => holds(rule, &Word { text: value, glob: word.glob }, shell),
                None => words.next().is_some_and(|(_, next)| !next.text.starts_with('-') && holds(rule, next, shell)),
            };
            if !fits {
                return false;
            }
        }
    }
    let Some(asked) = &tail.operands else { return operands.is_empty() };
    let countable = |word: &&Word| asked.max.is_none() || word.glob.is_none();
    operands.len() >= asked.min as usize
        && asked.max.is_none_or(|max| operands.len() <= max as usize)
        && operands.iter().all(countable)
        && operands.iter().all(|word| holds(&asked.rule, word, shell))
}

fn holds(rule: &Rule, word: &Word, shell: &Shell) -> bool {
    let asks = rule.one_of.is_some() || rule.matches.is_some() || rule.inside.is_some();
    !(asks && word.glob.is_some())
        && rule.one_of.iter().all(|list| list.iter().any(|one| **one == *word.text))
        && rule.matches.iter().all(|pattern| expression::matches(pattern.source(), &word.text))
        && rule.inside.iter().all(|inside| is_inside(inside, shell.cwd.as_deref().unwrap(), &word.text))
}

fn is_inside(inside: &Inside, cwd: &str, text: &str) -> bool {
    let path = inside.until.as_ref().map_or(text, |until| text.split(&**until).next().unwrap());
    let below = match path.strip_prefix(cwd) {
        _ if !path.starts_with('/') => path,
        Some(below) if below.is_empty() || below.starts_with('/') => below,
        _ => return false,
    };
    let parts: Vec<&str> = below.split('/').filter(|part| !["", "."].contains(part)).collect();
    // Never above where it begins.
    let depth = |to: usize| parts[..to].iter().map(|part| if *part == ".." { -1 } else { 1 }).sum::<i32>();
    !path.is_empty() && (inside.dots || !parts.contains(&"..")) && (0..=parts.len()).all(|to| depth(to) >= 0)
}
