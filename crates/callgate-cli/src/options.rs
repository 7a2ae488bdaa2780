//! The command line.

use std::path::PathBuf;
use std::sync::LazyLock;

use callgate::audit::Head;
use callgate::policy::document::Zone;
use callgate::{ApprovalId, DecisionKind, Digest};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::log::Since;

/// The version, and what else decides: the release of the time zone database.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let zones = Zone::data_version();
    format!("{} (time zones {zones})", env!("CARGO_PKG_VERSION"))
});

/// An authorization gate for the tool calls of AI agents.
#[derive(Debug, Parser)]
#[command(name = "callgate", version = VERSION.as_str(), max_term_width = 100)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// See what is asked of people, and answer it.
    #[command(
        subcommand,
        after_help = "Example:\n  callgate approvals list approvals.db\n\n\
                      Answers are taken from whoever can write the store: the program believes who you \
                      say you are."
    )]
    Approvals(Approvals),
    /// Load policies and say what is wrong with them.
    #[command(after_help = "Example:\n  callgate check examples/support_desk/policy.toml")]
    Check(Check),
    /// Decide calls: one JSON object a line in, one decision a line out, in order.
    #[command(after_help = "Example:\n  echo '{\"tool\":\"search_tickets\",\
                            \"arguments\":{\"query\":\"refund\"}}' \\\n    \
                            | callgate eval examples/support_desk/policy.toml --format json")]
    Eval(Eval),
    /// Decide calls and say why: rule by rule, condition by condition, with what would have to
    /// differ.
    #[command(after_help = "Example:\n  echo '{\"tool\":\"search_tickets\",\
                            \"arguments\":{\"query\":\"refund\"}}' \\\n    \
                            | callgate explain examples/support_desk/policy.toml")]
    Explain(Explain),
    /// Turn what a tool server lists (MCP's `tools/list`) into entries of a catalogue, with pinned
    /// definitions and typed arguments.
    #[command(after_help = "Example:\n  echo '{\"tools\":[{\"name\":\"look\",\
                            \"inputSchema\":{\"type\":\"object\"}}]}' \\\n    \
                            | callgate import -")]
    Import(Import),
    /// Read a log: who asked for what on whose behalf, what was decided and why, and what came of
    /// it. It does not check that the log is whole: `callgate verify` does.
    #[command(
        after_help = "Example:\n  callgate log audit --tool adjust_billing --since 12h\n\n\
                            Exits 1 where a line is no record or does not end. Denied calls, and calls\n\
                            of which nothing says what became, are no finding."
    )]
    Log(Log),
    /// Print the JSON Schema of the policy format, for editors.
    #[command(after_help = "Example:\n  callgate schema > policy.schema.json\n\n\
                            Then begin policies with: #:schema ./policy.schema.json")]
    Schema(Schema),
    /// Try the examples of a policy, and those of further files.
    #[command(after_help = "Example:\n  callgate test examples/support_desk/policy.toml")]
    Test(Test),
    /// Check that a log is whole and unchanged.
    #[command(after_help = "Example:\n  callgate verify audit --head 120:HEX\n\n\
                            Without --head, records cut off the end are not noticed.")]
    Verify(Verify),
}

impl Command {
    pub(crate) const fn format(&self) -> Format {
        match self {
            Self::Approvals(
                Approvals::List { format, .. }
                | Approvals::Show { format, .. }
                | Approvals::Approve {
                    answering: Answering { format, .. },
                    ..
                }
                | Approvals::Refuse {
                    answering: Answering { format, .. },
                }
                | Approvals::Revoke { format, .. },
            )
            | Self::Check(Check { format, .. })
            | Self::Eval(Eval { format, .. })
            | Self::Explain(Explain { format, .. })
            | Self::Import(Import { format, .. })
            | Self::Log(Log { format, .. })
            | Self::Schema(Schema { format })
            | Self::Test(Test { format, .. })
            | Self::Verify(Verify { format, .. }) => *format,
        }
    }
}

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, in ASCII.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Approvals {
    /// What is asked and not used yet, and standing approvals, in the order in which they were asked.
    #[command(after_help = "Example:\n  callgate approvals list approvals.db --tenant acme")]
    List {
        /// The SQLite file with the approvals.
        #[arg(value_name = "STORE")]
        store: PathBuf,
        /// Only those of this tenant.
        #[arg(long, value_name = "T")]
        tenant: Option<String>,
        /// Also those that have ended.
        #[arg(long)]
        ended: bool,
        /// How they are written.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// One approval, or standing approval, with all that approvers are shown.
    #[command(after_help = "Example:\n  callgate approvals show approvals.db 4f1d…")]
    Show {
        /// The SQLite file with the approvals.
        #[arg(value_name = "STORE")]
        store: PathBuf,
        /// The id of the approval.
        #[arg(value_name = "ID")]
        id: ApprovalId,
        /// How it is written.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Say yes to calls, once they were shown.
    #[command(
        after_help = "Example:\n  callgate approvals approve approvals.db 4f1d… --as user:bob \
                            --tenant acme --role lead\n\n\
                            Shows the calls and waits for the word yes, once for all. Exits 1 where an answer does \
                            not count: the others do."
    )]
    Approve {
        #[command(flatten)]
        answering: Answering,
        /// The digest of the preview that you have seen, for each call in turn: then nothing is shown, and no
        /// word awaited.
        #[arg(long, value_name = "DIGEST")]
        seen: Vec<Digest>,
    },
    /// Say no to calls.
    #[command(
        after_help = "Example:\n  callgate approvals refuse approvals.db 4f1d… --as user:bob \
                            --tenant acme --role lead --reason 'not this customer'"
    )]
    Refuse {
        #[command(flatten)]
        answering: Answering,
    },
    /// End a standing approval: it lets no call run any more.
    #[command(
        after_help = "Example:\n  callgate approvals revoke approvals.db 4f1d… --as user:bob \
                            --tenant acme --role lead --reason 'enough for today'\n\n\
                            Those may do that who are asked, and those of whom it is."
    )]
    Revoke {
        /// The SQLite file with the approvals.
        #[arg(value_name = "STORE")]
        store: PathBuf,
        /// The id of the standing approval.
        #[arg(value_name = "ID")]
        id: ApprovalId,
        #[command(flatten)]
        approver: Approver,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// How it is written.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Answering {
    /// The SQLite file with the approvals.
    #[arg(value_name = "STORE")]
    pub(crate) store: PathBuf,
    /// The ids of the approvals.
    #[arg(value_name = "ID", required = true)]
    pub(crate) ids: Vec<ApprovalId>,
    #[command(flatten)]
    pub(crate) approver: Approver,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Who answers, as the one who runs the program says.
#[derive(Debug, Args)]
pub(crate) struct Approver {
    /// Who answers, as in user:bob.
    #[arg(long = "as", value_name = "P")]
    pub(crate) who: String,
    /// The tenant in which they answer.
    #[arg(long, value_name = "T")]
    pub(crate) tenant: Option<String>,
    /// A role that they hold there.
    #[arg(long = "role", value_name = "R")]
    pub(crate) roles: Vec<String>,
    /// A scope that they may use there.
    #[arg(long = "scope", value_name = "S")]
    pub(crate) scopes: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Policy files, TOML or `.json`; `-` is standard input.
    #[arg(required = true, value_name = "POLICY")]
    pub(crate) policies: Vec<PathBuf>,
    /// How findings are written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The policy file.
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The file with the calls; `-`, and by default, standard input.
    #[arg(value_name = "CALLS", default_value = "-")]
    pub(crate) calls: PathBuf,
    /// Record the decisions in the log in this folder; allowed calls are recorded as not begun.
    #[arg(long, value_name = "DIR")]
    pub(crate) audit: Option<PathBuf>,
    /// Put the clear texts of what the log keeps as commitments into this folder.
    #[arg(long, value_name = "DIR", requires = "audit")]
    pub(crate) texts: Option<PathBuf>,
    /// How decisions are written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The policy file; `-` is standard input.
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// The file with the calls; `-`, and by default, standard input.
    #[arg(value_name = "CALLS", default_value = "-")]
    pub(crate) calls: PathBuf,
    /// How explanations are written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The pages of one tool list, as JSON: results of `tools/list`, responses with them, or arrays
    /// of tools; `-` is standard input.
    #[arg(required = true, value_name = "TOOLS")]
    pub(crate) lists: Vec<PathBuf>,
    /// Write no entries, but which tools a policy does not know, or knows otherwise.
    #[arg(long, value_name = "POLICY")]
    pub(crate) against: Option<PathBuf>,
    /// How entries are written: TOML, or JSON for a policy that is written so.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// The folder of the log, one of its files, or an SQLite file; `-` is standard input.
    #[arg(value_name = "LOG")]
    pub(crate) from: PathBuf,
    /// Only calls in whose chain this principal stands, as in user:alice.
    #[arg(long, value_name = "P")]
    pub(crate) principal: Option<String>,
    /// Only calls of this tool.
    #[arg(long, value_name = "T")]
    pub(crate) tool: Option<String>,
    /// Only calls that were decided so.
    #[arg(long, value_enum, value_name = "D")]
    pub(crate) decision: Option<Decided>,
    /// Only calls of this session.
    #[arg(long, value_name = "S")]
    pub(crate) session: Option<String>,
    /// Only records since then: a time such as 2026-11-20T12:00:00Z, or how long ago, such as 90d,
    /// 12h or 15m.
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<Since>,
    /// Show the clear texts in this folder, or SQLite file, of which the log keeps commitments.
    #[arg(long, value_name = "STORE")]
    pub(crate) texts: Option<PathBuf>,
    /// Go on with what is appended, line by line, until the program is ended.
    #[arg(long)]
    pub(crate) follow: bool,
    /// How records are written: as a story, or as they are.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// What was decided on a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Decided {
    Allow,
    Ask,
    Deny,
}

impl From<Decided> for DecisionKind {
    fn from(decided: Decided) -> Self {
        match decided {
            Decided::Allow => Self::Allow,
            Decided::Ask => Self::Ask,
            Decided::Deny => Self::Deny,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// How it is written: as it is, or on one line.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The policy file; `-` is standard input.
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// Files of further `[[examples]]`.
    #[arg(value_name = "TESTS")]
    pub(crate) tests: Vec<PathBuf>,
    /// How the answers are written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The folder of the log, one of its files, or an SQLite file.
    #[arg(value_name = "LOG")]
    pub(crate) log: PathBuf,
    /// A head that was remembered outside the log: the number of records and the digest of the
    /// last, as SIZE:DIGEST. May be given more than once: all of them must fit.
    #[arg(long, value_name = "SIZE:DIGEST")]
    pub(crate) head: Vec<Head>,
    /// Where to go on: a head up to which the log was found good before, or a file that holds one or
    /// a signed note. What stands before is not looked at. Behind a bare head, checkpoints count
    /// from the second one on.
    #[arg(long, value_name = "START")]
    pub(crate) from: Option<String>,
    /// A file with the verifying key that must have signed the log, as NAME+ID+BASE64. Further
    /// lines are later keys: they serve where the first records were removed.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The name that the log must have; without it, that of the key.
    #[arg(long, value_name = "NAME")]
    pub(crate) origin: Option<String>,
    /// The folder, or SQLite file, of clear texts beside the log: whether those are there of which
    /// the log keeps commitments, and are the right ones.
    #[arg(long, value_name = "STORE")]
    pub(crate) texts: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}
