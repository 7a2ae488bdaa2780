//! From a call to an answer: claiming its id, looking facts up, judging, recording.

use std::time::Duration;

use callgate_audit::Durability;
use callgate_policy::document::Access;
use callgate_types::{Caller, Code, Context, DecisionKind, Digest, RiskTier, ToolCall};
use chrono::{DateTime, Utc};

use crate::call_ids::Claim;
use crate::cause::Cause;
use crate::consent::deny;
use crate::denial::{Answer, Sketch};
use crate::good_standing::Watch;
use crate::held::Granted;
use crate::judged::Judged;
use crate::keeping::{KeptCall, keep};
use crate::meter::Meter;
use crate::permit::Permit;
use crate::record::{Asked, By, with_limit_record, with_record};
use crate::setting::Setting;
use crate::{Decision, Gate, Moment, Snapshot};

impl Gate {
    /// Whether it is known who is in good standing, well enough for a call that writes, or does not.
    pub(crate) fn is_informed(
        &self,
        elapsed: Duration,
        writes: impl FnOnce() -> bool,
    ) -> Result<(), Code> {
        match &self.inner().watch {
            None => Ok(()),
            Some(watch) => watch.check(elapsed, writes),
        }
    }

    pub(crate) fn writes(&self, call: &ToolCall) -> bool {
        self.inner().current.with(|snapshot, _| {
            let tool = snapshot.policy().tool(call.tool());
            tool.is_some_and(|tool| tool.access() != Access::Read)
        })
    }

    pub(crate) fn claim(
        &self,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
    ) -> Result<Option<Claim>, Code> {
        let (Some(id), Some(session)) = (call.call_id(), context.session_id()) else {
            return Ok(None);
        };
        let digest = same_call(caller, call);
        self.inner()
            .call_ids
            .claim(caller.tenant(), session, id, digest)
            .map(Some)
    }

    /// Denies for the state of the gate or of the call id; recorded, where that is possible.
    pub(crate) fn refuse(
        &self,
        caller: &Caller,
        call: ToolCall,
        context: &Context,
        code: Code,
    ) -> Decision {
        let (sketch, record) = self.inner().current.with(|snapshot, _| {
            let mut judged = Judged::deny(Cause::State(code));
            // What the record keeps in clear is for the tool to say.
            judged.tool = snapshot.policy().tool(call.tool());
            let asked = Asked::new(caller, &call, context, self.inner().clock.moment());
            let record = self.record(snapshot, &judged, &asked);
            (Answer::sketch(&judged), record)
        });
        Decision::Deny(sketch.denial(call, record.ok()))
    }

    pub(crate) fn decide(
        &self,
        caller: &Caller,
        call: ToolCall,
        context: &Context,
        claim: Option<Claim>,
        by: By,
        mut moment: Moment,
    ) -> Decision {
        let current = &self.inner().current;
        current.with_standing(|snapshot, generation, standing| {
            let found = self.look_up(snapshot, caller, &call, context);
            if self.inner().directory.is_some() {
                // It may have taken its time.
                moment = self.inner().clock.moment();
            }
            let known = found.as_ref().unwrap_or(context);
            let timed = self.timed(snapshot, known);
            let context = timed.as_ref().unwrap_or(known);
            let mut meter = Meter::new(self.inner().limits.as_ref(), None);
            let setting = Setting {
                host: &self.inner().host,
                now: self.time_for(caller, context),
                standing,
                task_now: self.time_for_task(context),
            };
            let mut judged = snapshot.judge_for(&setting, caller, &call, context, &mut meter);
            let mut asked = Asked::new(caller, &call, context, moment);
            asked.authority = by.authority;
            let weighed = self.weigh(snapshot, &mut judged, &asked, by.resumed);
            asked.approval = weighed.name();
            if judged.runs() && !judged.observed {
                meter.take_agreed(&mut judged);
            }
            let recorded = self.record(snapshot, &judged, &asked);
            if recorded.is_err() || !judged.runs() {
                meter.give_back();
            }
            match recorded {
                Ok(seq) if judged.runs() => {
                    let mut granted = Granted::new(&judged, generation, seq, moment.elapsed);
                    granted.hold = weighed.hold();
                    granted.tries = snapshot.tries(&judged, &asked);
                    let (gate, caller, context) = (self.clone(), caller.clone(), known.clone());
                    drop(judged);
                    let reserved = meter.into_reservation();
                    let permit = Permit::new(gate, granted, call, caller, context, claim, reserved);
                    self.in_time(permit)
                }
                Ok(seq) if judged.decision == DecisionKind::Ask => {
                    asked.approval = None;
                    match self.open(&judged, &asked, weighed, seq) {
                        Ok(approval) => {
                            let sketch = Answer::sketch(&judged);
                            drop(judged);
                            Decision::Ask(sketch.pending(call, Some(seq), approval))
                        }
                        Err(code) => {
                            deny(&mut judged, code);
                            asked.rejudges = Some(seq);
                            // A denial stands without its record.
                            let record = self.record(snapshot, &judged, &asked).ok();
                            let sketch = Answer::sketch(&judged);
                            drop(judged);
                            Decision::Deny(sketch.denial(call, record.or(Some(seq))))
                        }
                    }
                }
                answer => {
                    if let Some(hold) = weighed.hold() {
                        hold.give_back(self);
                    }
                    let (sketch, record) = match answer {
                        Ok(seq) => (Answer::sketch(&judged), Some(seq)),
                        // A denial stands without its record, and nothing else does.
                        Err(_) if judged.decision == DecisionKind::Deny && !judged.runs() => {
                            (Answer::sketch(&judged), None)
                        }
                        Err(unrecorded) => {
                            let sketch = Sketch::of(&Cause::State(unrecorded.code));
                            (sketch, unrecorded.record)
                        }
                    };
                    drop(judged);
                    Decision::Deny(sketch.denial(call, record))
                }
            }
        })
    }

    /// A permit whose record took longer than the deadline is not given out. A log in memory takes
    /// none.
    fn in_time(&self, permit: Permit) -> Decision {
        let ledger = &self.inner().ledger;
        if ledger.journal().is_memory() || permit.age() <= ledger.deadline() {
            Decision::Allow(permit)
        } else {
            Decision::Deny(permit.too_late())
        }
    }

    /// The context with the facts that the directory holds, where there are any to add. It is
    /// asked only about calls whose caller and arguments are acceptable.
    fn look_up(
        &self,
        snapshot: &Snapshot,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
    ) -> Option<Context> {
        let directory = self.inner().directory.as_deref()?;
        let mut found: Option<Context> = None;
        for resource in snapshot.resources_for(caller, call, context) {
            let name = resource.name();
            let known = found.as_ref().unwrap_or(context);
            if known.resource_named(name).is_some() {
                continue;
            }
            // A directory that panics has answered nothing; its facts are unknown.
            let look = std::panic::AssertUnwindSafe(|| directory.look_up(name));
            if let Ok(Some(answer)) = std::panic::catch_unwind(look)
                && answer.name() == name
            {
                found = Some(known.clone().resource(answer));
            }
        }
        found
    }

    /// The context with the time of now, where rules go by the time and the host states none.
    pub(crate) fn timed(&self, snapshot: &Snapshot, context: &Context) -> Option<Context> {
        let is_needed = snapshot.policy().is_timed() && context.time_now().is_none();
        is_needed.then(|| context.clone().time(self.inner().clock.now()))
    }

    /// The time by which the end of `caller` is told: that of the context, or else of the clock.
    pub(crate) fn time_for(&self, caller: &Caller, context: &Context) -> Option<DateTime<Utc>> {
        let has_end = caller.expires().is_some();
        let clock = || has_end.then(|| self.inner().clock.now());
        context.time_now().or_else(clock)
    }

    /// The time by which the end of a task is told: that of the clock, which the host cannot state.
    pub(crate) fn time_for_task(&self, context: &Context) -> Option<DateTime<Utc>> {
        context.task_id()?;
        self.inner().watch.as_ref().map(Watch::now)
    }

    /// Records a decision, once its texts are where they belong; returns the number of its
    /// record.
    pub(crate) fn record(
        &self,
        snapshot: &Snapshot,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
    ) -> Result<u64, Unrecorded> {
        let cabinet = self.inner().cabinet.as_ref();
        let append = |judged: &Judged<'_>, kept: &KeptCall<'_>| {
            with_record(snapshot, judged, asked, kept, |record| {
                record.durability = durability(judged);
                self.inner().ledger.decision(record, judged.runs())
            })
        };
        let (call, context) = (asked.call, asked.context);
        let mut kept = KeptCall::default();
        if let Some(tool) = judged.tool
            && let Err(unstored) = keep(&mut kept, cabinet, tool, call, context, durability(judged))
            // Nothing runs whose record would lack a text; that it was denied is recorded.
            && judged.runs()
        {
            let code = unstored.code();
            let mut denial = Judged::deny(Cause::State(code));
            denial.tool = judged.tool;
            let record = append(&denial, &kept).ok();
            return Err(Unrecorded { code, record });
        }
        let record = append(judged, &kept);
        if let Ok(seq) = record {
            for over in &judged.over {
                with_limit_record(over, asked, seq, |record| {
                    self.inner().ledger.limit_reached(record);
                });
            }
        }
        record.map_err(|code| Unrecorded { code, record: None })
    }
}

/// Why a decision does not stand as it was made, and the record that says so instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unrecorded {
    pub(crate) code: Code,
    pub(crate) record: Option<u64>,
}

/// How safe the record must be before the call may run: calls that write wait for the device.
pub(crate) fn durability(judged: &Judged<'_>) -> Durability {
    let grave = judged.writes() || judged.tier() > Some(RiskTier::ReadOnly);
    if judged.runs() && grave {
        Durability::Durable
    } else {
        Durability::Accepted
    }
}

/// Tells calls apart that bear the same id: tool, arguments and caller.
fn same_call(caller: &Caller, call: &ToolCall) -> Digest {
    let (tag, arguments) = match call.arguments() {
        Ok(arguments) => (b"a", arguments.digest()),
        Err(refused) => (b"r", refused.digest()),
    };
    let mut bytes = Vec::with_capacity(call.tool().len().saturating_add(80));
    bytes.extend_from_slice(b"callgate call v1\n");
    bytes.extend_from_slice(tag);
    bytes.extend_from_slice(arguments.as_bytes());
    bytes.extend_from_slice(caller.digest().as_bytes());
    bytes.extend_from_slice(call.tool().as_bytes());
    Digest::of(&bytes)
}
