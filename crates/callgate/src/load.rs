//! From a policy file to a snapshot that judges.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use callgate_policy::document::Example;
use callgate_policy::{Diagnostics, Policy};
use callgate_types::{Caller, Code, Context, DecisionKind, ToolCall};

use crate::Snapshot;

/// Largest policy file, in bytes: 8 MiB.
const MAX_POLICY: u64 = 8 << 20;

/// Reads the policy in the file at `path`, and checks its examples.
///
/// A file whose name ends in `.json` is read as JSON, every other as TOML.
///
/// # Errors
///
/// Says what is wrong, with file, line and column, and what was expected. A policy whose own
/// examples come out differently does not load.
pub fn load_policy(path: impl AsRef<Path>) -> Result<Snapshot, LoadError> {
    let path = path.as_ref();
    let text = read(path).map_err(|source| LoadError::Read {
        path: path.into(),
        source,
    })?;
    let file = path.to_string_lossy();
    let snapshot = parse_as_named(&text, &file)?;
    with_examples(snapshot, &file)
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    // One byte past the bound is enough to see that it is passed.
    let bounded = MAX_POLICY.saturating_add(1);
    File::open(path)?.take(bounded).read_to_string(&mut text)?;
    Ok(text)
}

/// Reads the policy in `text`, which is TOML, and checks its examples; `file` is how errors name
/// it.
///
/// # Errors
///
/// As [`load_policy`].
pub fn parse_policy(text: &str, file: &str) -> Result<Snapshot, LoadError> {
    let policy = Policy::parse(text, file).map_err(LoadError::Invalid)?;
    with_examples(Snapshot::new(policy), file)
}

/// Reads the policy in `text`, which is JSON, and checks its examples; `file` is how errors name
/// it.
///
/// # Errors
///
/// As [`load_policy`].
pub fn parse_policy_json(text: &str, file: &str) -> Result<Snapshot, LoadError> {
    let policy = Policy::parse_json(text, file).map_err(LoadError::Invalid)?;
    with_examples(Snapshot::new(policy), file)
}

fn with_examples(snapshot: Snapshot, file: &str) -> Result<Snapshot, LoadError> {
    let failed: Vec<Tested> = tested(&snapshot, file, &snapshot.policy().document().examples)
        .filter(|tested| !tested.ok)
        .collect();
    if failed.is_empty() {
        Ok(snapshot)
    } else {
        Err(LoadError::Examples { failed })
    }
}

/// Tries the examples of the policy in `text` and those of further files, given as text and
/// name, and says of each how it came out.
///
/// A text whose name ends in `.json` is read as JSON, every other as TOML.
///
/// # Errors
///
/// As [`load_policy`], but for examples that come out differently: they stand in the answer.
pub fn test_policy(
    text: &str,
    file: &str,
    tests: &[(&str, &str)],
) -> Result<Vec<Tested>, LoadError> {
    let snapshot = parse_as_named(text, file)?;
    let own = &snapshot.policy().document().examples;
    let mut all: Vec<Tested> = tested(&snapshot, file, own).collect();
    for (text, file) in tests {
        let policy = snapshot.policy();
        let examples = if is_json(file) {
            policy.read_examples_json(text, file)
        } else {
            policy.read_examples(text, file)
        };
        let examples = examples.map_err(LoadError::Invalid)?;
        all.extend(tested(&snapshot, file, &examples));
    }
    Ok(all)
}

fn parse_as_named(text: &str, file: &str) -> Result<Snapshot, LoadError> {
    let policy = if is_json(file) {
        Policy::parse_json(text, file)
    } else {
        Policy::parse(text, file)
    };
    policy.map(Snapshot::new).map_err(LoadError::Invalid)
}

fn is_json(file: &str) -> bool {
    let ending = Path::new(file).extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

fn tested<'a>(
    snapshot: &'a Snapshot,
    file: &'a str,
    examples: &'a [Example],
) -> impl Iterator<Item = Tested> + 'a {
    examples
        .iter()
        .map(move |example| try_example(snapshot, file, example))
}

fn try_example(snapshot: &Snapshot, file: &str, example: &Example) -> Tested {
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
        file: file.into(),
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
