//! What a question rests on.

use std::fmt::Write as _;

use callgate_approval::{Demands, Ground, GroundKind};
use callgate_policy::document::Rule;
use callgate_types::Digest;

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
    let demands = Demands::digest(&judged.friction);
    grounds.push(Ground::new(GroundKind::Friction, None, demands));
    grounds
}

/// A digest of the tier and of every factor that speaks for it.
fn tier(judged: &Judged<'_>) -> Digest {
    let mut text = String::from("callgate tier v1\n");
    let factors = judged.factors().iter();
    for factor in factors {
        let (source, name) = (factor.source.as_str(), factor.name);
        let written = writeln!(text, "{source} {}:{name} {}", name.len(), factor.tier);
        debug_assert!(written.is_ok(), "a string takes what is written to it");
    }
    Digest::of(text.as_bytes())
}
