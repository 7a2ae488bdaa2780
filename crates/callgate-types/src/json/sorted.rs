//! Members in the order of their keys.

use super::JsonRef;

/// The members of an object, ordered by the bytes of their keys.
pub(super) enum Sorted<'a> {
    /// They stand so in the text.
    AsWritten(super::Members<'a>),
    /// They had to be sorted.
    Listed(std::vec::IntoIter<(&'a str, JsonRef<'a>)>),
}

impl<'a> Sorted<'a> {
    pub(super) fn of(object: JsonRef<'a>) -> Self {
        if object.members().is_sorted_by(|one, next| one.0 < next.0) {
            return Self::AsWritten(object.members());
        }
        let mut all: Vec<_> = object.members().collect();
        all.sort_unstable_by_key(|member| member.0);
        Self::Listed(all.into_iter())
    }
}

impl<'a> Iterator for Sorted<'a> {
    type Item = (&'a str, JsonRef<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::AsWritten(members) => members.next(),
            Self::Listed(members) => members.next(),
        }
    }
}
