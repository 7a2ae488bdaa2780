//! A policy that is ready to judge.

use std::fmt;

use callgate_types::{Caller, CallerNumbers, Digest};

use crate::Diagnostics;
use crate::compile::Compiled;
use crate::document::{Document, Example};
use crate::evaluate::{self, Judgement, Question, ToolRef};
use crate::explain::can_lapse;
use crate::lint;
use crate::read;
use crate::sources::{IncludeError, Included, Notation, Sources};

/// A policy: checked, compiled, and from then on unchanged.
///
/// Whatever is judged by one `Policy` is judged by the same rules: a new version is a new
/// `Policy`, put in the place of the old one as a whole.
pub struct Policy {
    document: Document,
    compiled: Compiled,
    digest: Digest,
    is_timed: bool,
    /// The numbers of the permits that are in force for some time only.
    timed_permits: Box<[u32]>,
}

impl Policy {
    /// Reads a policy written in TOML; `file` is its name in diagnostics.
    ///
    /// # Errors
    ///
    /// Reports everything that is wrong with the text, with places and suggestions.
    pub fn parse(text: &str, file: &str) -> Result<Self, Diagnostics> {
        Self::load(&Sources::of(text, file), &mut |_| {
            Err(IncludeError::NoFiles)
        })
    }

    /// Reads a policy written in JSON: the same document, as programs write it.
    ///
    /// # Errors
    ///
    /// As [`Policy::parse`]; of what is no JSON, only the first place is reported.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_policy::Policy;
    ///
    /// let text = r#"{
    ///     "format": 1,
    ///     "name": "clock",
    ///     "tools": { "time": { "access": "read" } },
    ///     "rules": [ { "id": "anybody", "effect": "permit", "tool": ["time"] } ]
    /// }"#;
    /// let refused = Policy::parse_json(text, "clock.json").unwrap_err();
    /// assert_eq!(
    ///     refused.to_string(),
    ///     "clock.json:5:55: unknown key `tool` in a rule; did you mean `tools`?"
    /// );
    /// assert!(Policy::parse_json(&text.replace("\"tool\"", "\"tools\""), "clock.json").is_ok());
    /// ```
    pub fn parse_json(text: &str, file: &str) -> Result<Self, Diagnostics> {
        let sources = Sources::of_json(text, file);
        Self::load(&sources, &mut |_| Err(IncludeError::NoFiles))
    }

    /// Reads a policy with the files that it includes.
    ///
    /// `files` is asked for each of them once, in the order in which they are included: by the
    /// path from the folder of the root file, with `/` between components, without `.`, `..`, `:`,
    /// backslashes and control characters, ending in `.toml` or `.json`. What it hands over is
    /// kept in `sources`.
    ///
    /// # Errors
    ///
    /// As [`Policy::parse`]; each fault names the file in which it stands.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_policy::{IncludeError, Included, Policy, Sources};
    ///
    /// let root = r#"
    /// format = 1
    /// name = "clock"
    /// include = ["tools/time.toml"]
    /// [[rules]]
    /// id = "anybody"
    /// effect = "permit"
    /// tools = ["time"]
    /// "#;
    /// let sources = Sources::of(root, "clock.toml");
    /// let policy = Policy::load(&sources, &mut |name| match name {
    ///     "tools/time.toml" => {
    ///         let text = "format = 1\n[tools.time]\naccess = 'read'".to_owned();
    ///         Ok(Included::new(text, name.to_owned()))
    ///     }
    ///     _ => Err(IncludeError::NotAFile),
    /// })?;
    /// assert_eq!(&*policy.document().tools["time"].file, "tools/time.toml");
    /// # Ok::<(), callgate_policy::Diagnostics>(())
    /// ```
    pub fn load(
        sources: &Sources<'_>,
        files: &mut dyn FnMut(&str) -> Result<Included, IncludeError>,
    ) -> Result<Self, Diagnostics> {
        let document = read::read(sources, files)?;
        let compiled = Compiled::new(&document);
        Ok(Self::of_document(document, compiled, sources.digest()))
    }

    /// The policy that `document` is, of which `compiled` was made.
    pub(crate) fn of_document(document: Document, compiled: Compiled, digest: Digest) -> Self {
        let selectors = document.rules.iter().map(|rule| &rule.selector);
        let selectors = selectors.chain(document.raises.iter().map(|raise| &raise.selector));
        let mut selectors = selectors.chain(document.limits.iter().map(|limit| &limit.selector));
        let timed_permits = (0..).zip(&document.rules);
        let timed_permits = timed_permits.filter(|(_, rule)| can_lapse(rule));
        let has_hours = selectors.any(|selector| selector.timing.is_some());
        Self {
            timed_permits: timed_permits.map(|(number, _)| number).collect(),
            is_timed: has_hours || compiled.conditions().is_timed(),
            compiled,
            document,
            digest,
        }
    }

    /// Reads a file of tests: `[[examples]]` for this policy, as a policy holds them itself.
    /// `file` is its name in diagnostics.
    ///
    /// # Errors
    ///
    /// Reports everything that is wrong with the text, names that this policy does not know among
    /// it.
    pub fn read_examples(&self, text: &str, file: &str) -> Result<Vec<Example>, Diagnostics> {
        read::read_examples(text, file, Notation::Toml, &self.document)
    }

    /// Reads a file of tests that is written in JSON.
    ///
    /// # Errors
    ///
    /// As [`Policy::read_examples`].
    pub fn read_examples_json(&self, text: &str, file: &str) -> Result<Vec<Example>, Diagnostics> {
        read::read_examples(text, file, Notation::Json, &self.document)
    }

    /// What its author should look at: rules without effect, and permits that are wider than they
    /// look. `sources` are what it was read from. None where there is nothing.
    pub fn lints(&self, sources: &Sources<'_>) -> Option<Diagnostics> {
        lint::lint(&self.document, sources)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.document.name
    }

    /// The digest of the text as it was read; of several files, that of a line for each with its
    /// digest and name, as `docs/spec/policy.md` has it.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What its author wrote.
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// What its author wrote, without what calls are judged by.
    pub fn into_document(self) -> Document {
        self.document
    }

    /// Whether any statement is in force at some times only, or reads how old a proof is: then the
    /// time of a call matters.
    pub fn is_timed(&self) -> bool {
        self.is_timed
    }

    /// The tool `name` of the catalogue; whatever is not there is not to be run.
    pub fn tool(&self, name: &str) -> Option<ToolRef<'_>> {
        ToolRef::new(self, self.compiled.tool_number(name)?)
    }

    /// Adds the roles and the tenant of `caller` to its numbers, for
    /// [`Question::numbered`]; `None` where it has too many roles.
    pub fn number(&self, caller: &Caller, numbers: CallerNumbers) -> Option<CallerNumbers> {
        evaluate::number(&self.compiled, caller, numbers)
    }

    /// All rules and raises that match a call: surely, or, where they restrict, possibly.
    #[inline]
    pub fn judge<'p>(&'p self, question: &Question<'_, 'p>) -> Judgement<'p> {
        debug_assert!(
            std::ptr::eq(self, question.tool().policy()),
            "a tool of this policy"
        );
        let policy = question.tool().policy();
        Judgement::new(policy.compiled.statements(), &policy.document, question)
    }

    pub(crate) const fn timed_permits(&self) -> &[u32] {
        &self.timed_permits
    }

    pub(crate) const fn compiled(&self) -> &Compiled {
        &self.compiled
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.document.name)
            .field("tools", &self.document.tools.len())
            .field("rules", &self.document.rules.len())
            .field("raises", &self.document.raises.len())
            .field("limits", &self.document.limits.len())
            .finish_non_exhaustive()
    }
}
