//! Random changes of who is in good standing, and what they come to, in the plainest way.

use callgate::standing::{Change, Lift, MemoryStanding, Quarantine, Quarantined, Revocation, StandingStore, Task};
use callgate::{Caller, Code, Context, Principal, PrincipalId};
use chrono::{DateTime, TimeDelta, Utc};

use crate::evaluator::Target;
use crate::random::Random;

const TENANTS: [Option<&str>; 5] = [Some("acme"), Some("globex"), Some("initech"), Some("elsewhere"), None];
const PRINCIPALS: [&str; 6] = ["user:alice", "user:bob", "service:cron", "agent:bot", "agent:sub", "service:job"];
/// What the calls of the reference name.
const SESSION: &str = "a";
const TASK: &str = "acme";

/// By the clock of gate and store.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// What is so in the end.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Tenants in quarantine.
    shut: Vec<&'static str>,
    /// Principals in quarantine, or revoked; in a tenant or in all.
    resting: Vec<(Option<&'static str>, &'static str)>,
    revoked: Vec<(Option<&'static str>, &'static str)>,
    /// Tenants whose session was revoked.
    sessions: Vec<Option<&'static str>>,
    tasks: Vec<Plain>,
}

/// The task of a tenant.
#[derive(Debug)]
pub(crate) struct Plain {
    tenant: Option<&'static str>,
    subject: &'static str,
    tools: Option<Vec<&'static str>>,
    kinds: Option<Vec<&'static str>>,
    scopes: Option<Vec<&'static str>>,
    has_ended: bool,
    is_over: bool,
}

impl Said {
    /// Puts random changes into `store`.
    pub(crate) fn random(random: &mut Random, tools: &[&'static str], store: &MemoryStanding) -> Self {
        let mut said = Self::default();
        for tenant in TENANTS {
            if random.chance(85) {
                said.tasks.push(Plain::random(random, tenant, tools, store));
            }
            if random.chance(10) {
                put(store, &Change::revoke(Revocation::session(tenant, SESSION).unwrap(), officer()));
                said.sessions.push(tenant);
            }
            if let Some(tenant) = tenant.filter(|_| random.chance(6)) {
                let lifted = order(random, store, Quarantined::tenant(tenant).unwrap());
                said.shut.extend((!lifted).then_some(tenant));
            }
        }
        for _ in 0..random.below(4) {
            let (tenant, name) = (random.of(&TENANTS), random.of(&PRINCIPALS));
            let id: PrincipalId = name.parse().unwrap();
            if random.chance(50) {
                put(store, &Change::revoke(Revocation::principal(tenant, id).unwrap(), officer()));
                said.revoked.push((tenant, name));
            } else if !said.resting.contains(&(tenant, name)) {
                let lifted = order(random, store, Quarantined::principal(tenant, id).unwrap());
                said.resting.extend((!lifted).then_some((tenant, name)));
            }
        }
        said
    }

    /// What is against the caller, its session and its task.
    pub(crate) fn bars(&self, caller: &Caller, context: &Context) -> Option<Code> {
        let tenant = caller.tenant();
        if tenant.is_some_and(|tenant| self.shut.contains(&tenant)) {
            return Some(Code::Quarantined);
        }
        for hop in caller.subject().into_iter().chain(caller.actors()) {
            let named = |said: &[(Option<&str>, &str)]| {
                said.iter().any(|(of, name)| *name == hop.id().as_str() && (of.is_none() || *of == tenant))
            };
            if named(&self.resting) {
                return Some(Code::Quarantined);
            }
            if named(&self.revoked) {
                return Some(Code::CallerRevoked);
            }
        }
        if context.session_id() == Some(SESSION) && self.sessions.contains(&tenant) {
            return Some(Code::SessionRevoked);
        }
        context.task_id()?;
        match self.task(caller, context) {
            None => Some(Code::UnknownTask),
            Some(task) if task.has_ended => Some(Code::TaskEnded),
            Some(task) if task.is_over => Some(Code::TaskExpired),
            Some(task) if caller.subject().map(Principal::id).map(PrincipalId::as_str) != Some(task.subject) => {
                Some(Code::OutsideTask)
            }
            Some(_) => None,
        }
    }

    /// The task that a call names.
    pub(crate) fn task(&self, caller: &Caller, context: &Context) -> Option<&Plain> {
        let of = |task: &&Plain| context.task_id() == Some(TASK) && task.tenant == caller.tenant();
        self.tasks.iter().find(of)
    }
}

impl Plain {
    fn random(
        random: &mut Random,
        tenant: Option<&'static str>,
        tools: &[&'static str],
        store: &MemoryStanding,
    ) -> Self {
        let mut cut = |names: &[&'static str], chance| random.chance(chance).then(|| random.some_of(names));
        let (tools, kinds, scopes) =
            (cut(tools, 30), cut(&["account", "ticket"], 30), cut(&["s1", "s2", "s3", "s9"], 30));
        let (has_ended, is_over) = (random.chance(10), random.chance(10));
        let task = Self {
            tenant,
            subject: random.of(&["user:alice", "user:bob", "service:cron"]),
            tools,
            kinds,
            scopes,
            has_ended,
            is_over,
        };
        put(store, &Change::begin(task.task(), task.subject.parse().unwrap()));
        if has_ended {
            put(store, &Change::revoke(Revocation::task(tenant, TASK).unwrap(), officer()));
        }
        task
    }

    fn task(&self) -> Task {
        let hour = TimeDelta::hours(1);
        let end = if self.is_over { now() - hour } else { now() + hour };
        let mut task = Task::builder(TASK, end);
        if let Some(tools) = &self.tools {
            task = task.tools(tools.iter().copied());
        }
        if self.kinds.is_some() {
            task = task.no_resources();
        }
        for kind in self.kinds.iter().flatten() {
            task = task.resources_of(*kind);
        }
        if let Some(scopes) = &self.scopes {
            task = task.scopes(scopes.iter().copied());
        }
        let subject = Principal::asserted(self.subject.parse().unwrap());
        let caller = match self.tenant {
            Some(tenant) => Caller::of(subject.member_of(tenant, ["x"])).in_tenant(tenant),
            None => Caller::of(subject).without_tenant(),
        };
        task.build_for(&caller.unwrap()).unwrap()
    }

    pub(crate) fn covers(&self, tool: &str, targets: &[Target]) -> bool {
        self.tools.as_ref().is_none_or(|tools| tools.contains(&tool))
            && targets.iter().all(|target| self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&&*target.kind)))
    }

    pub(crate) fn confers_scope(&self, scope: &str) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope))
    }
}

/// Orders a quarantine, and maybe lifts it: says whether that counts.
fn order(random: &mut Random, store: &MemoryStanding, target: Quarantined) -> bool {
    let mut quarantine = Quarantine::of(target.clone());
    let only_chief = random.chance(50);
    if only_chief {
        quarantine = quarantine.lifted_by_only(["user:chief".parse().unwrap()]).unwrap();
    }
    let upto = put(store, &Change::quarantine(quarantine, officer()));
    if random.chance(50) {
        return false;
    }
    let (by, counts) = match random.below(3) {
        0 => ("user:chief", true),
        1 => ("user:officer", !only_chief),
        _ => ("agent:helper", false),
    };
    put(store, &Change::lift(Lift::new(target, upto), by.parse().unwrap()));
    counts
}

fn put(store: &MemoryStanding, change: &Change) -> callgate::standing::Position {
    store.put(change).unwrap()
}

fn officer() -> PrincipalId {
    "user:officer".parse().unwrap()
}
