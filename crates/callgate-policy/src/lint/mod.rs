//! What an author should look at, though the policy loads.
//!
//! A lint finds what can be seen from the policy alone to be without effect, or to let through
//! more than it seems to. None changes a decision, and a policy without any is not thereby a
//! good one. Each family has its file; the codes are listed in `docs/spec/policy.md`.

mod conditions;
mod domain;
mod examples;
mod friction;
mod limits;
mod patterns;
mod permits;
mod recording;
mod scopes;
mod standing;
mod statements;
mod tools;
mod view;
mod walk;

use self::view::View;
use crate::document::Document;
use crate::read::{self, Faults};
use crate::{Diagnostics, Sources};

const LINTS: &[fn(&View<'_>)] = &[
    statements::never_matches,
    statements::idle_raise,
    conditions::of_all,
    permits::always_overruled,
    permits::unconditional,
    permits::wide_names,
    permits::idle_accepts_tier,
    permits::actor_without_scope,
    patterns::of_all,
    scopes::unused_roles,
    scopes::unused_actors,
    scopes::unused_scopes,
    scopes::unheld_scopes,
    friction::of_tiers,
    friction::impossible_approvals,
    friction::previews_of_nothing,
    standing::privileged,
    standing::idle,
    limits::always_exceeded,
    limits::endless,
    limits::free_key,
    tools::never_permitted,
    tools::without_resources,
    recording::secrets_in_clear,
    examples::contradicting,
];

/// Looks through `document`, which was read from `sources`.
pub(crate) fn lint(document: &Document, sources: &Sources<'_>) -> Option<Diagnostics> {
    let root = sources.root();
    let faults = Faults::new(&root.text, &root.file);
    read::again(sources, &faults, |tree| {
        let view = View::new(document, tree, &faults);
        for lint in LINTS {
            lint(&view);
        }
    });
    (!faults.is_empty()).then(|| faults.into_diagnostics())
}
