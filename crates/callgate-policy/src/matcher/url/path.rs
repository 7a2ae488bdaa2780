//! The path of a URL, segment by segment.

use crate::matcher::path::{fold, percent_decoded};

/// What is asked of the path of a URL.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UrlPath {
    /// It begins with the segments of one of these, as they are written, and goes on after them;
    /// empty asks nothing.
    under: Box<[Segments]>,
    /// It does not begin with the segments of one of these, however they are spelled.
    deny: Box<[Segments]>,
    /// So many segments at the beginning decide.
    deciding: usize,
}

type Segments = Box<[Box<str>]>;

/// Why a text of a policy is no path of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlPathError {
    /// It does not begin with `/`.
    #[error("does not begin with `/`")]
    NotAbsolute,
    /// It has an empty segment, `.` or `..`.
    #[error("holds an empty segment, `.` or `..`")]
    NotNormal,
    /// It holds what no plain segment holds.
    #[error("holds a character that is encoded in URLs, or has a meaning there")]
    NotPlain,
}

impl UrlPath {
    /// Paths below one of `under` that are neither one of `deny` nor below it.
    ///
    /// # Errors
    ///
    /// Refuses what is no plain path; the first such text is returned with the reason.
    pub fn new<'a>(
        under: impl IntoIterator<Item = &'a str>,
        deny: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, (&'a str, UrlPathError)> {
        let all = |texts: &mut dyn Iterator<Item = &'a str>| {
            texts
                .map(|text| segments(text).map_err(|error| (text, error)))
                .collect::<Result<Box<[Segments]>, _>>()
        };
        let under = all(&mut under.into_iter())?;
        let mut deny = all(&mut deny.into_iter())?;
        for segment in deny.iter_mut().flatten() {
            *segment = fold(segment).into();
        }
        // The segment after `under` has to be there; it decides, too.
        let deepest = under.iter().map(|path| path.len().saturating_add(1));
        let deciding = deepest.chain(deny.iter().map(|path| path.len())).max();
        Ok(Self {
            under,
            deny,
            deciding: deciding.unwrap_or(0),
        })
    }

    /// The paths below which it has to be; none where it may be anywhere.
    pub fn under(&self) -> impl Iterator<Item = String> {
        self.under.iter().map(joined)
    }

    /// The paths at and below which it must not be: folded.
    pub fn deny(&self) -> impl Iterator<Item = String> {
        self.deny.iter().map(joined)
    }

    /// Whether the path `written`, parsed as `parsed`, is such a path; `None` where servers could
    /// take it for different ones.
    pub(super) fn admits(&self, written: &str, parsed: &str) -> Option<bool> {
        if hides_structure(written) {
            return None;
        }
        let segments: Vec<&str> = parsed.strip_prefix('/')?.split('/').collect();
        let (_, inner) = segments.split_last()?;
        let mut deciding = segments.iter().take(self.deciding);
        if inner.iter().any(|segment| segment.is_empty())
            || deciding.any(|segment| segment.contains(';'))
        {
            return None;
        }
        let is_below = |path: &Segments| {
            let next = segments.get(path.len());
            next.is_some_and(|next| !next.is_empty())
                && path
                    .iter()
                    .zip(&segments)
                    .all(|(one, other)| **one == **other)
        };
        let is_denied = |path: &Segments| {
            segments.len() >= path.len()
                && path
                    .iter()
                    .zip(&segments)
                    .all(|(one, other)| **one == *fold(&percent_decoded(other)))
        };
        Some(
            (self.under.is_empty() || self.under.iter().any(is_below))
                && !self.deny.iter().any(is_denied),
        )
    }
}

/// Whether a path is in the form that the parser gives it: nothing to encode, no dots to undo.
pub(super) fn is_normal(path: &str) -> bool {
    path.starts_with('/')
        && path.bytes().all(|byte| byte == b'/' || is_plain(byte))
        && !path.split('/').any(|segment| matches!(segment, "." | ".."))
}

/// Whether a percent sign hides a separator, a percent sign or a control character.
fn hides_structure(path: &str) -> bool {
    let mut signs = path.split('%');
    signs.next();
    signs.any(|after| {
        let code = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => code < b' ' || matches!(code, b'%' | b'/' | b'\\' | 0x7f | 0xc0 | 0xc1),
            // A percent sign that encodes nothing is read by everybody in another way.
            None => true,
        }
    })
}

fn joined(segments: &Segments) -> String {
    segments.iter().flat_map(|one| ["/", one]).collect()
}

fn segments(text: &str) -> Result<Segments, UrlPathError> {
    let below = text.strip_prefix('/').ok_or(UrlPathError::NotAbsolute)?;
    let segments = below.split('/').map(|segment| match segment {
        "" | "." | ".." => Err(UrlPathError::NotNormal),
        segment if segment.bytes().all(is_plain) => Ok(segment.into()),
        _ => Err(UrlPathError::NotPlain),
    });
    segments.collect()
}

/// Whether a byte stands for itself in a path; `;` begins parameters, and `%` an encoding.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte)
}
