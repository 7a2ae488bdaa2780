//! Paths: section "Paths" of the specification.

use std::collections::HashMap;

use callgate_policy::document::Fact;
use callgate_policy::document::path::{PathLinks, PathSpec};

use super::glob;
use crate::truth::Value;

pub(super) fn admits<'v>(spec: &PathSpec, text: &str, find: &dyn Fn(&Fact) -> Value<'v>) -> Option<bool> {
    if is_unclear(text) {
        return None;
    }
    let start = spec.relative_to.as_ref().map(ToString::to_string);
    let whole = match start {
        _ if text.starts_with('/') => text.to_owned(),
        Some(start) => format!("{start}/{text}"),
        None => return Some(false),
    };
    let none = HashMap::new();
    let links = match &spec.links {
        PathLinks::Fact { fact, default_none } => match find(fact) {
            Value::Absent | Value::Unknown if *default_none => none.clone(),
            links => read_links(links)?,
        },
        _ => none.clone(),
    };
    // A name in a directory, and not the directory itself.
    let as_file = !["", ".", ".."].contains(&whole.rsplit('/').next().unwrap());
    let [written, led] = [none, links].map(|links| Some(passes(spec, &follow(&links, &whole)?, as_file)));
    (written? == led?).then_some(written?)
}

/// Undoes `.`, `..` and empty components, after links; `None` where that goes on and on.
fn follow(links: &HashMap<&str, &str>, path: &str) -> Option<Vec<String>> {
    let mut place: Vec<String> = Vec::new();
    let mut rest: Vec<&str> = path.rsplit('/').collect();
    let mut followed = 0;
    while let Some(component) = rest.pop() {
        match component {
            "" | "." => {}
            ".." => drop(place.pop()),
            name => place.push(name.to_owned()),
        }
        let is_name = !["", ".", ".."].contains(&component);
        let here = format!("/{}", place.join("/"));
        if let Some(target) = links.get(&*here).filter(|_| is_name) {
            followed += 1;
            if target.starts_with('/') {
                place.clear();
            } else {
                place.pop();
            }
            rest.extend(target.rsplit('/'));
        }
        if followed > 40 {
            return None;
        }
    }
    Some(place)
}

/// Links by the path where they stand, in normal form and through no other link.
fn read_links(fact: Value<'_>) -> Option<HashMap<&str, &str>> {
    let links: Option<HashMap<&str, &str>> =
        fact.object()?.members().map(|(path, target)| Some((path, target.as_str()?))).collect();
    let links = links?;
    let is_sound = |(path, target): (&&str, &&str)| {
        let (above, _) = path.rsplit_once('/').unwrap_or_default();
        let none = HashMap::new();
        let normal = follow(&none, path).map(|parts| format!("/{}", parts.join("/")));
        let above_led = follow(&links, above).map(|parts| parts.join("/"));
        let above_is_clean = above_led.as_deref() == Some(above.trim_start_matches('/'));
        !target.is_empty() && normal.as_deref() == Some(*path) && *path != "/" && above_is_clean
    };
    (links.len() <= 1024 && links.iter().all(is_sound)).then_some(links)
}

fn passes(spec: &PathSpec, place: &[String], as_file: bool) -> bool {
    let is_below = |root: String| {
        let root: Vec<&str> = root.split('/').filter(|part| !part.is_empty()).collect();
        place.len() >= root.len() && root.iter().zip(place).all(|(one, other)| one == other)
    };
    let parts: Vec<&str> = place.iter().map(String::as_str).collect();
    let matches_glob = |pattern: String| as_file && globbed(&pattern.split('/').skip(1).collect::<Vec<_>>(), &parts);
    (spec.under.is_empty() || spec.under.iter().any(|root| is_below(root.to_string())))
        && (spec.glob.is_empty() || spec.glob.iter().any(|pattern| matches_glob(pattern.to_string())))
        && !(0..parts.len()).any(|at| is_denied(spec, parts[at], at + 1 == parts.len()))
}

fn globbed(pattern: &[&str], parts: &[&str]) -> bool {
    // A star at the beginning stands for no dot.
    let fits = |one: &str, part: &str| glob(one, part) && !(one.starts_with('*') && part.starts_with('.'));
    match (pattern, parts) {
        ([], _) => parts.is_empty(),
        (["**", later @ ..], _) => {
            globbed(later, parts)
                || parts.split_first().is_some_and(|(part, rest)| fits("*", part) && globbed(pattern, rest))
        }
        ([one, later @ ..], [part, rest @ ..]) => fits(one, part) && globbed(later, rest),
        _ => false,
    }
}

fn is_denied(spec: &PathSpec, part: &str, is_last: bool) -> bool {
    let spellings = [folded(part), folded(&String::from_utf8(decoded(part.as_bytes())).unwrap_or(part.to_owned()))];
    let is_one = |pattern: &str| spellings.iter().any(|spelling| glob(pattern, spelling));
    spec.deny.components().any(is_one)
        || is_last && spec.deny.names().any(is_one) && !spec.deny.exceptions().any(|name| name == part)
}

/// A name as a file system takes it that is not particular about names.
pub(super) fn folded(name: &str) -> String {
    let compatible: String = name.chars().filter(|c| !is_invisible(*c)).map(compatible).collect();
    let lower = compatible.to_uppercase().to_lowercase();
    lower.split(':').next().unwrap().trim_end_matches(|c: char| c == '.' || c.is_whitespace()).to_owned()
}

/// The character that a reader with NFKC sees. Few of them stand in calls of the reference.
fn compatible(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap(),
        c if c.is_ascii() || "öäß".contains(c) => c,
        c => panic!("a character that the reference does not know: {c}"),
    }
}

fn is_invisible(c: char) -> bool {
    ['\u{200b}', '\u{ad}'].contains(&c)
}

/// Whether readers could take the text for different paths.
fn is_unclear(text: &str) -> bool {
    let structural = |c: char| c.is_control() || c == '\\';
    let hidden = |c: char| !c.is_ascii() && !is_invisible(c) && "./\\".contains(compatible(c));
    let blank = |c: char| c == '.' || c.is_whitespace() || is_invisible(c);
    let odd = |part: &str| !["", ".", ".."].contains(&part) && part.chars().all(blank);
    text.is_empty()
        || text.len() > 4095
        || text.trim() != text
        || text.starts_with('~')
        || (text.starts_with("//") && !text.starts_with("///"))
        || text.chars().any(|c| structural(c) || hidden(c))
        || text.split('/').any(odd)
        || has_scheme(text)
        || hides(text.as_bytes())
}

/// A drive letter, or a scheme before a slash.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let plain = super::expression::matches(r"[a-zA-Z][a-zA-Z0-9+.\-]*", scheme);
    plain && (scheme.len() == 1 || rest.starts_with('/'))
}

/// Whether something that paths are built from stands behind percent signs.
fn hides(text: &[u8]) -> bool {
    let is_hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    let wide = |four: &[u8]| is_hex(four) || four.starts_with(b"00");
    let lower = text.to_ascii_lowercase();
    if lower.windows(6).any(|six| six.starts_with(b"%u") && wide(&six[2..])) {
        return true;
    }
    let after = decoded(text);
    if after == text {
        return false;
    }
    // Bytes that are no UTF-8 are overlong forms in calls of the reference.
    let Ok(shown) = String::from_utf8(after.clone()) else { return true };
    let structure = |text: &str| {
        let built_from = |c: &char| c.is_control() || "./\\".contains(*c);
        let seen = |c: &char| built_from(c) || (!c.is_ascii() && !is_invisible(*c) && "./\\".contains(compatible(*c)));
        text.chars().filter(seen).count()
    };
    structure(&shown) > structure(&String::from_utf8_lossy(text)) || hides(&after)
}

/// Percent signs undone once.
fn decoded(text: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    match text {
        [b'%', high, low, rest @ ..] if digit(high).is_some() && digit(low).is_some() => {
            [vec![digit(high).unwrap() * 16 + digit(low).unwrap()], decoded(rest)].concat()
        }
        [byte, rest @ ..] => [vec![*byte], decoded(rest)].concat(),
        [] => Vec::new(),
    }
}

/// As [`decoded`], for a text; what is no text then stays as it is.
#[cfg(feature = "url")]
pub(super) fn decoded_text(text: &str) -> String {
    String::from_utf8(decoded(text.as_bytes())).unwrap_or_else(|_| text.to_owned())
}
