//! Those who do it.

use std::fmt::{Display, Error};

use callgate::audit::TaskEnd;
use callgate::standing::{Quarantine, Quarantined, Revocation, Task};
use callgate::{
    ApprovalAnswer, ApprovalId, Caller, Context, Decision, Gate, Parked, Permit, Principal,
    Resource, Running, ToolCall,
};
use chrono::{DateTime, Utc};

use super::place::Place;
use super::step::{Asked, At, Order, Step};
use crate::tenants::{change, user};

/// The people and the agent of one tenant, and what they have.
pub(super) struct Party {
    tenant: Option<&'static str>,
    other: Option<&'static str>,
    alice: Caller,
    lead: Caller,
    officer: Principal,
    permits: Vec<Permit>,
    running: Vec<Running>,
    pub(super) parked: Vec<Parked>,
}

impl Party {
    /// A task is under way, for calls to be made for.
    pub(super) fn at(
        place: &Place,
        tenant: Option<&'static str>,
        other: Option<&'static str>,
    ) -> Self {
        let party = Self::new(tenant, other);
        let task = Task::builder("t0", in_an_hour());
        place.gate.begin_task(&party.alice, task).unwrap();
        party
    }

    fn new(tenant: Option<&'static str>, other: Option<&'static str>) -> Self {
        let member = |id: &str, role: &str| match tenant {
            Some(tenant) => user(id).member_of(tenant, [role]),
            None => user(id).crossing_tenants([role]),
        };
        let caller = |principal: Principal, bot: bool| {
            let caller = Caller::of(principal);
            let agent = Principal::asserted("agent:bot".parse().unwrap());
            let caller = if bot { caller.acting(agent) } else { caller };
            match tenant {
                Some(tenant) => caller.in_tenant(tenant),
                None => caller.without_tenant(),
            }
            .unwrap()
        };
        Self {
            tenant,
            other,
            alice: caller(member("alice", "support"), true),
            lead: caller(member("lena", "lead"), false),
            officer: member("officer", "security"),
            permits: Vec::new(),
            running: Vec::new(),
            parked: Vec::new(),
        }
    }

    /// `pried` is what the other tenant has parked, where there is another.
    pub(super) fn take(&mut self, place: &Place, step: &Step, pried: &[Parked]) -> String {
        let gate = &place.gate;
        let answer = match *step {
            Step::Authorize { at, id, tool } => self.authorize(gate, at, id, tool),
            Step::Begin => match self.permits.pop().map(Permit::begin) {
                None => "nothing".to_owned(),
                Some(Ok(running)) => {
                    self.running.push(running);
                    "begun".to_owned()
                }
                Some(Err(not_begun)) => not_begun.to_string(),
            },
            Step::Finish => match self.running.pop() {
                None => "nothing".to_owned(),
                Some(running) => running.finish(Ok::<_, Error>("done")).released().to_owned(),
            },
            Step::Drop => self.permits.pop().is_some().to_string(),
            Step::Forget { at } => {
                gate.forget_session(self.tenant, at.session());
                "forgotten".to_owned()
            }
            Step::TakeBack { at } => {
                let session = gate.revoke_credentials_of_session(self.tenant, at.session());
                let task = gate.revoke_credentials_of_task(self.tenant, at.task());
                format!("{session} {task}")
            }
            Step::Asked(asked, number) => {
                let ours = nth(&self.parked, number).map(|it| (it.approval(), it.call()));
                ours.map_or("nothing".to_owned(), |(id, call)| {
                    self.asked(gate, asked, id, call)
                })
            }
            Step::PryAsked(asked, number) => {
                let theirs = nth(pried, number).map(Parked::approval);
                let nobodys = ApprovalId::from_bytes([0; 16]);
                let call = ToolCall::from_text("pay", r#"{"to": 0}"#);
                self.asked(gate, asked, theirs.unwrap_or(nobodys), call)
            }
            Step::BeginTask { at } => {
                let task = Task::builder(at.task(), in_an_hour());
                told(gate.begin_task(&self.alice, task))
            }
            Step::Order(order, at) => self.order(gate, order, at, self.tenant),
            Step::PryOrder(order, at) => self.order(gate, order, at, self.other),
        };
        // What is to be taken back is, before the next step.
        gate.flush().unwrap();
        let alive = place.vault.alive(self.tenant);
        format!("{answer}; {alive}")
    }

    fn authorize(&mut self, gate: &Gate, at: At, id: u8, tool: u8) -> String {
        let call = match tool {
            0 => change("a1"),
            1 => ToolCall::from_text("ping", "{}"),
            2 => ToolCall::from_text("spend", "{}"),
            _ => ToolCall::from_text("pay", format!(r#"{{"to": {id}}}"#)),
        };
        let call = call.id(format!("c{id}-{tool}"));
        match gate.authorize(&self.alice, call, &self.context(at)) {
            Decision::Allow(permit) => {
                self.permits.push(permit);
                "allowed".to_owned()
            }
            Decision::Ask(pending) => {
                let parked = pending.park().unwrap();
                let is_new = !self.parked.contains(&parked);
                if is_new {
                    self.parked.push(parked);
                }
                format!("asked {is_new}")
            }
            Decision::Deny(denial) => format!("{} {}", denial.code(), denial.message()),
        }
    }

    fn context(&self, at: At) -> Context {
        let account = Resource::new("account", "a1").tenant(self.tenant.unwrap_or("acme"));
        let context = Context::new().resource(account);
        context.session(at.session()).task(at.task())
    }

    fn asked(&mut self, gate: &Gate, asked: Asked, id: ApprovalId, call: ToolCall) -> String {
        match asked {
            Asked::List => {
                let ours = |id: &ApprovalId| self.parked.iter().any(|one| one.approval() == *id);
                let seen =
                    [&self.alice, &self.lead].map(|viewer| match gate.approvals(viewer, None) {
                        Ok(all) => {
                            let foreign = all.iter().filter(|one| !ours(&one.id)).count();
                            format!("{}, {foreign} of others", all.len())
                        }
                        Err(error) => error.to_string(),
                    });
                seen.join(" ")
            }
            Asked::Look => told(gate.approval(id, &self.lead)),
            Asked::Answer(yes) => {
                // Somebody of the other tenant may have been shown what is asked.
                let preview = gate
                    .approval(id, &self.lead)
                    .map(|it| it.question.preview_digest());
                let approve = ApprovalAnswer::approve(preview.unwrap_or(callgate::Digest::of(b"")));
                let answer = if yes {
                    approve
                } else {
                    ApprovalAnswer::refuse()
                };
                match gate.answer(id, &self.lead, answer) {
                    Ok(state) => state.as_str().to_owned(),
                    Err(error) => error.to_string(),
                }
            }
            Asked::Cancel => told(gate.cancel(id, &self.alice)),
            Asked::Resume => {
                let at = At {
                    session: 0,
                    task: 0,
                };
                match gate.resume(id, &self.alice, call, &self.context(at)) {
                    Decision::Allow(permit) => {
                        self.permits.push(permit);
                        "allowed".to_owned()
                    }
                    other => other.code().to_string(),
                }
            }
        }
    }

    fn order(&self, gate: &Gate, order: Order, at: At, tenant: Option<&str>) -> String {
        let by = &self.officer;
        let agent = Quarantined::principal(tenant, "agent:bot".parse().unwrap()).unwrap();
        let all = Quarantined::tenant(tenant.unwrap_or("none")).unwrap();
        let revoke = |target: Revocation| told(gate.revoke(&target, by, ""));
        match order {
            Order::EndTask => told(gate.end_task(tenant, at.task(), TaskEnd::Done, by, "")),
            Order::RevokeSession => revoke(Revocation::session(tenant, at.session()).unwrap()),
            Order::RevokeTask => revoke(Revocation::task(tenant, at.task()).unwrap()),
            Order::RevokeAgent => {
                let agent = "agent:bot".parse().unwrap();
                revoke(Revocation::principal(tenant, agent).unwrap())
            }
            Order::Quarantine => told(gate.quarantine(&Quarantine::of(agent), by, "")),
            Order::QuarantineAll => told(gate.quarantine(&Quarantine::of(all), by, "")),
            Order::Lift => told(gate.lift(&agent, by, "")),
            Order::LiftAll => told(gate.lift(&all, by, "")),
        }
    }
}

/// One of them, where there are any.
fn nth(parked: &[Parked], number: usize) -> Option<&Parked> {
    parked.get(number.checked_rem(parked.len())?)
}

fn told<T, E: Display>(told: Result<T, E>) -> String {
    match told {
        Ok(_) => "done".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn in_an_hour() -> DateTime<Utc> {
    DateTime::from_timestamp(3_600, 0).unwrap()
}
