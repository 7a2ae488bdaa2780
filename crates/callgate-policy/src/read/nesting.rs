//! Refuses texts that nest too deep, before anything recurses into them.

/// The deepest nesting of brackets and dotted keys that a policy may have.
const MAX_NESTING: usize = 128;
/// The most dots in one key.
const MAX_DOTS: usize = 64;

/// The byte at which `text` nests too deep.
///
/// It goes through the text once, without recursion, and knows of TOML only where strings and
/// comments end. The parser bounds brackets and dots one by one; a tree out of both together
/// would still be deep enough to end the stack of a thread when it is dropped.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    // The bracket that closes each open container, and the dots of the key before it.
    let mut open: Vec<(u8, usize)> = Vec::new();
    let (mut at, mut dots, mut depth) = (0_usize, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'#' => at = skip_line(bytes, at),
            b'"' | b'\'' => {
                at = skip_string(bytes, at);
                continue;
            }
            b'.' => {
                dots = dots.saturating_add(1);
                depth = depth.saturating_add(1);
            }
            b'{' | b'[' => {
                open.push((if byte == b'{' { b'}' } else { b']' }, dots));
                dots = 0;
                depth = depth.saturating_add(1);
            }
            b'}' | b']' => {
                if let Some((_, outer)) = open.pop_if(|(closer, _)| *closer == byte) {
                    depth = depth.saturating_sub(dots.saturating_add(1));
                    dots = outer;
                }
            }
            b',' => {
                depth = depth.saturating_sub(dots);
                dots = 0;
            }
            b'\n' if open.is_empty() => {
                depth = 0;
                dots = 0;
            }
            _ => {}
        }
        if depth > MAX_NESTING || dots > MAX_DOTS {
            return Some(at);
        }
        at = at.saturating_add(1);
    }
    None
}

/// The end of the line in which `at` lies: its line feed, or the end of the text.
fn skip_line(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let length = rest.iter().position(|&byte| byte == b'\n');
    at.saturating_add(length.unwrap_or(rest.len()))
}

/// The first byte after the string that begins at `at`. One that is not closed ends with its
/// line, or where it may hold several lines, with the text.
fn skip_string(bytes: &[u8], at: usize) -> usize {
    let Some(&quote) = bytes.get(at) else {
        return at;
    };
    let long = [quote; 3];
    let is_long = bytes.get(at..).is_some_and(|rest| rest.starts_with(&long));
    let mut at = at.saturating_add(if is_long { 3 } else { 1 });
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && quote == b'"' {
            at = at.saturating_add(2);
        } else if byte == quote && !is_long {
            return at.saturating_add(1);
        } else if byte == quote && bytes.get(at..).is_some_and(|rest| rest.starts_with(&long)) {
            // Up to two quotes may stand right before the closing three.
            let run = bytes
                .iter()
                .skip(at)
                .take(5)
                .take_while(|&&byte| byte == quote);
            return at.saturating_add(run.count());
        } else if byte == b'\n' && !is_long {
            return at;
        } else {
            at = at.saturating_add(1);
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<usize>) {
        assert_eq!(too_deep(text), expected);
    }

    #[test]
    fn shallow() {
        check("", None);
        check("a.b = [{ c = 1 }, { d = 2.5 }]\n[x.y]\n[[x.z]]", None);
        check(&"a.b.c = [1, 2]\n".repeat(1000), None);
        check(&format!("a = [{}]", "{ b.c = 1.5 }, ".repeat(1000)), None);
    }

    #[test]
    fn deep() {
        check(&"[".repeat(100_000), Some(128));
        check(&"a={".repeat(100_000), Some(386));
        check(&"a.".repeat(100_000), Some(129));
        check(&format!("{}a", "a.a.a={".repeat(1000)), Some(300));
    }

    #[test]
    fn brackets_that_are_text() {
        let many = "[{.".repeat(1000);
        check(&format!("# {many}"), None);
        check(&format!("a = '{many}'"), None);
        check(&format!("a = \"\\\"{many}\""), None);
        check(&format!("a = '''\n{many}'\n{many}'''''"), None);
        check(&format!("a = \"\"\"\\\"\"\"{many}\"\"\"\""), None);
        check(&format!("a = ''\nb = {many}"), Some(139));
        check(&format!("a = \"\nb = {many}"), Some(138));
        check(&format!("a = '\\'\nb = {many}"), Some(140));
    }
}
