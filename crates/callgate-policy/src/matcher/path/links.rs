//! Symbolic links, as the host knows them.

use std::collections::HashMap;

use callgate_types::{JsonKind, JsonRef};

use super::AbsolutePath;

/// What is known of links for one call.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum LinkFact<'a> {
    /// There are none, or they are ignored.
    None,
    /// Nobody said.
    Unknown,
    /// An object from absolute paths to targets.
    Given(JsonRef<'a>),
}

/// The most links that a host may name for one call.
const MAX_LINKS: usize = 1024;
/// The most links that are followed, as in the kernel.
const MAX_FOLLOWED: u32 = 40;
/// The most components that are walked over, those of targets included.
const MAX_STEPS: u32 = 8192;

/// Where a path leads once links are followed.
pub(super) enum Followed {
    /// It meets no link.
    Same,
    /// Here.
    To(String),
    /// Nobody can say.
    Unknown,
}

/// Follows the links on the way of `text`, which begins at `start` or at the root.
pub(super) fn follow(links: JsonRef<'_>, start: Option<&AbsolutePath>, text: &str) -> Followed {
    match read(links) {
        None => Followed::Unknown,
        Some(links) if links.is_empty() => Followed::Same,
        Some(links) => walk(&links, start, text).unwrap_or(Followed::Unknown),
    }
}

fn walk(links: &HashMap<&str, &str>, start: Option<&AbsolutePath>, text: &str) -> Option<Followed> {
    let mut path = String::new();
    let mut pending: Vec<&str> = text.rsplit('/').collect();
    if let Some(start) = start {
        let mut above: Vec<&str> = start.components().collect();
        above.reverse();
        pending.extend(above);
    }
    let (mut followed, mut steps) = (0_u32, 0_u32);
    while let Some(component) = pending.pop() {
        steps = steps.checked_add(1).filter(|steps| *steps <= MAX_STEPS)?;
        match component {
            "" | "." => continue,
            ".." => {
                path.truncate(path.rfind('/').unwrap_or(0));
                continue;
            }
            name => {
                path.push('/');
                path.push_str(name);
            }
        }
        if path.len() > super::MAX_BYTES {
            return None;
        }
        if let Some(target) = links.get(path.as_str()) {
            followed = followed
                .checked_add(1)
                .filter(|count| *count <= MAX_FOLLOWED)?;
            if target.starts_with('/') {
                path.clear();
            } else {
                path.truncate(path.rfind('/').unwrap_or(0));
            }
            pending.extend(target.rsplit('/'));
        }
    }
    Some(if followed == 0 {
        Followed::Same
    } else {
        Followed::To(path)
    })
}

/// The links by path; `None` where the host said something else than links.
fn read(links: JsonRef<'_>) -> Option<HashMap<&str, &str>> {
    if links.kind() != JsonKind::Object || links.len() > MAX_LINKS {
        return None;
    }
    let mut known = HashMap::with_capacity(links.len());
    for (path, target) in links.members() {
        let target = target.as_str()?;
        let is_sound = path.len() <= super::MAX_BYTES
            && is_normal(path)
            && !target.is_empty()
            && target.len() <= super::MAX_BYTES;
        known.insert(path, is_sound.then_some(target)?);
    }
    // A path that leads through another link is not where its link really stands.
    let through_link = |path: &str| {
        path.match_indices('/').skip(1).any(|(end, _)| {
            path.get(..end)
                .is_some_and(|above| known.contains_key(above))
        })
    };
    let is_sound = !known.keys().any(|path| through_link(path));
    is_sound.then_some(known)
}

fn is_normal(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|below| {
        below
            .split('/')
            .all(|part| !matches!(part, "" | "." | ".."))
    })
}
