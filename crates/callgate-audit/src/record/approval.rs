//! The life of an approval: asked, answered, consumed.

use callgate_types::{Caller, Digest, Friction, Principal, PrincipalId, Verification};
use chrono::{DateTime, Utc};

use super::extent::Extent;
use super::write::{
    hex_or_null, known_or_null, number_or_null, time_or_null, write_caller, write_friction,
};
use crate::encode::Object;

/// An approval was asked for.
///
/// The record says what an answer would be good for: whoever answers is bound to these digests,
/// and so is the call that is run on the strength of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ApprovalAskedRecord<'a> {
    /// When it was asked for.
    pub time: DateTime<Utc>,
    /// The id of the approval, within its store.
    pub approval: &'a str,
    /// The record of the decision that asked.
    pub decision_seq: u64,
    /// On whose behalf.
    pub caller: &'a Caller,
    /// The tool.
    pub tool: &'a str,
    /// The canonical digest of the arguments, before anything is masked.
    pub arguments: Digest,
    /// The digest of all that is bound: call, caller, tenant, task and session.
    pub binding: Digest,
    /// What the question rests on.
    pub basis: &'a [BasisPart<'a>],
    /// The digest of what approvers are shown.
    pub preview: Option<Digest>,
    /// What is demanded.
    pub friction: &'a Friction,
    /// From when on no answer counts.
    pub expires: Option<DateTime<Utc>>,
    /// The approval that this one takes the place of.
    pub supersedes: Option<&'a str>,
}

impl<'a> ApprovalAskedRecord<'a> {
    /// The approval `approval` for the call decided in record `decision_seq`, which is bound by
    /// `arguments` and `binding`.
    #[expect(clippy::too_many_arguments, reason = "none of them may be forgotten")]
    pub const fn new(
        time: DateTime<Utc>,
        approval: &'a str,
        decision_seq: u64,
        caller: &'a Caller,
        tool: &'a str,
        arguments: Digest,
        binding: Digest,
        friction: &'a Friction,
    ) -> Self {
        Self {
            time,
            approval,
            decision_seq,
            caller,
            tool,
            arguments,
            binding,
            basis: &[],
            preview: None,
            friction,
            expires: None,
            supersedes: None,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        object.name("approval", Some(self.approval));
        object.number("decision_seq", self.decision_seq);
        write_caller(object, extent, self.caller);
        object.name("tool", Some(self.tool));
        object.hex("arguments_digest", self.arguments);
        object.hex("binding", self.binding);
        object.list("basis", extent.items(), self.basis.iter(), |out, part| {
            let mut inner = Object::begin(out);
            inner.word("part", part.part.as_str());
            inner.name("name", part.name);
            inner.hex("digest", part.digest);
            inner.end();
        });
        hex_or_null(object, "preview", self.preview);
        write_friction(self.friction, extent.items(), object.key("friction"));
        time_or_null(object, "expires", self.expires);
        object.name("supersedes", self.supersedes);
    }
}

/// One thing that an approval rests on: where it has changed, it is asked for again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BasisPart<'a> {
    /// What it is.
    pub part: BasisKind,
    /// Its name; `None` where there is just one.
    pub name: Option<&'a str>,
    /// Its digest.
    pub digest: Digest,
}

impl<'a> BasisPart<'a> {
    /// The `part` called `name` has `digest`.
    pub const fn new(part: BasisKind, name: Option<&'a str>, digest: Digest) -> Self {
        Self { part, name, digest }
    }
}

/// What an approval may rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BasisKind {
    /// A rule that matched.
    Rule,
    /// The tool's entry in the catalogue.
    Tool,
    /// The tool's definition.
    Definition,
    /// The tier and its factors.
    Tier,
    /// What was demanded.
    Friction,
    /// What came of trying the call out.
    DryRun,
}

impl BasisKind {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Tool => "tool",
            Self::Definition => "definition",
            Self::Tier => "tier",
            Self::Friction => "friction",
            Self::DryRun => "dry_run",
        }
    }
}

/// Who did something, and how that is known; of what is known no longer as a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedPrincipal<'a> {
    /// Who.
    pub id: &'a PrincipalId,
    /// How that was established.
    pub verification: &'a Verification,
}

impl<'a> RecordedPrincipal<'a> {
    /// `id`, established by `verification`.
    pub const fn new(id: &'a PrincipalId, verification: &'a Verification) -> Self {
        Self { id, verification }
    }
}

impl<'a> From<&'a Principal> for RecordedPrincipal<'a> {
    fn from(principal: &'a Principal) -> Self {
        Self::new(principal.id(), principal.verification())
    }
}

/// An approval was answered, or ended without an answer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ApprovalAnsweredRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the approval, within its store.
    pub approval: &'a str,
    /// The answer.
    pub verdict: Verdict,
    /// Who answered; `None` where nobody did.
    pub approver: Option<RecordedPrincipal<'a>>,
    /// Whether nothing more is to be answered: it is approved as a whole, or will never be.
    pub settled: bool,
    /// The digest of what the approver was shown.
    pub preview: Option<Digest>,
    /// The approver's sentence.
    pub reason: Option<&'a str>,
    /// The standing approval that was given with the answer.
    pub standing: Option<Standing<'a>>,
}

impl<'a> ApprovalAnsweredRecord<'a> {
    /// The approval `approval` got `verdict`, by nobody yet, and is settled by it.
    pub const fn new(time: DateTime<Utc>, approval: &'a str, verdict: Verdict) -> Self {
        Self {
            time,
            approval,
            verdict,
            approver: None,
            settled: true,
            preview: None,
            reason: None,
            standing: None,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.name("approval", Some(self.approval));
        object.word("verdict", self.verdict.as_str());
        known_or_null(object, "approver", self.approver);
        object.bool("settled", self.settled);
        hex_or_null(object, "preview", self.preview);
        object.name("reason", self.reason);
        match &self.standing {
            Some(standing) => {
                let mut inner = Object::begin(object.key("standing"));
                inner.name("id", Some(standing.id));
                inner.hex("bounds", standing.bounds);
                time_or_null(&mut inner, "until", Some(standing.until));
                inner.number("uses", standing.uses);
                inner.end();
            }
            None => object.null("standing"),
        }
    }
}

/// An approval of calls to come, bounded by what they are, how many, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing<'a> {
    /// Its id, within its store.
    pub id: &'a str,
    /// The digest of which calls it is good for.
    pub bounds: Digest,
    /// Until when.
    pub until: DateTime<Utc>,
    /// For how many.
    pub uses: u64,
}

impl<'a> Standing<'a> {
    /// The standing approval `id`, good for `uses` calls within `bounds` before `until`.
    pub const fn new(id: &'a str, bounds: Digest, until: DateTime<Utc>, uses: u64) -> Self {
        Self {
            id,
            bounds,
            until,
            uses,
        }
    }
}

/// How an approval was answered, or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Somebody said yes.
    Approved,
    /// Somebody said no.
    Refused,
    /// Nobody answered in time: a refusal.
    Expired,
    /// Whoever asked took it back.
    Cancelled,
    /// Another one took its place.
    Superseded,
}

impl Verdict {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
        }
    }
}

/// An approval was used up, or a use of a standing one, by a call that begins.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ApprovalConsumedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the approval, or of the standing approval, within its store.
    pub approval: &'a str,
    /// The record of the decision that lets the call run.
    pub decision_seq: u64,
    /// How many uses are left; `None` for an approval that is no standing one.
    pub left: Option<u64>,
}

impl<'a> ApprovalConsumedRecord<'a> {
    /// The call decided in record `decision_seq` used up `approval`.
    pub const fn new(time: DateTime<Utc>, approval: &'a str, decision_seq: u64) -> Self {
        Self {
            time,
            approval,
            decision_seq,
            left: None,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.name("approval", Some(self.approval));
        object.number("decision_seq", self.decision_seq);
        number_or_null(object, "left", self.left);
    }
}
