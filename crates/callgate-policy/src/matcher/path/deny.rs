//! Names that a path must not lead through, however they are spelled.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use super::encoded::hex;
use super::written::is_invisible;
use crate::document::NamePattern;

/// Names that a path must not lead through.
///
/// Components are compared after folding, so that a name is also found as some other file system
/// would find it: without case, compatibility forms, invisible characters, streams (`:`) and
/// dots or blanks at the end. Folding only ever denies; an exception is compared as it is written.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PathDeny {
    /// No component is one of these.
    components: Names,
    /// The last component is none of these.
    names: Names,
    /// Last components that are accepted though they are among `names`.
    except: Box<[Box<str>]>,
}

impl PathDeny {
    /// Denies `components` anywhere and `names` at the end, but for exactly `except`.
    ///
    /// A component that begins with a dot is denied by its short names, too: `git~1` for `.git`.
    pub fn new<'a>(
        components: impl IntoIterator<Item = &'a str>,
        names: impl IntoIterator<Item = &'a str>,
        except: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let pattern = |text: &str| NamePattern::new(folded_case(text));
        let components = components.into_iter().flat_map(|text| {
            let hidden = text
                .strip_prefix('.')
                .filter(|rest| !rest.contains(['*', '.']));
            let start = hidden.map(|rest| rest.chars().take(6).collect::<String>());
            let short = start.into_iter().flat_map(|start| {
                // After four of a kind, short names are made in another way.
                ('1'..='4')
                    .map(move |number| NamePattern::new(folded_case(&format!("{start}~{number}"))))
            });
            std::iter::once(pattern(text)).chain(short)
        });
        Self {
            components: components.collect(),
            names: names.into_iter().map(pattern).collect(),
            except: except.into_iter().map(Box::from).collect(),
        }
    }

    /// What no component may be: folded, short names included.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.components.iter()
    }

    /// What the last component may not be: folded.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter()
    }

    /// What the last component may be all the same, as it is written.
    pub fn exceptions(&self) -> impl Iterator<Item = &str> {
        self.except.iter().map(|name| &**name)
    }

    /// Whether nothing is denied.
    pub fn is_empty(&self) -> bool {
        self.components.is_empty() && self.names.is_empty()
    }

    pub(super) fn spares(&self, components: &[&str]) -> bool {
        if self.is_empty() {
            return true;
        }
        let is_denied = |component: &str, name: &str, is_last: bool| {
            self.components.has(name)
                || is_last
                    && self.names.has(name)
                    && !self.except.iter().any(|known| **known == *component)
        };
        let mut left = components.len();
        !components.iter().any(|component| {
            left = left.saturating_sub(1);
            let decoded = percent_decoded(component);
            is_denied(component, &fold(component), left == 0)
                || *decoded != **component && is_denied(component, &fold(&decoded), left == 0)
        })
    }
}

/// Folded names and patterns of names.
#[derive(Clone, Debug, Default)]
struct Names {
    exact: Box<[Box<str>]>,
    /// Those with a `*`.
    patterns: Box<[NamePattern]>,
    /// The bytes that begin one of `exact`, as bits: most components begin with none of them.
    starts: [u64; 4],
}

impl Names {
    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.patterns.is_empty()
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let patterns = self.patterns.iter().map(NamePattern::as_str);
        self.exact.iter().map(|name| &**name).chain(patterns)
    }

    fn has(&self, name: &str) -> bool {
        let (word, bit) = start(name);
        let begins = self.starts.get(word).is_some_and(|bits| bits & bit != 0);
        begins && self.exact.iter().any(|known| **known == *name)
            || self.patterns.iter().any(|pattern| pattern.matches(name))
    }
}

impl FromIterator<NamePattern> for Names {
    fn from_iter<T: IntoIterator<Item = NamePattern>>(patterns: T) -> Self {
        let (exact, patterns): (Vec<_>, Vec<_>) = patterns
            .into_iter()
            .partition(|pattern| pattern.exact().is_some());
        let exact: Box<[Box<str>]> = exact.iter().map(|one| one.as_str().into()).collect();
        let mut starts = [0; 4];
        for name in &exact {
            let (word, bit) = start(name);
            if let Some(bits) = starts.get_mut(word) {
                *bits |= bit;
            }
        }
        Self {
            exact,
            patterns: patterns.into(),
            starts,
        }
    }
}

/// The first byte of a name as a place among 256 bits.
fn start(name: &str) -> (usize, u64) {
    let first = name.bytes().next().unwrap_or_default();
    (usize::from(first >> 6), 1_u64 << (first & 63))
}

/// A component as a file system that is not particular about names would look it up.
pub(crate) fn fold(component: &str) -> Cow<'_, str> {
    match folded_case(component) {
        Cow::Borrowed(text) => Cow::Borrowed(looked_up(text)),
        Cow::Owned(mut text) => {
            text.truncate(looked_up(&text).len());
            Cow::Owned(text)
        }
    }
}

/// The beginning of a name that counts: up to a stream, without dots and blanks at its end.
fn looked_up(name: &str) -> &str {
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

fn folded_case(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let visible = text.nfkc().filter(|c| !is_invisible(*c));
    // By way of capitals: so `ß` is `ss` and a dotless `i` is an `i`, as in some file systems.
    let cased = visible
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    // The dot that stays behind from a capital `İ`.
    let plain = cased.filter(|c| *c != '\u{307}');
    Cow::Owned(plain.nfkc().filter(|c| !is_invisible(*c)).collect())
}

/// Percent signs undone once; what is no text then is left as it is.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| byte == b'%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let pair = match after {
            [high, low, after @ ..] if byte == b'%' => hex(*high)
                .zip(hex(*low))
                .map(|(high, low)| (high << 4 | low, after)),
            _ => None,
        };
        let (value, after) = pair.unwrap_or((byte, after));
        out.push(value);
        rest = after;
    }
    String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned)
}
