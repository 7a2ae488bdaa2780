//! What a question rests on.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::mem;

use callgate_approval::{Demands, Ground, GroundKind};
use callgate_policy::document::Rule;
use callgate_types::{Digest, Friction};

use crate::Snapshot;
use crate::judged::Judged;

/// What the question about a call rests on that is held back as `judged` says.
pub(super) fn grounds(snapshot: &Snapshot, judged: &Judged<'_>) -> Vec<Ground> {
    let mut grounds = Vec::with_capacity(8);
    if let Some(rules) = &judged.rules {
        let matched = rules.permits().chain(rules.asks());
        grounds.extend(matched.map(|rule: &Rule| {
            Ground::new(GroundKind::Rule, Some(&rule.id), snapshot.meaning_of(rule))
        }));
    }
    if let Some(tool) = judged.tool {
        let meaning = snapshot.meaning_of_tool(tool);
        grounds.push(Ground::new(GroundKind::Tool, Some(tool.name()), meaning));
    }
    grounds.push(Ground::new(GroundKind::Tier, None, tier(judged)));
    let demands = demands(&judged.friction);
    grounds.push(Ground::new(GroundKind::Friction, None, demands));
    grounds
}

thread_local! {
    /// What was demanded last, and its digest: most calls of a host that ask demand the same.
    static LAST: RefCell<Option<(Friction, Digest)>> = const { RefCell::new(None) };
}

/// A digest of everything that is demanded.
fn demands(friction: &Friction) -> Digest {
    let known = LAST.try_with(|last| {
        let mut last = last.try_borrow_mut().ok()?;
        if let Some((known, digest)) = &*last
            && known == friction
        {
            return Some(*digest);
        }
        let digest = Demands::digest(friction);
        *last = Some((friction.clone(), digest));
        Some(digest)
    });
    // A thread that is ending remembers nothing.
    known
        .ok()
        .flatten()
        .unwrap_or_else(|| Demands::digest(friction))
}

/// The text about the tier of the last call, and its digest.
struct LastTier {
    text: String,
    digest: Digest,
    /// The next such text is put together here.
    next: String,
}

thread_local! {
    static LAST_TIER: RefCell<LastTier> = const {
        RefCell::new(LastTier {
            text: String::new(),
            digest: Digest::ZERO,
            next: String::new(),
        })
    };
}

/// A digest of the tier and of every factor that speaks for it.
fn tier(judged: &Judged<'_>) -> Digest {
    let known = LAST_TIER.try_with(|last| {
        let last = &mut *last.try_borrow_mut().ok()?;
        last.next.clear();
        push_tier(&mut last.next, judged);
        // The empty text of the beginning is that of no tier.
        if last.next != last.text {
            last.digest = Digest::of(last.next.as_bytes());
            mem::swap(&mut last.next, &mut last.text);
        }
        Some(last.digest)
    });
    known.ok().flatten().unwrap_or_else(|| {
        let mut text = String::new();
        push_tier(&mut text, judged);
        Digest::of(text.as_bytes())
    })
}

fn push_tier(text: &mut String, judged: &Judged<'_>) {
    text.push_str("callgate tier v1\n");
    for factor in judged.factors() {
        let (source, tier) = (factor.source.as_str(), factor.tier.as_str());
        let length = factor.name.len();
        let written = writeln!(text, "{source} {length}:{} {tier}", factor.name);
        debug_assert!(written.is_ok(), "a string takes what is written to it");
    }
}
