//! Paths that stay inside a directory, by their text alone.

use super::Inside;

impl Inside {
    /// Whether `path`, seen from `cwd` or a directory below it, stays inside `cwd`.
    ///
    /// A path that leads out and in again is refused, too. Links are not followed: they are facts
    /// of the file system.
    pub(super) fn holds(&self, cwd: &[u8], path: &[u8]) -> bool {
        let path = match &self.until {
            Some(until) => before(path, until.as_bytes()),
            None => path,
        };
        let below = if path.starts_with(b"/") {
            match path.strip_prefix(cwd.strip_suffix(b"/").unwrap_or(cwd)) {
                Some(below) if below.is_empty() || below.starts_with(b"/") => below,
                _ => return false,
            }
        } else if path.is_empty() {
            return false;
        } else {
            path
        };
        let mut depth: usize = 0;
        for part in below.split(|byte| *byte == b'/') {
            depth = match part {
                b"" | b"." => depth,
                b".." if !self.dots => return false,
                b".." => match depth.checked_sub(1) {
                    Some(depth) => depth,
                    None => return false,
                },
                _ => depth.saturating_add(1),
            };
        }
        true
    }
}

/// What stands before the first `until`, or all of `path`.
fn before<'p>(path: &'p [u8], until: &[u8]) -> &'p [u8] {
    let mut rest = path;
    let mut before = 0_usize;
    while !rest.is_empty() {
        if rest.starts_with(until) {
            return path.get(..before).unwrap_or(path);
        }
        before = before.saturating_add(1);
        rest = path.get(before..).unwrap_or_default();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: [bool; 2]) {
        let holds = [false, true].map(|dots| {
            let inside = Inside {
                until: Some("::".into()),
                dots,
            };
            inside.holds(b"/ws", path.as_bytes())
        });
        assert_eq!(holds, expected, "{path}");
    }

    #[test]
    fn inside() {
        for path in [
            "a",
            "a/b",
            ".",
            "./a//b/",
            "/ws",
            "/ws/",
            "/ws/a",
            "..a",
            "a..b",
            "a::../../b",
        ] {
            check(path, [true, true]);
        }
        check("a/..", [false, true]);
        check("a/../b/../c", [false, true]);
        check("/ws/a/../b", [false, true]);
    }

    #[test]
    fn outside() {
        for path in [
            "",
            "..",
            "../ws/a",
            "a/../..",
            "a/../../a",
            "/",
            "//ws",
            "/wss",
            "/w",
            "/tmp",
            "/ws/..",
            "/ws/../ws",
            "/./ws",
            "/tmp/../ws",
            "::a",
        ] {
            check(path, [false, false]);
        }
    }

    #[test]
    fn everything_is_inside_of_the_root() {
        let inside = Inside {
            until: None,
            dots: true,
        };
        assert!(inside.holds(b"/", b"/etc"));
        assert!(inside.holds(b"/", b"etc"));
        assert!(!inside.holds(b"/", b"/.."));
    }
}
