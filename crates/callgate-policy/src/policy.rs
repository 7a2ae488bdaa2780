//! A policy that is ready to judge.

use std::fmt;

use callgate_types::Digest;

use crate::Diagnostics;
use crate::compile::Compiled;
use crate::document::{Document, Example, Raise};
use crate::evaluate::{Judgement, Matched, Question, ToolRef};
use crate::lint;
use crate::read::{self, Notation};

/// A policy: checked, compiled, and from then on unchanged.
///
/// Whatever is judged by one `Policy` is judged by the same rules: a new version is a new
/// `Policy`, put in the place of the old one as a whole.
pub struct Policy {
    document: Document,
    compiled: Compiled,
    digest: Digest,
    is_timed: bool,
}

impl Policy {
    /// Reads a policy written in TOML; `file` is its name in diagnostics.
    ///
    /// # Errors
    ///
    /// Reports everything that is wrong with the text, with places and suggestions.
    pub fn parse(text: &str, file: &str) -> Result<Self, Diagnostics> {
        Self::of(text, file, Notation::Toml)
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
        Self::of(text, file, Notation::Json)
    }

    fn of(text: &str, file: &str, notation: Notation) -> Result<Self, Diagnostics> {
        let document = read::read(text, file, notation)?;
        let selectors = document.rules.iter().map(|rule| &rule.selector);
        let mut selectors = selectors.chain(document.raises.iter().map(|raise| &raise.selector));
        Ok(Self {
            is_timed: selectors.any(|selector| selector.timing.is_some()),
            compiled: Compiled::new(&document),
            document,
            digest: Digest::of(text.as_bytes()),
        })
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
    /// look. `text` is what it was read from, `file` its name in diagnostics. None where there is
    /// nothing.
    pub fn lints(&self, text: &str, file: &str) -> Option<Diagnostics> {
        lint::lint(&self.document, text, file)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.document.name
    }

    /// The digest of the text as it was read.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What its author wrote.
    pub const fn document(&self) -> &Document {
        &self.document
    }

    /// Whether any statement is in force at some times only: then the time of a call matters.
    pub fn is_timed(&self) -> bool {
        self.is_timed
    }

    /// The tool `name` of the catalogue; whatever is not there is not to be run.
    pub fn tool(&self, name: &str) -> Option<ToolRef<'_>> {
        ToolRef::new(self, self.compiled.tool_number(name)?)
    }

    /// The statements that raise the tier of a call: surely or possibly.
    pub fn raises<'p>(&'p self, question: &Question<'_, 'p>) -> Matched<'p, Raise> {
        debug_assert!(
            std::ptr::eq(self, question.tool().policy()),
            "a tool of this policy"
        );
        let policy = question.tool().policy();
        Matched::raises(policy.compiled.raises(), &policy.document.raises, question)
    }

    /// All rules that match a call.
    pub fn judge<'p>(&'p self, question: &Question<'_, 'p>) -> Judgement<'p> {
        debug_assert!(
            std::ptr::eq(self, question.tool().policy()),
            "a tool of this policy"
        );
        let policy = question.tool().policy();
        Judgement::new(policy.compiled.rules(), &policy.document.rules, question)
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
            .finish_non_exhaustive()
    }
}
