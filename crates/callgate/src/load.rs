//! From a policy file to a snapshot that judges.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use callgate_policy::document::Example;
use callgate_policy::{Diagnostics, Policy};
use callgate_types::{Caller, Code, Context, DecisionKind, ToolCall};

use crate::{PolicyFile, Snapshot};

/// Reads the policy in the file at `path`, with the files that it includes, and checks its examples.
///
/// A file whose name ends in `.json` is read as JSON, every other as TOML.
///
/// # Errors
///
/// Says what is wrong, with file, line and column, and what was expected. A policy whose own
/// examples come out differently does not load.
pub fn load_policy(path: impl AsRef<Path>) -> Result<Snapshot, LoadError> {
    PolicyFile::open(path)?.load()
}

/// Reads the policy in `text`, which is TOML, and checks its examples; `file` is how errors name
/// it. A text alone includes nothing.
///
/// # Errors
///
/// As [`load_policy`].
pub fn parse_policy(text: &str, file: &str) -> Result<Snapshot, LoadError> {
    let policy = Policy::parse(text, file).map_err(LoadError::Invalid)?;
    with_examples(Snapshot::new(policy))
}

/// Reads the policy in `text`, which is JSON, and checks its examples; `file` is how errors name
/// it. A text alone includes nothing.
///
/// # Errors
///
/// As [`load_policy`].
pub fn parse_policy_json(text: &str, file: &str) -> Result<Snapshot, LoadError> {
    let policy = Policy::parse_json(text, file).map_err(LoadError::Invalid)?;
    with_examples(Snapshot::new(policy))
}

/// The snapshot, where all of its examples come out as they say.
pub(crate) fn with_examples(snapshot: Snapshot) -> Result<Snapshot, LoadError> {
    let failed: Vec<Tested> = tested(&snapshot, &snapshot.policy().document().examples)
        .filter(|tested| !tested.ok)
        .collect();
    if failed.is_empty() {
        Ok(snapshot)
    } else {
        Err(LoadError::Examples { failed })
    }
}

/// Reads further examples from a text, which is JSON where its name says so.
pub(crate) fn read_examples(
    snapshot: &Snapshot,
    text: &str,
    file: &str,
) -> Result<Vec<Example>, LoadError> {
    let policy = snapshot.policy();
    let examples = if is_json(file) {
        policy.read_examples_json(text, file)
    } else {
        policy.read_examples(text, file)
    };
    examples.map_err(LoadError::Invalid)
}

/// Whether the name of a file says that it is JSON.
pub(crate) fn is_json(file: &str) -> bool {
    let ending = Path::new(file).extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// Tries examples, one by one.
pub(crate) fn tested<'a>(
    snapshot: &'a Snapshot,
    examples: &'a [Example],
) -> impl Iterator<Item = Tested> + 'a {
    examples
        .iter()
        .map(move |example| try_example(snapshot, example))
}

fn try_example(snapshot: &Snapshot, example: &Example) -> Tested {
    let caller = match &example.caller {
        Some(asserted) => asserted.clone().resolve().unwrap_or_else(Caller::refused),
        None => Caller::unknown(),
    };
    let mut context = Context::new().with_facts(example.facts.clone());
    if let Some(time) = example.time {
        context = context.time(time);
    }
    if let Some(environment) = &example.environment {
        context = context.environment(environment.clone());
    }
    if let Some(session) = &example.session {
        context = context.session(session.clone());
    }
    if let Some(task) = &example.task {
        context = context.task(task.clone());
    }
    for resource in &example.resources {
        context = context.resource(resource.clone());
    }
    let mut call = ToolCall::from_text(example.tool.clone(), example.arguments.clone());
    // An example is about the tool as it was accepted, unless it says otherwise.
    let pinned = || snapshot.policy().tool(&example.tool)?.definition().copied();
    if let Some(definition) = example.definition.or_else(pinned) {
        call = call.definition(definition);
    }
    let judged = snapshot.judge(&caller, &call, &context);
    let ok = judged.decision() == example.gets
        && (example.rule.is_none() || example.rule.as_deref() == judged.rule())
        && (example.code.is_none() || example.code == Some(judged.code()));
    Tested {
        file: (&*example.file).into(),
        line: example.line,
        expected: Expected {
            decision: example.gets,
            rule: example.rule.clone(),
            code: example.code,
        },
        got: Expected {
            decision: judged.decision(),
            rule: judged.rule().map(Into::into),
            code: Some(judged.code()),
        },
        message: judged.message().into(),
        ok,
    }
}

/// Why a policy did not load.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The policy is not valid.
    #[error("{0}")]
    Invalid(Diagnostics),
    /// Examples of the policy came out differently from what they say.
    #[error("{}", lines(failed))]
    Examples {
        /// Which ones; never empty.
        failed: Vec<Tested>,
    },
}

fn lines(failed: &[Tested]) -> String {
    let lines: Vec<String> = failed
        .iter()
        .map(|tested| format!("{}:{}:1: {tested}", tested.file, tested.line))
        .collect();
    lines.join("\n")
}

/// An example that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tested {
    /// The file where the example stands, as it was named.
    pub file: Box<str>,
    /// The line where the example stands, from 1.
    pub line: u32,
    /// What the example says.
    pub expected: Expected,
    /// What the policy decides.
    pub got: Expected,
    /// Why it decides so.
    pub message: Box<str>,
    /// Whether the policy decides as the example says.
    pub ok: bool,
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (got, expected, why) = (&self.got, &self.expected, &self.message);
        if self.ok {
            write!(f, "example gets {got}: {why}")
        } else {
            write!(f, "example gets {got}, expected {expected}: {why}")
        }
    }
}

/// A decision as examples state it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expected {
    /// The decision.
    pub decision: DecisionKind,
    /// The rule that decides; as an expectation, `None` is any.
    pub rule: Option<Box<str>>,
    /// The code; as an expectation, `None` is any.
    pub code: Option<Code>,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.decision)?;
        if let Some(code) = self.code {
            write!(f, " with code `{code}`")?;
        }
        if let Some(rule) = &self.rule {
            write!(f, " by rule `{rule}`")?;
        }
        Ok(())
    }
}
