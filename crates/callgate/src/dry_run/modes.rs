//! Which calls are dry runs, and of which.

use std::collections::HashMap;

use callgate_approval::{binding, bound_to};
use callgate_policy::ToolRef;
use callgate_policy::document::{Document, DryRun};
use callgate_types::{Arguments, DecisionKind, Digest, ToolCall};

use crate::Snapshot;
use crate::judged::Judged;
use crate::record::Asked;

/// Which calls are dry runs, and of which tools, by one policy.
#[derive(Debug, Default)]
pub(crate) struct Modes {
    /// By the index of the tool that is called; empty where no tool says how it is tried out.
    by_tool: Vec<Vec<Mode>>,
}

/// A call is a dry run of the tool `of`, where `dry` is met.
#[derive(Debug)]
struct Mode {
    of: Box<str>,
    dry: DryRun,
}

impl Modes {
    pub(crate) fn new(document: &Document) -> Self {
        let mut by_tool = Vec::new();
        let places: HashMap<&str, usize> = (document.tools.keys())
            .enumerate()
            .map(|(place, name)| (&**name, place))
            .collect();
        for (name, tool) in &document.tools {
            let Some(dry) = &tool.dry_run else { continue };
            by_tool.resize_with(document.tools.len(), Vec::new);
            let called = dry.tool.as_ref().unwrap_or(name);
            let place = places.get(&**called);
            if let Some(modes) = place.and_then(|place| by_tool.get_mut(*place)) {
                modes.push(Mode {
                    of: name.clone(),
                    dry: dry.clone(),
                });
            }
        }
        Self { by_tool }
    }

    fn met(&self, tool: ToolRef<'_>, arguments: &Arguments) -> impl Iterator<Item = &Mode> {
        let modes = self.by_tool.get(tool.index()).into_iter().flatten();
        modes.filter(|mode| mode.dry.is_met(arguments))
    }

    /// Whether a call of `tool` with these arguments is a dry run.
    pub(crate) fn is_met(&self, tool: ToolRef<'_>, arguments: &Arguments) -> bool {
        self.met(tool, arguments).next().is_some()
    }
}

impl Snapshot {
    /// The keys of the calls of which one that is let run is a dry run; `None` where of none.
    #[inline]
    pub(crate) fn tries(&self, judged: &Judged<'_>, asked: &Asked<'_>) -> Option<Box<[Digest]>> {
        if self.modes.by_tool.is_empty() {
            return None;
        }
        self.tries_of(judged, asked)
    }

    #[cold]
    fn tries_of(&self, judged: &Judged<'_>, asked: &Asked<'_>) -> Option<Box<[Digest]>> {
        // It counts where it was allowed by itself, and in a session.
        if judged.decision != DecisionKind::Allow || asked.context.session_id().is_none() {
            return None;
        }
        let (tool, arguments) = (judged.tool?, asked.call.arguments().ok()?);
        let keys = self.modes.met(tool, arguments).filter_map(|mode| {
            let of = self.policy.tool(&mode.of)?;
            Some(self.key(of, tool, asked, without(arguments, &mode.dry)))
        });
        let keys: Box<[Digest]> = keys.collect();
        (!keys.is_empty()).then_some(keys)
    }

    /// The key under which a dry run of this call is kept; `None` where there can be none.
    pub(crate) fn tried(&self, judged: &Judged<'_>, asked: &Asked<'_>) -> Option<Digest> {
        asked.context.session_id()?;
        let (tool, arguments) = (judged.tool?, asked.call.arguments().ok()?);
        let (dry, by) = (tool.dry_run()?, self.tried_by(tool)?);
        let arguments = match dry.tool {
            None => without(arguments, dry),
            Some(_) => arguments.canonical(),
        };
        Some(self.key(tool, by, asked, arguments))
    }

    /// The tool by which calls of `tool` are tried out.
    pub(crate) fn tried_by<'p>(&'p self, tool: ToolRef<'p>) -> Option<ToolRef<'p>> {
        match &tool.dry_run()?.tool {
            None => Some(tool),
            Some(other) => self.policy.tool(other),
        }
    }

    /// A digest of the call of the tool `of` with these `arguments`, exactly, of both entries in the
    /// catalogue, and of everything that an approval is bound to.
    fn key(
        &self,
        of: ToolRef<'_>,
        by: ToolRef<'_>,
        asked: &Asked<'_>,
        arguments: String,
    ) -> Digest {
        let mut call = ToolCall::from_text(of.name(), arguments);
        if of.index() == by.index()
            && let Some(definition) = asked.call.definition_digest()
        {
            call = call.definition(*definition);
        }
        let mut bound = binding(asked.caller, &call, asked.context);
        if let Some(authority) = &asked.authority {
            bound = bound_to(&bound, authority);
        }
        let mut bytes = b"callgate dry run v1\n".to_vec();
        for part in [bound, self.meaning_of_tool(of), self.meaning_of_tool(by)] {
            bytes.extend_from_slice(part.as_bytes());
        }
        Digest::of(&bytes)
    }
}

/// The arguments of a call, in canonical form, but for what says that it is a dry run.
fn without(arguments: &Arguments, dry: &DryRun) -> String {
    match &dry.argument {
        Some((pointer, _)) => {
            let path: Vec<&str> = pointer.tokens().collect();
            arguments.canonical_without(&path)
        }
        None => arguments.canonical(),
    }
}
