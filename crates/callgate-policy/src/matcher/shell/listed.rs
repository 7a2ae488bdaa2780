//! Items that are found by their names, of which most have but a few bytes.

use std::ops::Deref;

use super::same;

/// What has names.
pub(crate) trait Named {
    /// All of them.
    fn names(&self) -> impl Iterator<Item = &str>;
}

/// The items of a list, each of which is found by any of its names.
///
/// ```
/// # use callgate_policy::Policy;
/// # use callgate_policy::document::Matcher;
/// # let policy = Policy::parse(
/// #     "format = 1\nname = 'p'\n[[rules]]\nid = 'r'\neffect = 'permit'\n[tools.run]\naccess = 'read'\n\
/// #      [tools.run.arguments.'/line'.shell]\ncommands = [{ names = ['ls', 'cat'], any = true }]",
/// #     "p",
/// # ).unwrap();
/// # let Matcher::Shell(shell) = &policy.document().tools["run"].arguments[0].matcher else { panic!() };
/// let names: Vec<_> = shell.commands.iter().map(|command| &*command.name).collect();
/// assert_eq!(names, ["ls", "cat"]);
/// ```
#[derive(Clone, Debug)]
pub struct Listed<T> {
    items: Box<[T]>,
    /// In the order of the items.
    names: Box<[Name]>,
    /// By hash; at most half full.
    slots: Box<[Name]>,
}

#[derive(Clone, Copy, Debug)]
struct Name {
    key: Key,
    /// The place of the item.
    item: u32,
}

impl Name {
    const NONE: Self = Self {
        key: Key {
            first: 0,
            len: u32::MAX,
        },
        item: u32::MAX,
    };
}

/// The beginning of a word, and its length: different ones mean different words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Up to eight bytes, the first one lowest; zeros stand for those beyond the end.
    first: u64,
    len: u32,
}

impl Key {
    #[inline]
    pub(super) fn of(word: &[u8]) -> Self {
        Self::of_part(word, 0, length(word))
    }

    /// The key of what stands at `start` of `line`, and has so many bytes.
    #[inline]
    pub(super) fn of_part(line: &[u8], start: usize, len: u32) -> Self {
        // Whatever the length, nearly all words are read in the same way.
        let at = start.min(line.len().saturating_sub(8));
        let first = match line.get(at..).and_then(<[u8]>::first_chunk) {
            Some(eight) => {
                let before = start.wrapping_sub(at).to_le_bytes()[0];
                u64::from_le_bytes(*eight).wrapping_shr(u32::from(before).wrapping_mul(8))
            }
            None => few(line, start),
        };
        Self {
            first: first & !beyond(len),
            len,
        }
    }

    /// The key of `part`, with which the word begins.
    #[inline]
    pub(super) fn cut(self, part: &[u8]) -> Self {
        let len = length(part);
        Self {
            first: self.first & !beyond(len),
            len,
        }
    }

    /// Whether the word is `-`.
    #[inline]
    pub(super) const fn is_dash(self) -> bool {
        self.first == DASH && self.len == 1
    }

    /// Whether the word is `--`.
    #[inline]
    pub(super) const fn is_double_dash(self) -> bool {
        self.first == DOUBLE_DASH && self.len == 2
    }

    /// Whether the word begins with `-`.
    #[inline]
    pub(super) const fn has_dash(self) -> bool {
        self.first & 0xff == DASH
    }

    /// Whether the word begins with `--`.
    #[inline]
    pub(super) const fn has_double_dash(self) -> bool {
        self.first & 0xffff == DOUBLE_DASH
    }

    /// The key of an option of one letter.
    #[inline]
    const fn of_letter(letter: u8) -> Self {
        Self {
            first: DASH | (letter as u64) << 8,
            len: 2,
        }
    }

    /// The same for words that differ in the case of ASCII letters only.
    #[inline]
    const fn folded(self) -> Self {
        Self {
            first: self.first | u64::from_ne_bytes([0x20; 8]),
            len: self.len,
        }
    }

    /// Whether equal keys mean equal words.
    #[inline]
    const fn is_whole(self) -> bool {
        self.len <= 8
    }

    /// Whether a word with this key may begin with one that has the key `start`.
    #[inline]
    const fn may_start_with(self, start: Self) -> bool {
        self.len >= start.len && (self.first ^ start.first) & !beyond(start.len) == 0
    }

    /// Where looking for it begins in so many slots, a power of two.
    #[inline]
    fn start(self, slots: usize) -> usize {
        /// An odd number whose bits are in no order.
        const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
        let mixed = (self.first ^ u64::from(self.len) << 56).wrapping_mul(SPREAD) >> 32;
        let mixed = mixed as usize;
        mixed & slots.wrapping_sub(1)
    }
}

/// The bits of the bytes from the one at `len` on; none from eight on.
#[inline]
const fn beyond(len: u32) -> u64 {
    if len < 8 {
        u64::MAX.wrapping_shl(len << 3)
    } else {
        0
    }
}

/// A word is far shorter than `u32::MAX`.
#[inline]
fn length(word: &[u8]) -> u32 {
    u32::try_from(word.len()).unwrap_or(u32::MAX)
}

/// The bytes of a short line from `start` on, the first one lowest.
#[cold]
fn few(line: &[u8], start: usize) -> u64 {
    let bytes = line.iter().skip(start);
    bytes
        .rev()
        .fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The byte that begins an option.
const DASH: u64 = b'-' as u64;

/// The two bytes that begin a long option.
const DOUBLE_DASH: u64 = DASH | DASH << 8;

impl<T> Listed<T> {
    pub(crate) fn new(items: Vec<T>) -> Self
    where
        T: Named,
    {
        Self::by_keys(items, |key| key)
    }

    /// For looking without regard to the case of ASCII letters.
    pub(crate) fn folded(items: Vec<T>) -> Self
    where
        T: Named,
    {
        Self::by_keys(items, Key::folded)
    }

    fn by_keys(items: Vec<T>, adapt: impl Fn(Key) -> Key) -> Self
    where
        T: Named,
    {
        let names: Box<[Name]> = (0..)
            .zip(&items)
            .flat_map(|(item, named)| named.names().map(move |name| (item, name)))
            .map(|(item, name)| Name {
                key: adapt(Key::of(name.as_bytes())),
                item,
            })
            .collect();
        let mut slots = match names.len() {
            0 => Vec::new(),
            len => vec![Name::NONE; len.saturating_mul(2).next_power_of_two()],
        };
        for name in &names {
            let mut place = name.key.start(slots.len());
            while slots.get(place).is_some_and(|slot| slot.item != u32::MAX) {
                place = place.wrapping_add(1) & slots.len().wrapping_sub(1);
            }
            if let Some(slot) = slots.get_mut(place) {
                *slot = *name;
            }
        }
        Self {
            items: items.into(),
            names,
            slots: slots.into(),
        }
    }

    /// The first item of the name that has this key.
    #[inline]
    pub(super) fn find(&self, name: &[u8], key: Key) -> Option<&T>
    where
        T: Named,
    {
        self.search(key, |item| {
            key.is_whole() || item.names().any(|one| same(one.as_bytes(), name))
        })
    }

    /// The option of one letter.
    #[inline]
    pub(super) fn find_letter(&self, letter: u8) -> Option<&T> {
        self.search(Key::of_letter(letter), |_| true)
    }

    /// The first item of this name, whatever the case of ASCII letters, among items that are
    /// [`folded`](Self::folded).
    #[inline]
    pub(super) fn find_folded(&self, name: &[u8]) -> Option<&T>
    where
        T: Named,
    {
        self.search(Key::of(name).folded(), |item| {
            item.names()
                .any(|one| one.as_bytes().eq_ignore_ascii_case(name))
        })
    }

    /// The first item with a name of this key that is the one looked for.
    #[inline]
    fn search(&self, key: Key, is_it: impl Fn(&T) -> bool) -> Option<&T> {
        let mut place = key.start(self.slots.len());
        loop {
            let name = self.slots.get(place)?;
            // Where there is no name, there is no item.
            let item = self.items.get(name.item as usize)?;
            if name.key == key && is_it(item) {
                return Some(item);
            }
            place = place.wrapping_add(1) & self.slots.len().wrapping_sub(1);
        }
    }

    /// Whether the name of any item begins with `start`, which has this key.
    #[inline]
    pub(super) fn any_starts_with(&self, start: &[u8], key: Key) -> bool
    where
        T: Named,
    {
        self.names.iter().any(|name| {
            name.key.may_start_with(key) && (key.is_whole() || self.item_starts_with(*name, start))
        })
    }

    #[inline(never)]
    fn item_starts_with(&self, name: Name, start: &[u8]) -> bool
    where
        T: Named,
    {
        let item = self.items.get(name.item as usize);
        item.is_some_and(|item| item.names().any(|one| one.as_bytes().starts_with(start)))
    }
}

impl<T> Deref for Listed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<'l, T> IntoIterator for &'l Listed<T> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl Named for Box<str> {
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&**self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 14] = [
        "",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcde",
        "abcdefg",
        "abcdefgh",
        "abcdefghi",
        "abcdefghj",
        "abcdefghijklmnopqr",
        "abcdefghijklmnopqs",
        "--output",
        "-o",
    ];

    /// Words that nearly are names.
    fn others() -> Vec<String> {
        let changed = NAMES.iter().flat_map(|name| {
            let more = format!("{name}x");
            let (less, _) = name.split_at(name.len().saturating_sub(1));
            let upper = name.to_ascii_uppercase();
            [more, less.to_owned(), upper, format!("x{name}")]
        });
        changed.collect()
    }

    fn listed() -> Listed<Box<str>> {
        Listed::new(NAMES.map(Box::from).into())
    }

    fn find<'l>(list: &'l Listed<Box<str>>, name: &str) -> Option<&'l str> {
        let found = list.find(name.as_bytes(), Key::of(name.as_bytes()));
        found.map(|name| &**name)
    }

    #[test]
    fn parts_of_a_line() {
        let line = "abc--output=abcdefgh-o";
        for start in 0..line.len() {
            for end in start..=line.len() {
                let part = line.get(start..end).unwrap();
                let alone = Key::of(part.as_bytes());
                assert_eq!(
                    Key::of_part(line.as_bytes(), start, length(part.as_bytes())),
                    alone
                );
                let mut first = [0; 8];
                for (to, byte) in first.iter_mut().zip(part.bytes()) {
                    *to = byte;
                }
                assert_eq!(alone.first, u64::from_le_bytes(first), "{part}");
                assert_eq!(alone.has_dash(), part.starts_with('-'));
                assert_eq!(alone.has_double_dash(), part.starts_with("--"));
                assert_eq!(alone.is_dash(), part == "-");
                assert_eq!(alone.is_double_dash(), part == "--");
                let cut = part.len() / 2;
                let shorter = Key::of(&part.as_bytes()[..cut]);
                assert_eq!(alone.cut(&part.as_bytes()[..cut]), shorter);
            }
        }
    }

    #[test]
    fn each_by_its_name_and_nothing_else() {
        let list = listed();
        for name in NAMES {
            assert_eq!(find(&list, name), Some(name));
        }
        for other in others() {
            let expected = NAMES.iter().find(|name| **name == other);
            assert_eq!(find(&list, &other), expected.copied());
        }
        assert!(list.find_letter(b'o').is_some());
        assert!(list.find_letter(b'p').is_none());
        assert!(find(&Listed::new(Vec::new()), "a").is_none());
    }

    #[test]
    fn whatever_the_case() {
        let list = Listed::folded(NAMES.map(Box::<str>::from).into());
        for other in others().iter().map(String::as_str).chain(NAMES) {
            let expected = NAMES.iter().any(|name| name.eq_ignore_ascii_case(other));
            assert_eq!(
                list.find_folded(other.as_bytes()).is_some(),
                expected,
                "{other}"
            );
        }
        // One bit tells these from letters and digits.
        let list = Listed::folded(vec![Box::<str>::from("[p0")]);
        for other in ["{p0", "[P\u{10}", "[p\0"] {
            assert!(list.find_folded(other.as_bytes()).is_none());
        }
        assert!(list.find_folded(b"[P0").is_some());
    }

    #[test]
    fn beginnings() {
        let names: Vec<Box<str>> = ["--output", "--ext-diff", "--ext"].map(Box::from).into();
        let list = Listed::new(names.clone());
        for start in [
            "",
            "-",
            "--",
            "--o",
            "--outpu",
            "--output",
            "--output-",
            "--p",
            "--ext-dif",
            "--ext-d",
            "--ext-diff",
            "--ext-diffs",
            "--ext-dogs",
            "--eyt",
        ] {
            let expected = names.iter().any(|name| name.starts_with(start));
            assert_eq!(
                list.any_starts_with(start.as_bytes(), Key::of(start.as_bytes())),
                expected,
                "{start}"
            );
        }
    }
}
