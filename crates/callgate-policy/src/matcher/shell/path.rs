//! Paths that stay inside a directory, by their text alone.

use super::Inside;

impl Inside {
    /// Whether `path`, seen from `cwd` or a directory below it, stays inside `cwd`.
    ///
    /// A path that leads out and in again is refused, too. Links are not followed: they are facts
    /// of the file system.
    pub(super) fn holds(&self, cwd: &str, path: &str) -> bool {
        let path = match &self.until {
            Some(until) => path.split_once(&**until).map_or(path, |(path, _)| path),
            None => path,
        };
        let below = if path.starts_with('/') {
            match path.strip_prefix(cwd.trim_end_matches('/')) {
                Some(below) if below.is_empty() || below.starts_with('/') => below,
                _ => return false,
            }
        } else if path.is_empty() {
            return false;
        } else {
            path
        };
        let mut depth: usize = 0;
        for part in below.split('/') {
            depth = match part {
                "" | "." => depth,
                ".." if !self.dots => return false,
                ".." => match depth.checked_sub(1) {
                    Some(depth) => depth,
                    None => return false,
                },
                _ => depth.saturating_add(1),
            };
        }
        true
    }
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
            inside.holds("/ws", path)
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
        assert!(inside.holds("/", "/etc"));
        assert!(inside.holds("/", "etc"));
        assert!(!inside.holds("/", "/.."));
    }
}
