//! What is wrong with a policy text, and where.

use std::fmt;
use std::sync::Arc;

/// One thing that is wrong with a policy text.
///
/// `Display` gives one line, as compilers do: `file:line:column: message; help`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The file, as the caller named it.
    pub file: Arc<str>,
    /// The stable word for what is wrong.
    pub code: DiagnosticCode,
    /// Whether the policy can be used all the same.
    pub severity: Severity,
    /// What is wrong: lowercase, no full stop, the author's words in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where it begins.
    pub start: Position,
    /// Where it ends: the place after its last character.
    pub end: Position,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.start;
        write!(f, "{}:{line}:{column}: {}", self.file, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Whether a policy can be used in spite of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// It can, but the author should look.
    Warning,
    /// It cannot: nothing of it takes effect.
    Error,
}

impl Severity {
    /// The word for this severity.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a place is a line and a column")]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// Everything found wrong with a policy, in the order of the text; never empty.
///
/// At most [`Diagnostics::MAX`] are kept; [`Diagnostics::omitted`] counts the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    first: Box<Diagnostic>,
    rest: Vec<Diagnostic>,
    omitted: usize,
}

impl Diagnostics {
    /// The most diagnostics that are kept of one policy.
    pub const MAX: usize = 100;

    /// `first` and `rest`, in the order of the text; `omitted` more were not kept.
    pub(crate) fn new(first: Diagnostic, rest: Vec<Diagnostic>, omitted: usize) -> Self {
        Self {
            first: Box::new(first),
            rest,
            omitted,
        }
    }

    /// The first in the order of the text.
    pub fn first(&self) -> &Diagnostic {
        &self.first
    }

    /// All that were kept, in the order of the text.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        std::iter::once(&*self.first).chain(&self.rest)
    }

    /// How many more there are.
    pub const fn omitted(&self) -> usize {
        self.omitted
    }
}

/// One line each.
impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.first, f)?;
        for one in &self.rest {
            write!(f, "\n{one}")?;
        }
        match self.omitted {
            0 => Ok(()),
            more => write!(f, "\n{}: {more} more errors are not shown", self.first.file),
        }
    }
}

impl std::error::Error for Diagnostics {}

/// Writes [`DiagnosticCode`] from one table, so that word, variant and list cannot part.
macro_rules! codes {
    (
        $($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)+
        lints: $($(#[doc = $lint_doc:literal])+ $lint:ident = $lint_word:literal,)+
    ) => {
        /// What sort of thing is wrong; the word never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DiagnosticCode {
            $($(#[doc = $doc])+ $variant,)+
            $($(#[doc = $lint_doc])+ $lint,)+
        }

        impl DiagnosticCode {
            /// All codes of errors.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// All codes of warnings: what [`Policy::lints`](crate::Policy::lints) finds.
            pub const LINTS: &[Self] = &[$(Self::$lint),+];

            /// The word for this code in output.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                    $(Self::$lint => $lint_word,)+
                }
            }
        }
    };
}

codes! {
    /// A text is longer than 8 MiB, or all files of a policy together than 64 MiB.
    TooLarge = "too_large",
    /// Tables, keys, conditions, matchers or files are nested too deep.
    TooDeep = "too_deep",
    /// The text is not TOML, or not JSON.
    Syntax = "syntax",
    /// A key or table is defined twice.
    DuplicateKey = "duplicate_key",
    /// A float, a date or null, which no policy holds.
    UnsupportedValue = "unsupported_value",
    /// `format` is of another version.
    UnsupportedFormat = "unsupported_format",
    /// A key that is not known here.
    UnknownKey = "unknown_key",
    /// A key that is needed is not there.
    MissingKey = "missing_key",
    /// A key that is known, in a place or combination where it has no meaning.
    MisplacedKey = "misplaced_key",
    /// A value of another type than the key takes.
    WrongType = "wrong_type",
    /// A word that is none of those that the key takes.
    UnknownWord = "unknown_word",
    /// A name that is empty, too long or holds characters that no name holds.
    BadName = "bad_name",
    /// The name of a scope is not spelled as scopes are.
    BadScope = "bad_scope",
    /// A principal is not spelled `kind:id`.
    BadPrincipal = "bad_principal",
    /// A list that must name something is empty.
    EmptyList = "empty_list",
    /// A list or table is longer than allowed, or there are too many files.
    TooMany = "too_many",
    /// A condition or matcher says nothing.
    EmptyCondition = "empty_condition",
    /// The policy has no tools, or no rules.
    EmptyPolicy = "empty_policy",
    /// The same id stands twice.
    DuplicateId = "duplicate_id",
    /// No tool has this name.
    UnknownTool = "unknown_tool",
    /// No role has this name.
    UnknownRole = "unknown_role",
    /// No rule has this id.
    UnknownRule = "unknown_rule",
    /// No tool names resources of this kind.
    UnknownResource = "unknown_resource",
    /// No tool that is meant declares this argument.
    UnknownArgument = "unknown_argument",
    /// No value has this name.
    UnknownNamed = "unknown_named",
    /// Nobody supplies this fact.
    UnknownFact = "unknown_fact",
    /// Roles include one another in a circle.
    RoleCycle = "role_cycle",
    /// A pointer is not spelled as JSON Pointers are, or names nothing that an argument can be.
    BadPointer = "bad_pointer",
    /// One argument lies inside another.
    NestedArgument = "nested_argument",
    /// A regular expression that is malformed, too large or means something unsafe.
    BadPattern = "bad_pattern",
    /// A digest that is not spelled as digests are.
    BadDigest = "bad_digest",
    /// A number that is malformed or out of range.
    BadNumber = "bad_number",
    /// Bounds between which nothing lies.
    BadRange = "bad_range",
    /// A length of time that is malformed or out of range.
    BadDuration = "bad_duration",
    /// A moment, a time of day or an offset that is malformed or out of range.
    BadTime = "bad_time",
    /// A tier that a call can reach demands friction, and none is stated.
    MissingFriction = "missing_friction",
    /// An example names a caller that cannot be.
    BadCaller = "bad_caller",
    /// The name of an included file is none that can be included.
    BadInclude = "bad_include",
    /// An included file cannot be read.
    UnreadableInclude = "unreadable_include",
    /// Files include one another in a circle.
    IncludeCycle = "include_cycle",

    lints:
    /// A statement about resources of which no selected tool names one.
    NeverMatches = "never_matches",
    /// A condition that no value meets.
    NeverHolds = "never_holds",
    /// A matcher on an argument that is always of another type.
    WrongArgumentType = "wrong_argument_type",
    /// A permit whose every call a forbid denies.
    AlwaysOverruled = "always_overruled",
    /// A raise to a tier that its calls have anyway.
    IdleRaise = "idle_raise",
    /// A permit that waives friction where none is demanded.
    IdleAcceptsTier = "idle_accepts_tier",
    /// A role that nothing refers to.
    UnusedRole = "unused_role",
    /// An actor that holds nothing, and that nothing refers to.
    UnusedActor = "unused_actor",
    /// A scope that is held and never demanded.
    UnusedScope = "unused_scope",
    /// A scope that is demanded and that nobody holds.
    UnheldScope = "unheld_scope",
    /// Friction of a tier that no call can have.
    UnusedFriction = "unused_friction",
    /// A privileged call demands nothing.
    EmptyFriction = "empty_friction",
    /// A tool that no rule permits.
    NeverPermitted = "never_permitted",
    /// A rule about actors on a tool that no actor can call.
    ActorWithoutScope = "actor_without_scope",
    /// A tool that writes, and does not say what to.
    WriteWithoutResources = "write_without_resources",
    /// The log keeps in clear what by its name is a secret.
    SecretInClear = "secret_in_clear",
    /// A permit for a privileged tool that looks at nothing of the call.
    UnconditionalPermit = "unconditional_permit",
    /// A permit that an absent argument passes.
    AbsentPasses = "absent_passes",
    /// An expression that lets any text through.
    WidePattern = "wide_pattern",
    /// A dot between letters, which stands for any character.
    LooseDot = "loose_dot",
    /// A list of what must not run, where something is granted.
    DenyList = "deny_list",
    /// A permit for every tool or principal.
    WideName = "wide_name",
    /// The same call twice, with different answers expected.
    ContradictingExamples = "contradicting_examples",
    /// A limit that every call of a tool exceeds.
    AlwaysExceeded = "always_exceeded",
    /// A limit that is never counted anew.
    EndlessLimit = "endless_limit",
    /// A limit that is counted apart for what the model writes.
    FreeLimitKey = "free_limit_key",
    /// An approval for which there are not enough people.
    ImpossibleApproval = "impossible_approval",
    /// A preview is demanded of a tool that cannot be tried out.
    PreviewOfNothing = "preview_of_nothing",
    /// Standing approvals of calls of the highest tier.
    PrivilegedStanding = "privileged_standing",
    /// Standing approvals that never answer, for each call demands something besides.
    IdleStanding = "idle_standing",
}

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
