//! Random cuts along a chain, and what is left, in the plainest way.

use callgate::policy::document::Document;
use callgate::{Caller, Context, Delegation, Principal};
use callgate_types::TableId;
use chrono::{DateTime, Utc};

use crate::random::Random;

/// What one credential, delegation or ceiling confers.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    scopes: Option<Vec<&'static str>>,
    tools: Option<Vec<&'static str>>,
    until: Option<DateTime<Utc>>,
}

impl Plain {
    fn random(random: &mut Random, tools: &[&'static str]) -> Self {
        let mut plain = Self::default();
        if random.chance(25) {
            plain.scopes = Some(random.some_of(&["s1", "s2", "s3", "s9"]));
        }
        if random.chance(15) {
            plain.tools = Some(random.some_of(tools));
        }
        if random.chance(3) {
            plain.until = Some("2026-11-20T12:00:00Z".parse().unwrap());
        }
        plain
    }

    fn delegation(&self) -> Delegation {
        let mut delegation = Delegation::new();
        if let Some(scopes) = &self.scopes {
            delegation = delegation.scopes(scopes.clone());
        }
        if let Some(tools) = &self.tools {
            delegation = delegation.tools(tools.clone());
        }
        if let Some(until) = self.until {
            delegation = delegation.until(until);
        }
        delegation
    }
}

/// All cuts of a chain, and what crosses into its tenant.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    plain: Vec<Plain>,
    /// The roles held in the tenant itself; `None` where the subject is no member.
    member: Option<Vec<String>>,
    /// The roles held in every tenant.
    crossing: Vec<&'static str>,
}

impl Cuts {
    pub(crate) fn confer_tool(&self, tool: &str) -> bool {
        self.plain.iter().all(|cut| cut.tools.as_ref().is_none_or(|tools| tools.contains(&tool)))
    }

    pub(crate) fn confer_scope(&self, scope: &str) -> bool {
        self.plain.iter().all(|cut| cut.scopes.as_ref().is_none_or(|scopes| scopes.contains(&scope)))
    }

    /// The caller with the roles that count in its tenant; `None` where it has no business there.
    pub(crate) fn admitted(&self, document: &Document, caller: &Caller) -> Option<Caller> {
        let tenant = caller.tenant().unwrap_or("nowhere");
        let may = |role: &str| {
            let role = document.roles.get(role);
            role.is_some_and(|role| role.crosses.iter().any(|pattern| pattern.matches(tenant)))
        };
        let crossing: Vec<&str> = self.crossing.iter().copied().filter(|role| may(role)).collect();
        if self.member.is_none() && caller.subject().is_some() && crossing.is_empty() {
            return None;
        }
        let mut roles: Vec<&str> = self.member.iter().flatten().map(String::as_str).collect();
        roles.extend(crossing);
        roles.sort_unstable();
        roles.dedup();
        let admitted = caller.admitted(TableId::unique(), |role, _| may(role)).unwrap();
        assert_eq!(admitted.roles().collect::<Vec<_>>(), roles, "{caller:?}");
        Some(admitted)
    }

    pub(crate) fn have_ended(&self, context: &Context) -> bool {
        let now = context.time_now();
        self.plain.iter().filter_map(|cut| cut.until).any(|end| now.is_none_or(|now| now >= end))
    }
}

/// The caller once more, with random cuts.
pub(crate) fn cut(random: &mut Random, caller: &Caller, tools: &[&'static str]) -> (Caller, Cuts) {
    let mut cuts = Vec::new();
    let Some(subject) = caller.subject() else {
        return (caller.clone(), Cuts::default());
    };
    let mut limited = |random: &mut Random, principal: &Principal| {
        let mut principal = principal.clone();
        if random.chance(20) {
            let limit = Plain::random(random, tools);
            principal = principal.limited_to(limit.delegation());
            cuts.push(limit);
        }
        principal
    };
    let (mut subject, mut tenant, mut crossing) = (limited(random, subject), caller.tenant(), Vec::new());
    let mut member = Some(caller.roles().map(str::to_owned).collect());
    if tenant.is_some() && random.chance(25) {
        crossing = random.some_of(&["support", "lead", "staff", "nothing"]);
        subject = subject.crossing_tenants(crossing.clone());
        if random.chance(50) {
            (tenant, member) = (Some("elsewhere"), None);
        }
    }
    let mut chain = Caller::of(subject);
    let principals: Vec<Principal> = caller.actors().iter().map(|actor| limited(random, actor)).collect();
    let actors = principals.len();
    for actor in principals {
        chain = if random.chance(40) {
            let handed = Plain::random(random, tools);
            let delegation = handed.delegation();
            cuts.push(handed);
            chain.acting_with(actor, delegation)
        } else {
            chain.acting(actor)
        };
    }
    if random.chance(20) {
        let mut ceiling = Plain::random(random, tools);
        chain = chain.sub_agents_at_most(ceiling.delegation());
        if actors < 2 {
            // Its end holds for every chain, the rest for sub-agents.
            (ceiling.scopes, ceiling.tools) = (None, None);
        }
        cuts.push(ceiling);
    }
    let built = match tenant {
        Some(tenant) => chain.in_tenant(tenant),
        None => chain.without_tenant(),
    };
    (built.unwrap(), Cuts { plain: cuts, member, crossing })
}
