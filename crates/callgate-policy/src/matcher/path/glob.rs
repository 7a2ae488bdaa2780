//! Globs that go component by component.

use std::fmt;

use crate::document::NamePattern;

/// A glob for whole paths: `*` stands for any run of characters of one component, `**` for any
/// run of components. Neither stands for a component that begins with a dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathGlob {
    segments: Box<[Segment]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `**`
    Any,
    One(NamePattern),
}

/// Why a text is no glob for paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GlobError {
    /// It does not begin with one slash.
    #[error("does not begin with one `/`")]
    NotAbsolute,
    /// It has an empty component, `.` or `..`, so that nothing matches.
    #[error("holds an empty component, `.` or `..`: nothing matches")]
    NotNormal,
    /// `**` beside other characters.
    #[error("holds `**` beside other characters of a component")]
    PartOfComponent,
    /// A sign that other globs give a meaning.
    #[error("holds `{0}`, which has no meaning here")]
    Sign(char),
    /// More components than a glob can have.
    #[error("has more than {MAX_SEGMENTS} components")]
    TooLong,
}

/// The most components of a glob: its states are the bits of one number.
const MAX_SEGMENTS: usize = 63;

impl PathGlob {
    /// Reads a glob.
    ///
    /// # Errors
    ///
    /// Refuses what could match nothing, and the signs `?`, `[`, `]`, `{`, `}` and `\`, which
    /// other globs read in a way of their own.
    pub fn parse(text: &str) -> Result<Self, GlobError> {
        let below = text.strip_prefix('/').ok_or(GlobError::NotAbsolute)?;
        if let Some(sign) = text.chars().find(|c| "?[]{}\\".contains(*c)) {
            return Err(GlobError::Sign(sign));
        }
        let segments = below.split('/').map(|part| match part {
            "" | "." | ".." => Err(GlobError::NotNormal),
            "**" => Ok(Segment::Any),
            part if part.contains("**") => Err(GlobError::PartOfComponent),
            part => Ok(Segment::One(NamePattern::new(part))),
        });
        let segments = segments.collect::<Result<Box<[_]>, _>>()?;
        if segments.len() > MAX_SEGMENTS {
            return Err(GlobError::TooLong);
        }
        Ok(Self { segments })
    }

    /// Whether it matches all of `components`.
    pub(crate) fn matches(&self, components: &[&str]) -> bool {
        // Bit n says that the first n segments match what has been seen.
        let mut states = self.with_empty_runs(1);
        for component in components {
            let is_hidden = component.starts_with('.');
            let mut next = 0;
            for (bit, segment) in bits().zip(&self.segments) {
                if states & bit == 0 {
                    continue;
                }
                match segment {
                    Segment::Any if !is_hidden => next |= bit,
                    Segment::One(pattern) => {
                        let by_star = is_hidden && pattern.as_str().starts_with('*');
                        if !by_star && pattern.matches(component) {
                            next |= bit << 1;
                        }
                    }
                    Segment::Any => {}
                }
            }
            states = self.with_empty_runs(next);
            if states == 0 {
                return false;
            }
        }
        bits()
            .nth(self.segments.len())
            .is_some_and(|end| states & end != 0)
    }

    /// A `**` may stand for nothing.
    fn with_empty_runs(&self, mut states: u64) -> u64 {
        for (bit, segment) in bits().zip(&self.segments) {
            if states & bit != 0 && *segment == Segment::Any {
                states |= bit << 1;
            }
        }
        states
    }
}

impl fmt::Display for PathGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.segments.iter().try_for_each(|segment| match segment {
            Segment::Any => f.write_str("/**"),
            Segment::One(pattern) => write!(f, "/{}", pattern.as_str()),
        })
    }
}

fn bits() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(1_u64), |bit| bit.checked_mul(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(glob: &str, path: &str, expected: bool) {
        let components: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let glob = PathGlob::parse(glob).unwrap();
        assert_eq!(glob.matches(&components), expected, "{path}");
    }

    #[test]
    fn within_a_component() {
        check("/src/*.rs", "/src/a.rs", true);
        check("/src/*.rs", "/src/a.rs.rs", true);
        check("/src/*.rs", "/src/.rs", false);
        check("/src/*.rs", "/src/.a.rs", false);
        check("/src/*.rs", "/src/a/b.rs", false);
        check("/src/*.rs", "/src/a.RS", false);
        check("/src/.*", "/src/.env", true);
        check(
            "/src/[a].rs".replace(['[', ']'], "").as_str(),
            "/src/[a].rs",
            false,
        );
    }

    #[test]
    fn across_components() {
        check("/docs/**/*.md", "/docs/a.md", true);
        check("/docs/**/*.md", "/docs/a/b/c.md", true);
        check("/docs/**/*.md", "/docs/.a/c.md", false);
        check("/docs/**/*.md", "/docs", false);
        check("/docs/**", "/docs", true);
        check("/**/a/**/b", "/a/x/a/y/b", true);
        check("/**/a/**/b", "/x/b/a", false);
        check("/**/.git/**", "/x/.git/config", true);
        check("/**/**/b", "/b", true);
    }

    #[test]
    fn written_as_read() {
        for text in ["/src/*.rs", "/docs/**/*.md", "/**"] {
            assert_eq!(PathGlob::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn faulty_globs() {
        for (text, expected) in [
            ("src/*", GlobError::NotAbsolute),
            ("/src//x", GlobError::NotNormal),
            ("/src/", GlobError::NotNormal),
            ("/../x", GlobError::NotNormal),
            ("/src/**.rs", GlobError::PartOfComponent),
            ("/src/{a,b}", GlobError::Sign('{')),
            ("/src/?", GlobError::Sign('?')),
        ] {
            assert_eq!(PathGlob::parse(text), Err(expected), "{text}");
        }
        let long = "/a".repeat(64);
        assert_eq!(PathGlob::parse(&long), Err(GlobError::TooLong));
        assert!(PathGlob::parse(&"/a".repeat(63)).is_ok());
    }
}
