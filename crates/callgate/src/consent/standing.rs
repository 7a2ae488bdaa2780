//! Giving, answering, revoking standing approvals, and looking at them.

use std::time::Duration;

use callgate_approval::standing::{Given, StandingApproval, StandingBounds};
use callgate_approval::{
    Answer, Approval, ApprovalId, Listing, State, Step, StoreError, Taken, Unfit,
};
use callgate_policy::CallCondition;
use callgate_types::Caller;
use chrono::{DateTime, Utc};

use super::{Consent, ConsentError, StandingKeeper, random_id};
use crate::Gate;

/// How often it is tried again where somebody else moves the same standing approval.
const TRIES: usize = 64;

impl Gate {
    /// Gives a standing approval: for calls to come like the one that the approval `from` asks about,
    /// within `bounds`. It is in force at once where this person is enough; else once
    /// [others agree](Gate::answer_standing).
    ///
    /// From then on [`authorize`](Gate::authorize) allows such calls with the code `standing_approved`,
    /// for as long as they are asked about for the same reasons. The policy has to say how far such an
    /// approval may go: `standing` in `approval` of the rule, or the tier, that asks.
    ///
    /// It answers for further calls, and not for the one that was asked about:
    /// [`answer`](Gate::answer) that one, or have it called again.
    ///
    /// # Errors
    ///
    /// Fails without a store, where the bounds are too wide or their condition is no condition on this
    /// tool, and where this person's answer would not count. It counts where only the log did not take the
    /// record: see [`ConsentError::Unrecorded`].
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use callgate::approval::standing::{MemoryStandingApprovals, StandingBounds};
    /// use callgate::{Caller, Context, Decision, Gate, MemoryApprovals, MemorySink, Principal, ToolCall};
    ///
    /// # let text = "format = 1\nname = \"desk\"\n[roles]\nsupport = {}\nlead = {}\n[tools.refund]\naccess = \"write\"\nscope = \"none\"\n[tools.refund.arguments]\n\"/amount\" = { integer = { at_least = 1 } }\n[[rules]]\nid = \"refunds\"\neffect = \"permit\"\nroles = [\"support\"]\n[[rules]]\nid = \"asked\"\neffect = \"ask\"\ntools = [\"refund\"]\napproval = { all_of = [{ from = [\"role:lead\"] }], standing = { uses = 20, within = \"8h\" } }\n";
    /// let gate = Gate::builder()
    ///     .policy(callgate::parse_policy(text, "desk.toml")?)
    ///     .audit(MemorySink::new())
    ///     .approvals(MemoryApprovals::new(chrono::Utc::now))
    ///     .standing_approvals(MemoryStandingApprovals::new(chrono::Utc::now))
    ///     .build()?;
    /// let person = |id: &str, role: &str| {
    ///     let person = Principal::asserted(id.parse().unwrap()).member_of("acme", [role]);
    ///     Caller::of(person).in_tenant("acme").unwrap()
    /// };
    /// let (alice, bob) = (person("user:alice", "support"), person("user:bob", "lead"));
    /// let call = |amount: u32| ToolCall::from_text("refund", format!(r#"{{"amount": {amount}}}"#));
    ///
    /// let Decision::Ask(pending) = gate.authorize(&alice, call(80), &Context::new()) else {
    ///     return Err("not asked".into());
    /// };
    /// let asked = pending.approval().ok_or("nobody is asked")?;
    /// let small = r#"{"arguments/amount": {"integer": {"at_most": 100}}}"#;
    /// let bounds = StandingBounds::new(20, Duration::from_secs(3_600)).matching(small);
    /// let standing = gate.give_standing(asked, &bob, &bounds)?;
    ///
    /// let Decision::Allow(permit) = gate.authorize(&alice, call(90), &Context::new()) else {
    ///     return Err("not allowed".into());
    /// };
    /// assert_eq!(permit.approval(), Some(standing.approval.id));
    ///
    /// gate.revoke_standing(standing.approval.id, &bob, Some("enough for today"))?;
    /// assert!(permit.begin().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn give_standing(
        &self,
        from: ApprovalId,
        approver: &Caller,
        bounds: &StandingBounds<'_>,
    ) -> Result<StandingApproval, ConsentError> {
        let (consent, keeper) = self.standing_keeper()?;
        let approver = &self.admitted(approver)?;
        let (now, asked) = consent.load(from, approver)?;
        if !self.sees(&asked, now, approver) {
            return Err(ConsentError::Unknown);
        }
        stands(&asked, now)?;
        let question = &asked.question;
        if let Some(when) = bounds.when {
            bounds.check(&question.demands)?;
            let read = self
                .inner()
                .current
                .with(|snapshot, _| CallCondition::parse(snapshot.policy(), &question.tool, when));
            read.map_err(ConsentError::Condition)?;
        }
        let id = random_id().map_err(|_| StoreError::new("the system gives no random numbers"))?;
        let mut new = StandingApproval::new(id, from, question, bounds, now)?;
        let mut yes = Answer::approve(new.approval.question.preview_digest());
        if let Some(reason) = bounds.reason {
            yes = yes.because(reason);
        }
        let holds = |scope: &str| self.holds(approver, scope);
        new.approval = new.answer(now, approver, &holds, yes)?.next;
        match keeper.give(&new)? {
            Given::New => {}
            _ => return Err(ConsentError::TooMany),
        }
        consent
            .tell_of(self, &new)
            .map_err(ConsentError::Unrecorded)?;
        Ok(new)
    }

    /// Answers the standing approval `id` that somebody else gave, where more people must agree. Says
    /// where it stands then.
    ///
    /// # Errors
    ///
    /// As [`Gate::answer`].
    pub fn answer_standing(
        &self,
        id: ApprovalId,
        approver: &Caller,
        answer: Answer<'_>,
    ) -> Result<State, ConsentError> {
        self.move_standing(id, approver, &|standing, now, approver, holds| {
            standing.answer(now, approver, holds, answer)
        })
    }

    /// Ends the standing approval `id`: it carries no call any more that has not begun, in no process.
    /// Those who are asked may do that, and those of whom it is.
    ///
    /// # Errors
    ///
    /// Fails where it has ended, and for everybody else. It is revoked where only the log did not take the
    /// record: see [`ConsentError::Unrecorded`].
    pub fn revoke_standing(
        &self,
        id: ApprovalId,
        by: &Caller,
        reason: Option<&str>,
    ) -> Result<(), ConsentError> {
        let moved = self.move_standing(id, by, &|standing, now, by, holds| {
            standing.revoke(now, by, holds, reason)
        });
        moved.map(drop)
    }

    /// The standing approval `id`, for somebody who may see it: those of whom it is, and those who are
    /// asked.
    ///
    /// # Errors
    ///
    /// Fails without a store, where that does not answer, and for everybody else.
    pub fn standing_approval(
        &self,
        id: ApprovalId,
        viewer: &Caller,
    ) -> Result<StandingApproval, ConsentError> {
        let (_, keeper) = self.standing_keeper()?;
        let viewer = &self.admitted(viewer)?;
        self.load_standing(keeper, id, viewer)
            .map(|(_, standing)| standing)
    }

    /// The standing approvals that `viewer` may see and that have not ended, in the order in which they
    /// were given: at most 1 000 of those of its tenant are looked at, from behind `after` on.
    ///
    /// # Errors
    ///
    /// Fails without a store, and where that does not answer.
    pub fn standing_approvals(
        &self,
        viewer: &Caller,
        after: Option<&StandingApproval>,
    ) -> Result<Vec<StandingApproval>, ConsentError> {
        let (_, keeper) = self.standing_keeper()?;
        let viewer = &self.admitted(viewer)?;
        let mut what = Listing::new();
        what.tenant = viewer.tenant();
        if let Some(after) = after {
            what = what.after(&after.approval);
        }
        let listed = keeper.list(&what)?;
        let mut seen = listed.standing;
        seen.retain(|standing| self.sees(&standing.approval, listed.now, viewer));
        Ok(seen)
    }

    /// Forgets standing approvals that have expired at least `since` ago. Says how many.
    ///
    /// # Errors
    ///
    /// Fails without a store, and where that does not answer.
    pub fn forget_standing_approvals(&self, since: Duration) -> Result<u64, ConsentError> {
        let (_, keeper) = self.standing_keeper()?;
        Ok(keeper.forget_dead(since)?)
    }

    fn move_standing(
        &self,
        id: ApprovalId,
        who: &Caller,
        step: &Move<'_>,
    ) -> Result<State, ConsentError> {
        let (consent, keeper) = self.standing_keeper()?;
        let who = &self.admitted(who)?;
        let holds = |scope: &str| self.holds(who, scope);
        for _ in 0..TRIES {
            let (now, mut standing) = self.load_standing(keeper, id, who)?;
            let step = step(&standing, now, who, &holds)?;
            if keeper.take(&step)? == Taken::Yes {
                standing.approval = step.next;
                consent
                    .tell_of(self, &standing)
                    .map_err(ConsentError::Unrecorded)?;
                return Ok(standing.approval.state);
            }
        }
        Err(StoreError::new("the standing approval is moved by others all the time").into())
    }

    /// The standing approval `id`, if `viewer` may see it.
    fn load_standing(
        &self,
        keeper: &StandingKeeper,
        id: ApprovalId,
        viewer: &Caller,
    ) -> Result<(DateTime<Utc>, StandingApproval), ConsentError> {
        let loaded = keeper.load(id)?;
        let standing = loaded
            .standing
            .filter(|known| self.sees(&known.approval, loaded.now, viewer));
        Ok((loaded.now, standing.ok_or(ConsentError::Unknown)?))
    }

    fn standing_keeper(&self) -> Result<(&Consent, &StandingKeeper), ConsentError> {
        let consent = self.consent()?;
        let keeper = consent.standing.as_ref();
        Ok((consent, keeper.ok_or(ConsentError::NoStandingStore)?))
    }
}

/// What somebody does with a standing approval.
type Move<'a> = dyn Fn(&StandingApproval, DateTime<Utc>, &Caller, &dyn Fn(&str) -> bool) -> Result<Step, Unfit>
    + 'a;

/// Fails where nobody would agree to the question of `asked` any more.
fn stands(asked: &Approval, now: DateTime<Utc>) -> Result<(), Unfit> {
    use callgate_approval::Stopped;
    if now >= asked.expires_at {
        return Err(Stopped::Expired.into());
    }
    match asked.state {
        State::Asked | State::Approved | State::Claimed(_) | State::Consumed(_) => Ok(()),
        state => Err(Stopped::At(state).into()),
    }
}
