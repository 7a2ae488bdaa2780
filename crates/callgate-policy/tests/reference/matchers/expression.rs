//! Regular expressions, by sets of places: from which places in a text can a part lead to which?

use std::collections::BTreeSet;

type Places = BTreeSet<usize>;

/// Whether the whole text matches.
pub(super) fn matches(source: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut rest: Vec<char> = source.chars().rev().collect();
    let whole = either(&mut rest);
    assert!(rest.is_empty(), "an expression that the reference does not know: {source}");
    whole.leads(&text, &Places::from([0])).contains(&text.len())
}

enum Part {
    /// One character: of one of these ranges, or of none.
    One(Vec<(char, char)>, bool),
    Each(Vec<Part>),
    Either(Vec<Part>),
    /// At least and at most so many times.
    Times(Box<Part>, usize, usize),
}

impl Part {
    fn leads(&self, text: &[char], from: &Places) -> Places {
        match self {
            Part::One(ranges, wanted) => {
                let is_one = |c: &char| ranges.iter().any(|(first, last)| first <= c && c <= last) == *wanted;
                from.iter().filter(|place| text.get(**place).is_some_and(is_one)).map(|place| place + 1).collect()
            }
            Part::Each(parts) => parts.iter().fold(from.clone(), |from, part| part.leads(text, &from)),
            Part::Either(parts) => parts.iter().flat_map(|part| part.leads(text, from)).collect(),
            Part::Times(part, least, most) => {
                let mut now = from.clone();
                let mut all = if *least == 0 { now.clone() } else { Places::new() };
                // Once more than there are characters leads nowhere new.
                for time in 1..=(*most).min(least + text.len()) {
                    now = part.leads(text, &now);
                    if time >= *least {
                        all.extend(&now);
                    }
                }
                all
            }
        }
    }
}

// The expression is read from its end, where the next character stands.

fn either(rest: &mut Vec<char>) -> Part {
    let mut parts = vec![each(rest)];
    while rest.pop_if(|c| *c == '|').is_some() {
        parts.push(each(rest));
    }
    Part::Either(parts)
}

fn each(rest: &mut Vec<char>) -> Part {
    let mut parts = Vec::new();
    while rest.last().is_some_and(|c| !"|)".contains(*c)) {
        let one = one(rest);
        let times = match rest.last() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                let count: String = std::iter::from_fn(|| rest.pop()).take_while(|c| *c != '}').collect();
                let count = count.trim_matches('{');
                let (least, most) = count.split_once(',').unwrap_or((count, count));
                parts.push(Part::Times(Box::new(one), least.parse().unwrap(), most.parse().unwrap()));
                continue;
            }
            _ => {
                parts.push(one);
                continue;
            }
        };
        rest.pop();
        parts.push(Part::Times(Box::new(one), times.0, times.1));
    }
    Part::Each(parts)
}

fn one(rest: &mut Vec<char>) -> Part {
    match rest.pop().unwrap() {
        '.' => Part::One(vec![('\n', '\n')], false),
        '(' => {
            let inner = either(rest);
            assert_eq!(rest.pop(), Some(')'));
            inner
        }
        '[' => {
            let wanted = rest.pop_if(|c| *c == '^').is_none();
            let mut ranges = Vec::new();
            loop {
                match rest.pop().unwrap() {
                    ']' => return Part::One(ranges, wanted),
                    '\\' => ranges.extend(class(rest.pop().unwrap())),
                    first if rest.last() == Some(&'-') && rest.iter().rev().nth(1) != Some(&']') => {
                        rest.pop();
                        ranges.push((first, rest.pop().unwrap()));
                    }
                    single => ranges.push((single, single)),
                }
            }
        }
        '\\' => Part::One(class(rest.pop().unwrap()), true),
        plain => Part::One(vec![(plain, plain)], true),
    }
}

/// What follows a backslash.
fn class(letter: char) -> Vec<(char, char)> {
    match letter {
        'd' => vec![('0', '9')],
        'w' => vec![('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        letter => {
            assert!(!letter.is_alphanumeric(), "a class that the reference does not know: {letter}");
            vec![(letter, letter)]
        }
    }
}
