//! Asking people: from the decision that holds a call back to the one that lets it run.
//!
//! The order in which log and store learn of each step, and what a crash in between leaves, is
//! specified in `docs/spec/approvals.md`.

mod answer;
mod ask;
mod carry;
mod conditions;
mod error;
mod grounds;
mod hold;
mod ids;
mod keeper;
mod parked;
mod records;
mod resume;
mod standing;
mod standing_keeper;
mod trial;

use std::time::Duration;

use callgate_approval::{Allowance, Approval, ApprovalId};
use callgate_types::{Code, DecisionKind};

use crate::cause::Cause;
use crate::judged::Judged;
use crate::record::Asked;
use crate::{Gate, Snapshot, salts};

pub(crate) use conditions::Conditions;
pub use error::ConsentError;
pub(crate) use hold::Hold;
pub(crate) use ids::Ids;
pub(crate) use keeper::Keeper;
pub use parked::Parked;
pub(crate) use standing_keeper::StandingKeeper;

/// How long an approval is open where nothing that asks says so.
pub(crate) const OPEN: Duration = Duration::from_secs(3_600);

/// How many approvals a subject may ask for, unless the host says otherwise.
pub(crate) const ALLOWANCE: Allowance = Allowance::new(60, Duration::from_secs(3_600));

/// Whom to ask, and within which bounds.
#[derive(Debug)]
pub(crate) struct Consent {
    pub(crate) keeper: Keeper,
    pub(crate) ids: Ids,
    /// Where standing approvals are; `None` where nobody gives any.
    pub(crate) standing: Option<StandingKeeper>,
    /// The conditions of those, compiled.
    pub(crate) conditions: Conditions,
    /// How long an approval is open where nothing that asks says so.
    pub(crate) open: Duration,
    /// How many approvals a subject may ask for.
    pub(crate) allowance: Option<Allowance>,
}

/// What approvals have to do with a decision.
pub(crate) enum Weighed {
    /// Nothing.
    Nothing,
    /// One is asked for.
    Asks(Asks),
    /// One lets the call run.
    Holds(Box<Hold>),
}

/// An approval that is asked for.
pub(crate) struct Asks {
    pub(crate) id: ApprovalId,
    /// It is to be opened.
    new: Option<Box<Approval>>,
    /// In the place of this one.
    replaces: Option<Box<Approval>>,
}

impl Weighed {
    /// What the permit holds.
    pub(crate) fn hold(self) -> Option<Box<Hold>> {
        match self {
            Self::Holds(hold) => Some(hold),
            Self::Nothing | Self::Asks(_) => None,
        }
    }

    /// The id of the approval, for a record.
    pub(crate) fn name(&self) -> Option<Box<str>> {
        match self {
            Self::Nothing => None,
            Self::Asks(asks) => Some(asks.id.digits(&mut [0; 32]).into()),
            Self::Holds(hold) => Some(hold.name().into()),
        }
    }
}

impl Gate {
    /// Looks at approvals before the decision on a call that is asked about is recorded: there may be
    /// one by which it may run, if it is `resumed`, or none can be asked for, which is a denial.
    pub(crate) fn weigh(
        &self,
        snapshot: &Snapshot,
        judged: &mut Judged<'_>,
        asked: &Asked<'_>,
        resumed: Option<ApprovalId>,
    ) -> Weighed {
        if judged.decision != DecisionKind::Ask || judged.observed {
            return Weighed::Nothing;
        }
        let weighed = match (&self.inner().consent, resumed) {
            (None, None) => return Weighed::Nothing,
            (None, Some(_)) => Err(Code::ApprovalsUnavailable),
            (Some(consent), None) => consent.ask(self, snapshot, judged, asked),
            (Some(consent), Some(id)) => consent.resume(self, snapshot, judged, asked, id),
        };
        match weighed {
            Ok(weighed) => {
                if let Weighed::Holds(hold) = &weighed {
                    judged.decision = DecisionKind::Allow;
                    judged.cause = hold.cause();
                }
                weighed
            }
            Err(code) => {
                deny(judged, code);
                if let (Code::DryRunMissing, Some(tool)) = (code, judged.tool) {
                    judged.cause = Cause::Untried {
                        tool: tool.name(),
                        dry_run: tool.dry_run(),
                        in_session: asked.context.session_id().is_some(),
                    };
                }
                Weighed::Nothing
            }
        }
    }
}

/// Denies what would have been asked about.
pub(crate) fn deny(judged: &mut Judged<'_>, code: Code) {
    judged.decision = DecisionKind::Deny;
    judged.cause = Cause::State(code);
    judged.rule = None;
    judged.obligations.clear();
    // What it would exceed is recorded already.
    judged.over.clear();
}

/// An id that nobody can guess.
fn random_id() -> Result<ApprovalId, Code> {
    let random = salts::next().ok_or(Code::ApprovalsUnavailable)?;
    let id = random.as_bytes().first_chunk().copied();
    id.map(ApprovalId::from_bytes)
        .ok_or(Code::ApprovalsUnavailable)
}
