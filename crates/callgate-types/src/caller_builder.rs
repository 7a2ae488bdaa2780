//! Putting a caller together, and what keeps one from being.

use crate::caller::Parts;
use crate::{Caller, CallerError, Delegation, Principal, text};

/// A caller whose tenant has not been named yet; see [`Caller::of`].
#[derive(Clone, Debug)]
pub struct CallerBuilder {
    subject: Principal,
    actors: Vec<Principal>,
    delegations: Vec<Delegation>,
    ceiling: Delegation,
}

impl CallerBuilder {
    pub(crate) const fn new(subject: Principal) -> Self {
        Self {
            subject,
            actors: Vec::new(),
            delegations: Vec::new(),
            ceiling: Delegation::new(),
        }
    }

    /// Lets `actor` act: for the subject, or for the actor named before. Everything is handed on
    /// to it.
    #[must_use]
    pub fn acting(self, actor: Principal) -> Self {
        self.acting_with(actor, Delegation::new())
    }

    /// Lets `actor` act: for the subject, or for the actor named before, who hands `delegation`
    /// on to it and nothing else.
    #[must_use]
    pub fn acting_with(mut self, actor: Principal, delegation: Delegation) -> Self {
        self.actors.push(actor);
        self.delegations.push(delegation);
        self
    }

    /// The most that any actor behind the first may use, whatever it is handed: the first is the
    /// agent that the subject knows, the others are its sub-agents.
    #[must_use]
    pub fn sub_agents_at_most(mut self, ceiling: Delegation) -> Self {
        self.ceiling = std::mem::take(&mut self.ceiling).and(ceiling);
        self
    }

    /// The caller within `tenant`.
    ///
    /// # Errors
    ///
    /// Refuses a subject that does not belong to the tenant, an actor that belongs to others only,
    /// more than eight actors, an actor that stands twice in the chain, one that is the subject
    /// itself, one that the principal before it does not let act, and a delegation that cannot
    /// be.
    pub fn in_tenant(self, tenant: impl Into<Box<str>>) -> Result<Caller, CallerError> {
        let tenant = tenant.into();
        if !text::is_name(&tenant) {
            return Err(CallerError::BadTenant);
        }
        if !self.subject.is_of(&tenant) {
            let principal = self.subject.id().clone();
            return Err(CallerError::NotAMember { principal, tenant });
        }
        let stranger = |actor: &&Principal| !actor.is_tenantless() && !actor.is_of(&tenant);
        if let Some(actor) = self.actors.iter().find(stranger) {
            let principal = actor.id().clone();
            return Err(CallerError::NotAMember { principal, tenant });
        }
        self.finish(Some(tenant))
    }

    /// The caller in no known tenant: only roles that cross tenants are held, and every rule
    /// about the tenant finds it unknown.
    ///
    /// # Errors
    ///
    /// As [`CallerBuilder::in_tenant`], but for membership.
    pub fn without_tenant(self) -> Result<Caller, CallerError> {
        self.finish(None)
    }

    fn finish(self, tenant: Option<Box<str>>) -> Result<Caller, CallerError> {
        if self.actors.len() > Caller::MAX_ACTORS {
            return Err(CallerError::TooManyActors {
                found: self.actors.len(),
            });
        }
        for (place, actor) in self.actors.iter().enumerate() {
            if actor.id() == self.subject.id() {
                let actor = actor.id().clone();
                return Err(CallerError::ActorIsSubject { actor });
            }
            let earlier = self.actors.iter().take(place);
            if earlier.into_iter().any(|other| other.id() == actor.id()) {
                let actor = actor.id().clone();
                return Err(CallerError::Loop { actor });
            }
        }
        let principals = std::iter::once(&self.subject).chain(&self.actors);
        for (before, actor) in principals.zip(&self.actors) {
            if !before.may_be_acted_for_by(actor.id()) {
                let (principal, actor) = (before.id().clone(), actor.id().clone());
                return Err(CallerError::MayNotAct { actor, principal });
            }
        }
        let limits = std::iter::once(&self.subject).chain(&self.actors);
        let limits = limits.filter_map(Principal::limit);
        let cuts = limits.chain(&self.delegations).chain([&self.ceiling]);
        if let Some(fault) = cuts.into_iter().find_map(Delegation::fault) {
            return Err(CallerError::BadDelegation(fault));
        }
        let mut roles: Vec<Box<str>> = self
            .subject
            .roles_in(tenant.as_deref())
            .map(Into::into)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        let (mut crossing, mut is_stranger) = (Vec::new(), false);
        if let Some(tenant) = &tenant {
            is_stranger = !self.subject.is_member_of(tenant);
            let all = roles.iter();
            let crossing_alone = all.filter(|role| !self.subject.holds_in(role, tenant));
            crossing.extend(crossing_alone.cloned());
        }
        Ok(Caller::build(Parts {
            subject: Some(self.subject),
            actors: self.actors,
            delegations: self.delegations,
            ceiling: self.ceiling,
            tenant,
            roles,
            crossing,
            is_stranger,
            refusal: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(text: &str) -> Principal {
        Principal::asserted(text.parse().unwrap()).member_of("acme", ["support", "support"])
    }

    #[track_caller]
    fn check(chain: &[&str], tenant: &str, expected: &str) {
        let (subject, actors) = chain.split_first().unwrap();
        let start = Caller::of(who(subject));
        let built = actors.iter().fold(start, |chain, actor| {
            chain.acting(Principal::asserted(actor.parse().unwrap()))
        });
        let got = match built.in_tenant(tenant) {
            Ok(caller) => caller.roles().collect::<Vec<_>>().join(","),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn chains() {
        check(&["user:a", "agent:b", "agent:c"], "acme", "support");
        check(
            &["user:a"],
            "globex",
            "`user:a` does not belong to tenant `globex`",
        );
        check(
            &["user:a", "agent:b", "agent:c", "agent:b"],
            "acme",
            "`agent:b` stands twice in the chain of actors",
        );
        check(
            &["user:a", "agent:b", "user:a"],
            "acme",
            "`user:a` is both the subject and an actor",
        );
        let long: Vec<String> = (0..10).map(|n| format!("agent:{n}")).collect();
        let long: Vec<&str> = long.iter().map(|id| &**id).collect();
        check(
            &long,
            "acme",
            "expected at most 8 actors in a chain, found 9",
        );
        check(
            &["user:a"],
            "",
            "expected a tenant name of 1 to 256 bytes without control characters",
        );
    }

    #[test]
    fn actor_of_another_tenant() {
        let bot =
            Principal::asserted("agent:bot".parse().unwrap()).member_of("globex", [] as [&str; 0]);
        let got = Caller::of(who("user:a")).acting(bot).in_tenant("acme");
        assert_eq!(
            got.unwrap_err().to_string(),
            "`agent:bot` does not belong to tenant `acme`"
        );
    }

    #[test]
    fn who_may_act() {
        let id = |text: &str| text.parse::<crate::PrincipalId>().unwrap();
        let bot = |text: &str| Principal::asserted(id(text));
        let start = || Caller::of(who("user:a").lets_act([id("agent:b"), id("agent:c")]));
        assert!(start().without_tenant().is_ok());
        assert!(start().acting(bot("agent:c")).without_tenant().is_ok());
        let refused = start().acting(bot("agent:d")).without_tenant();
        assert_eq!(
            refused.unwrap_err().to_string(),
            "`agent:d` may not act for `user:a`"
        );
        let nobody = bot("agent:b").lets_act([]);
        let refused = start().acting(nobody).acting(bot("agent:e"));
        assert_eq!(
            refused.without_tenant().unwrap_err().to_string(),
            "`agent:e` may not act for `agent:b`"
        );
    }

    #[test]
    fn delegations_that_cannot_be() {
        let bad = || Delegation::new().scopes([""]);
        let expected = "a delegation cannot be: expected names of 1 to 256 bytes without control \
                        characters";
        let bot = || Principal::asserted("agent:b".parse().unwrap());
        for built in [
            Caller::of(who("user:a").limited_to(bad())),
            Caller::of(who("user:a")).acting_with(bot(), bad()),
            Caller::of(who("user:a")).acting(bot().limited_to(bad())),
            Caller::of(who("user:a")).sub_agents_at_most(bad()),
        ] {
            let refused = built.without_tenant().unwrap_err();
            assert_eq!(refused.to_string(), expected);
        }
    }

    #[test]
    fn roles_that_cross() {
        let table = crate::TableId::unique();
        let staff = |principal: Principal| principal.crossing_tenants(["staff", "support"]);
        let root = || Principal::asserted("user:root".parse().unwrap());
        let may = |role: &str, tenant: &str| role == "staff" && tenant == "acme";
        let left = |principal: Principal, tenant: &str| {
            let caller = Caller::of(principal).in_tenant(tenant).unwrap();
            assert!(caller.crosses() && caller.is_conditional());
            let left = caller.admitted(table, may)?;
            assert!(!left.crosses() && !left.is_conditional());
            // Another policy is asked anew.
            let by_another = caller.admitted(crate::TableId::unique(), |_, _| true);
            assert_eq!(by_another.unwrap().roles().len(), caller.roles().len());
            Some(left.roles().collect::<Vec<_>>().join(","))
        };
        assert_eq!(left(staff(root()), "acme").as_deref(), Some("staff"));
        assert_eq!(left(staff(root()), "globex"), None);
        let member = root().member_of("globex", ["auditor"]);
        assert_eq!(
            left(staff(member.clone()), "globex").as_deref(),
            Some("auditor")
        );
        assert_eq!(left(staff(member), "acme").as_deref(), Some("staff"));
        let supporter = || who("user:a");
        assert_eq!(
            left(staff(supporter()), "acme").as_deref(),
            Some("staff,support")
        );
        let idle = supporter().crossing_tenants([] as [&str; 0]);
        assert!(!Caller::of(idle).in_tenant("acme").unwrap().crosses());
        let nowhere = Caller::of(staff(root())).without_tenant().unwrap();
        assert!(!nowhere.crosses());
        assert_eq!(nowhere.admitted(table, may).unwrap().roles().len(), 2);
    }
}
