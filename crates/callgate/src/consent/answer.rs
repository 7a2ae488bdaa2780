//! Answering, and looking at what is asked.

use std::time::Duration;

use callgate_approval::{
    Answer, Approval, ApprovalId, Listing, State, StoreError, Taken, Unfit, Withdrawn,
};
use callgate_types::{Caller, Code};
use chrono::{DateTime, Utc};

use super::{Consent, ConsentError};
use crate::Gate;

/// How often it is tried again where somebody else moves the same approval.
const TRIES: usize = 64;

impl Gate {
    /// What is asked in the approval `id`, for somebody who may see it: whoever asked, and whoever is
    /// asked.
    ///
    /// # Errors
    ///
    /// Fails without a store, where that does not answer, and for everybody else.
    pub fn approval(&self, id: ApprovalId, viewer: &Caller) -> Result<Approval, ConsentError> {
        let (consent, viewer) = (self.consent()?, &self.admitted(viewer)?);
        let (now, approval) = consent.load(id, viewer)?;
        self.sees(&approval, now, viewer)
            .then_some(approval)
            .ok_or(ConsentError::Unknown)
    }

    /// What is asked of `viewer` now, or by it, in the order in which it was asked: at most 1 000
    /// of the approvals that are open in its tenant are looked at, from behind `after` on.
    ///
    /// # Errors
    ///
    /// Fails without a store, and where that does not answer.
    pub fn approvals(
        &self,
        viewer: &Caller,
        after: Option<&Approval>,
    ) -> Result<Vec<Approval>, ConsentError> {
        let (consent, viewer) = (self.consent()?, &self.admitted(viewer)?);
        let mut what = Listing::new();
        what.tenant = viewer.tenant();
        if let Some(after) = after {
            what = what.after(after);
        }
        let listed = consent.keeper.list(&what)?;
        let mut seen = listed.approvals;
        seen.retain(|approval| self.sees(approval, listed.now, viewer));
        Ok(seen)
    }

    /// Answers the approval `id`. Says where it stands then: approved, refused, or still asked where
    /// more people must agree.
    ///
    /// `approver` is whoever answers, in person, resolved from a credential of their own like any
    /// caller. A yes names the digest of what the approver was shown: that of
    /// [`Approval::question`]'s preview.
    ///
    /// # Errors
    ///
    /// Fails where this answer does not count, and says why; nothing has changed then. It counts where
    /// only the log did not take the record: see [`ConsentError::Unrecorded`].
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::{
    ///     ApprovalAnswer, ApprovalState, Authorized, Caller, Context, Decision, Gate, MemoryApprovals,
    ///     MemorySink, Principal, ToolCall,
    /// };
    ///
    /// # let text = "format = 1\nname = \"desk\"\n[roles]\nsupport = {}\nlead = {}\n[tools.refund]\naccess = \"write\"\nscope = \"none\"\n[tools.refund.arguments]\n\"/amount\" = { integer = { at_least = 1 } }\n[[rules]]\nid = \"refunds\"\neffect = \"permit\"\nroles = [\"support\"]\n[[rules]]\nid = \"asked\"\neffect = \"ask\"\ntools = [\"refund\"]\napproval = { all_of = [{ from = [\"role:lead\"] }] }\n";
    /// let gate = Gate::builder()
    ///     .policy(callgate::parse_policy(text, "desk.toml")?)
    ///     .audit(MemorySink::new())
    ///     .approvals(MemoryApprovals::new(chrono::Utc::now))
    ///     .build()?;
    /// let person = |id: &str, role: &str| {
    ///     let person = Principal::asserted(id.parse().unwrap()).member_of("acme", [role]);
    ///     Caller::of(person).in_tenant("acme").unwrap()
    /// };
    /// let (alice, bob) = (person("user:alice", "support"), person("user:bob", "lead"));
    ///
    /// let call = ToolCall::from_text("refund", r#"{"amount": 80}"#);
    /// let Decision::Ask(pending) = gate.authorize(&alice, call, &Context::new()) else {
    ///     return Err("not asked".into());
    /// };
    /// let parked = pending.park().ok_or("nobody is asked")?;
    ///
    /// let asked = gate.approval(parked.approval(), &bob)?;
    /// println!("{}", asked.question.preview);
    /// let yes = ApprovalAnswer::approve(asked.question.preview_digest());
    /// assert_eq!(gate.answer(asked.id, &bob, yes)?, ApprovalState::Approved);
    ///
    /// let Decision::Allow(permit) =
    ///     gate.resume(parked.approval(), &alice, parked.call(), &Context::new())
    /// else {
    ///     return Err("not allowed".into());
    /// };
    /// permit.run(|_: &Authorized<'_>| Ok::<_, std::fmt::Error>("refunded"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer(
        &self,
        id: ApprovalId,
        approver: &Caller,
        answer: Answer<'_>,
    ) -> Result<State, ConsentError> {
        let (consent, approver) = (self.consent()?, &self.admitted(approver)?);
        for _ in 0..TRIES {
            let (now, approval) = consent.load(id, approver)?;
            consent.told(self, &approval);
            if approval.is_open() && approval.is_dead(now) {
                consent.end_overdue(self, &approval, now);
            }
            let holds = |scope: &str| self.holds(approver, scope);
            let step = match approval.answer(now, approver, &holds, answer) {
                // Whoever has nothing to do with it does not learn that it is there.
                Err(Unfit::NotAsked) if !self.sees(&approval, now, approver) => {
                    return Err(ConsentError::Unknown);
                }
                step => step?,
            };
            if consent.keeper.take(&step)? == Taken::Yes {
                let next = step.next;
                consent
                    .record_answers(self, &next)
                    .map_err(ConsentError::Unrecorded)?;
                return Ok(next.state);
            }
        }
        Err(busy())
    }

    /// Gives many answers at once, at most 1 000: each is checked and recorded by itself, as
    /// [`answer`](Gate::answer) does, and says what became of it, in their order. One that does not
    /// count stands in the way of no other.
    ///
    /// # Errors
    ///
    /// Fails where there are too many; then none was given.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::{ApprovalAnswer, Caller, ConsentError, Gate};
    ///
    /// fn yes_to_all(gate: &Gate, bob: &Caller) -> Result<usize, ConsentError> {
    ///     let asked = gate.approvals(bob, None)?;
    ///     let answers: Vec<_> = asked
    ///         .iter()
    ///         .map(|asked| (asked.id, ApprovalAnswer::approve(asked.question.preview_digest())))
    ///         .collect();
    ///     let answered = gate.answer_all(bob, &answers)?;
    ///     Ok(answered.iter().filter(|answered| answered.is_ok()).count())
    /// }
    /// ```
    pub fn answer_all(
        &self,
        approver: &Caller,
        answers: &[(ApprovalId, Answer<'_>)],
    ) -> Result<Vec<Result<State, ConsentError>>, ConsentError> {
        if answers.len() > Listing::MOST {
            return Err(ConsentError::TooManyAnswers);
        }
        let answered = answers
            .iter()
            .map(|(id, answer)| self.answer(*id, approver, *answer));
        Ok(answered.collect())
    }

    /// Takes back what was asked in the approval `id`, for whoever asked.
    ///
    /// # Errors
    ///
    /// Fails for everybody else, where it has ended, and while a permit holds it.
    pub fn cancel(&self, id: ApprovalId, caller: &Caller) -> Result<(), ConsentError> {
        let (consent, caller) = (self.consent()?, &self.admitted(caller)?);
        for _ in 0..TRIES {
            let (now, approval) = consent.load(id, caller)?;
            let subject = caller.subject().ok_or(ConsentError::Unknown)?;
            let question = &approval.question;
            if *subject.id() != question.subject && *subject.id() != question.person {
                return Err(ConsentError::Unknown);
            }
            let step = approval
                .withdraw(now, Withdrawn::Cancelled)
                .map_err(Unfit::from)?;
            if consent.keeper.take(&step)? == Taken::Yes {
                consent.told(self, &step.next);
                return Ok(());
            }
        }
        Err(busy())
    }

    /// Forgets approvals that have expired at least `since` ago. Says how many.
    ///
    /// # Errors
    ///
    /// Fails without a store, and where that does not answer.
    pub fn forget_approvals(&self, since: Duration) -> Result<u64, ConsentError> {
        Ok(self.consent()?.keeper.forget_dead(since)?)
    }

    pub(super) fn consent(&self) -> Result<&Consent, ConsentError> {
        self.inner().consent.as_ref().ok_or(ConsentError::NoStore)
    }

    /// `caller` with the roles that count in its tenant. Whoever has no business there learns of
    /// nothing.
    pub(super) fn admitted(&self, caller: &Caller) -> Result<Caller, ConsentError> {
        let admitted = self
            .inner()
            .current
            .with(|snapshot, _| snapshot.admit(caller));
        admitted.ok_or(ConsentError::Unknown)
    }

    pub(super) fn sees(&self, approval: &Approval, now: DateTime<Utc>, viewer: &Caller) -> bool {
        approval.is_for(now, viewer, &|scope| self.holds(viewer, scope))
    }

    /// Whether `caller` may use the scope of this name, by the policy in force.
    pub(super) fn holds(&self, caller: &Caller, scope: &str) -> bool {
        self.inner().current.with(|snapshot, _| {
            let holdings = &snapshot.holdings;
            holdings.check(caller, holdings.demand(scope)).is_ok()
        })
    }
}

impl Consent {
    /// The approval `id`, if it is of the tenant of `viewer`.
    pub(super) fn load(
        &self,
        id: ApprovalId,
        viewer: &Caller,
    ) -> Result<(DateTime<Utc>, Approval), ConsentError> {
        let loaded = self.keeper.load(id)?;
        let approval = loaded
            .approval
            .filter(|known| known.question.tenant.as_deref() == viewer.tenant());
        Ok((loaded.now, approval.ok_or(ConsentError::Unknown)?))
    }

    /// Tells the log of all answers that it does not know of.
    fn record_answers(&self, gate: &Gate, approval: &Approval) -> Result<(), Code> {
        for answer in approval.answers.iter().filter(|answer| answer.unrecorded) {
            gate.record_answer(approval, answer)?;
        }
        // Where this is lost, the records are written a second time.
        self.taken(&approval.recorded()).ok();
        Ok(())
    }
}

fn busy() -> ConsentError {
    StoreError::new("the approval is moved by others all the time").into()
}
