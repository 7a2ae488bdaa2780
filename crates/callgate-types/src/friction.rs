//! What an asked call demands before it may run.

use std::time::Duration;

use crate::{Method, PrincipalId};

/// The set of things demanded before an asked call may run.
///
/// Sets unite and never shrink: what two rules demand together is everything that each of
/// them demands, within the shorter of their times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Friction {
    /// The subject says yes.
    pub confirm: bool,
    /// The same call was run in the tool's dry-run mode and shown.
    pub preview: bool,
    /// Groups of approvers; every group must be satisfied.
    pub approvals: Vec<ApproverGroup>,
    /// How whoever answers must have proved who they are; `None` asks nothing.
    pub step_up: Option<Box<StepUp>>,
    /// How long an answer may take; `None` where nobody set a bound.
    pub expires_in: Option<Duration>,
    /// How far a standing approval may go by which such calls run; `None` where each is answered by
    /// itself.
    pub standing: Option<Box<StandingBound>>,
}

impl Friction {
    /// Demands nothing.
    pub const NONE: Self = Self {
        confirm: false,
        preview: false,
        approvals: Vec::new(),
        step_up: None,
        expires_in: None,
        standing: None,
    };

    /// Demands a confirmation by the subject, and nothing else.
    pub const CONFIRM: Self = Self {
        confirm: true,
        preview: false,
        approvals: Vec::new(),
        step_up: None,
        expires_in: None,
        standing: None,
    };

    /// Whether nothing is demanded. A time alone demands nothing, nor does a step-up that nobody
    /// has to take.
    pub fn is_empty(&self) -> bool {
        !self.confirm && !self.preview && self.approvals.is_empty()
    }

    /// Demands what `other` demands, too. A standing approval answers both only where each of them
    /// lets it, within the narrower bound.
    pub fn unite(&mut self, other: &Self) {
        self.standing = match (self.is_empty(), other.is_empty()) {
            (true, true) => None,
            (true, false) => other.standing.clone(),
            (false, true) => self.standing.take(),
            (false, false) => match (self.standing.take(), &other.standing) {
                (Some(mine), Some(theirs)) => Some(Box::new(mine.narrowed(theirs))),
                _ => None,
            },
        };
        self.confirm |= other.confirm;
        self.preview |= other.preview;
        for group in &other.approvals {
            if !self.approvals.contains(group) {
                self.approvals.push(group.clone());
            }
        }
        match (&mut self.step_up, &other.step_up) {
            (Some(mine), Some(theirs)) => mine.unite(theirs),
            (mine @ None, theirs) => mine.clone_from(theirs),
            (Some(_), None) => {}
        }
        self.expires_in = match (self.expires_in, other.expires_in) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (one, None) | (None, one) => one,
        };
    }
}

/// So many different people out of one group must approve.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApproverGroup {
    /// Who may approve: any of these.
    pub from: Vec<Approver>,
    /// How many different people must; at least 1.
    pub count: u32,
    /// Who else may approve once nobody has for a while: never fewer people, only others.
    pub escalate: Vec<Rung>,
}

impl ApproverGroup {
    /// `count` people out of `from` must approve.
    pub const fn new(from: Vec<Approver>, count: u32) -> Self {
        Self {
            from,
            count,
            escalate: Vec::new(),
        }
    }
}

/// One rung of an escalation ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rung {
    /// How long after it was asked.
    pub after: Duration,
    /// Who may approve from then on, too.
    pub from: Vec<Approver>,
}

impl Rung {
    /// Those in `from` may approve as well, once it was asked `after` ago.
    pub const fn new(after: Duration, from: Vec<Approver>) -> Self {
        Self { after, from }
    }
}

/// How whoever answers must have proved who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepUp {
    /// How long ago at most; `None` does not ask. Where it is not known, it is too long ago.
    pub max_age: Option<Duration>,
    /// By one of these; `None` does not ask. Where none is left, nobody can answer.
    pub methods: Option<Vec<Method>>,
}

impl StepUp {
    /// Asks what `other` asks, too.
    pub fn unite(&mut self, other: &Self) {
        self.max_age = match (self.max_age, other.max_age) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (one, None) | (None, one) => one,
        };
        match (&mut self.methods, &other.methods) {
            (Some(mine), Some(theirs)) => mine.retain(|method| theirs.contains(method)),
            (mine @ None, theirs) => mine.clone_from(theirs),
            (Some(_), None) => {}
        }
    }
}

/// How far a standing approval may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StandingBound {
    /// For how many calls at most; at least 1.
    pub uses: u64,
    /// For how long at most.
    pub within: Duration,
}

impl StandingBound {
    /// Most calls that any standing approval is good for.
    pub const MAX_USES: u64 = 10_000;
    /// Longest time that any standing approval is good for: 30 days.
    pub const MAX_TIME: Duration = Duration::from_secs(30 * 24 * 3_600);

    /// For `uses` calls at most, `within` this time.
    pub const fn new(uses: u64, within: Duration) -> Self {
        Self { uses, within }
    }

    /// No further than `other` goes, either.
    #[must_use]
    pub fn narrowed(self, other: &Self) -> Self {
        Self {
            uses: self.uses.min(other.uses),
            within: self.within.min(other.within),
        }
    }
}

/// Who may approve a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Approver {
    /// Whoever holds this role in the tenant of the call.
    Role(Box<str>),
    /// Whoever holds this scope in the tenant of the call.
    Scope(Box<str>),
    /// This principal.
    Principal(PrincipalId),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(count: u32) -> ApproverGroup {
        ApproverGroup::new(vec![Approver::Role("lead".into())], count)
    }

    #[test]
    fn sets_unite() {
        let mut friction = Friction::CONFIRM;
        friction.unite(&Friction {
            preview: true,
            approvals: vec![leads(1), leads(2)],
            expires_in: Some(Duration::from_secs(60)),
            ..Friction::NONE
        });
        friction.unite(&Friction {
            approvals: vec![leads(1)],
            expires_in: Some(Duration::from_secs(30)),
            ..Friction::NONE
        });
        assert_eq!(
            friction,
            Friction {
                confirm: true,
                preview: true,
                approvals: vec![leads(1), leads(2)],
                step_up: None,
                expires_in: Some(Duration::from_secs(30)),
                standing: None,
            }
        );
    }

    #[test]
    fn time_alone_demands_nothing() {
        let mut friction = Friction::NONE;
        assert!(friction.is_empty());
        friction.expires_in = Some(Duration::from_secs(1));
        assert!(friction.is_empty());
        friction.unite(&Friction::CONFIRM);
        assert!(!friction.is_empty());
    }

    #[test]
    fn step_ups_unite_to_the_stricter() {
        let step = |age, methods: Option<&[Method]>| StepUp {
            max_age: age,
            methods: methods.map(Into::into),
        };
        let minutes = |count: u64| Some(Duration::from_secs(count * 60));
        let mut one = step(minutes(5), Some(&[Method::Jwt, Method::Saml]));
        one.unite(&step(minutes(3), Some(&[Method::Jwt])));
        assert_eq!(one, step(minutes(3), Some(&[Method::Jwt])));
        one.unite(&step(None, None));
        assert_eq!(one, step(minutes(3), Some(&[Method::Jwt])));
        one.unite(&step(None, Some(&[Method::Saml])));
        assert_eq!(one, step(minutes(3), Some(&[])));

        let mut friction = Friction::CONFIRM;
        let asks = Friction {
            step_up: Some(Box::new(one.clone())),
            ..Friction::NONE
        };
        assert!(asks.is_empty());
        friction.unite(&asks);
        assert_eq!(friction.step_up.as_deref(), Some(&one));
    }

    #[test]
    fn standing_approvals_answer_what_all_parts_let_them() {
        let asks = |standing: Option<(u64, u64)>| Friction {
            approvals: vec![leads(1)],
            standing: standing
                .map(|(uses, secs)| StandingBound::new(uses, Duration::from_secs(secs)))
                .map(Box::new),
            ..Friction::NONE
        };
        let united = |parts: &[Friction]| {
            let mut all = Friction::NONE;
            for part in parts {
                all.unite(part);
            }
            all.standing
                .map(|bound| (bound.uses, bound.within.as_secs()))
        };
        let (wide, narrow) = (asks(Some((20, 60))), asks(Some((30, 10))));
        assert_eq!(united(std::slice::from_ref(&wide)), Some((20, 60)));
        assert_eq!(united(&[wide.clone(), Friction::NONE]), Some((20, 60)));
        assert_eq!(united(&[wide.clone(), narrow]), Some((20, 10)));
        for other in [asks(None), Friction::CONFIRM] {
            assert_eq!(united(&[wide.clone(), other.clone()]), None);
            assert_eq!(united(&[other, wide.clone()]), None);
        }
    }
}
