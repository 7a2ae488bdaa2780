//! What is demanded before an approval is complete.

use std::time::Duration;

use callgate_types::{Approver, Digest, Friction, PrincipalId, Rung, StandingBound, StepUp};
use serde::{Deserialize, Serialize};

use crate::as_text;

/// What is demanded before an approval is complete: a [`Friction`], as a store keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Demands {
    /// The subject, or the person behind it, says yes.
    pub confirm: bool,
    /// The same call was run in the tool's dry-run mode and shown. Somebody looks at that: where
    /// nobody else is asked, the subject confirms.
    pub preview: bool,
    /// Groups of approvers; every one must be satisfied, and nobody counts in two.
    pub groups: Vec<Group>,
    /// How whoever answers must have proved who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_up: Option<Proof>,
    /// How far a standing approval may go that answers such calls; `None` where each is answered by
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Bound>,
}

/// How far a standing approval may go: a [`StandingBound`], as a store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Bound {
    /// For how many calls at most.
    pub uses: u64,
    /// For how many milliseconds at most.
    pub within_ms: u64,
}

/// How whoever answers must have proved who they are: a [`StepUp`], as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Proof {
    /// How many milliseconds ago at most.
    pub max_age_ms: Option<u64>,
    /// The words of the methods by one of which.
    pub methods: Option<Vec<Box<str>>>,
}

/// So many different people out of one group must approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Group {
    /// Who may approve: any of these.
    pub from: Vec<Eligible>,
    /// How many different people must; at least 1.
    pub count: u32,
    /// Who else may, once it was asked a while ago.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ladder: Vec<Step>,
}

/// One rung of a ladder: a [`Rung`], as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Step {
    /// How many milliseconds after it was asked.
    pub after_ms: u64,
    /// Who may approve from then on, too.
    pub from: Vec<Eligible>,
}

/// Who may approve a call: an [`Approver`], as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Eligible {
    /// Whoever holds this role in the tenant of the call.
    Role(Box<str>),
    /// Whoever holds this scope in the tenant of the call.
    Scope(Box<str>),
    /// This principal.
    Principal(#[serde(with = "as_text")] PrincipalId),
}

impl Demands {
    /// What `friction` demands.
    pub fn of(friction: &Friction) -> Self {
        let alone = friction.preview && friction.approvals.is_empty();
        Self {
            confirm: friction.confirm || alone,
            preview: friction.preview,
            groups: friction
                .approvals
                .iter()
                .map(|group| Group {
                    from: Eligible::all(&group.from),
                    count: group.count.max(1),
                    ladder: group.escalate.iter().map(Step::of).collect(),
                })
                .collect(),
            step_up: friction.step_up.as_deref().map(Proof::of),
            standing: friction.standing.as_deref().map(Bound::of),
        }
    }

    /// Whether a standing approval answers all that is demanded: others approve, as the policy lets
    /// them do ahead, and nothing is demanded of the subject or the tool at each call.
    pub fn is_carried(&self) -> bool {
        self.standing.is_some() && !self.confirm && !self.preview && !self.groups.is_empty()
    }

    /// A digest of everything that is demanded, and how fast.
    pub fn digest(friction: &Friction) -> Digest {
        let demands = Self::of(friction);
        let mut line = String::from("callgate demands v1\n");
        let mut push = |part: &str| {
            line.push_str(&part.len().to_string());
            line.push(':');
            line.push_str(part);
            line.push('\n');
        };
        push(if demands.confirm { "confirm" } else { "" });
        push(if demands.preview { "preview" } else { "" });
        let mut groups: Vec<Vec<String>> = demands.groups.iter().map(Group::parts).collect();
        // In whichever order rules stand, they demand the same.
        groups.sort_unstable();
        for part in groups.iter().flatten() {
            push(part);
        }
        if let Some(proof) = &demands.step_up {
            push(&proof.text());
        }
        if let Some(bound) = &demands.standing {
            push(&format!("standing {} {}", bound.uses, bound.within_ms));
        }
        let time = friction.expires_in.as_ref().map(Duration::as_nanos);
        push(&time.map_or_else(String::new, |time| time.to_string()));
        Digest::of(line.as_bytes())
    }
}

impl Group {
    /// What it demands, in words; who is named first does not matter.
    fn parts(&self) -> Vec<String> {
        let sorted = |from: &[Eligible]| {
            let mut names: Vec<String> = from.iter().map(Eligible::text).collect();
            names.sort_unstable();
            names
        };
        let mut parts = vec![format!("{} of {}", self.count, self.from.len())];
        parts.extend(sorted(&self.from));
        for step in &self.ladder {
            parts.push(format!("after {} {}", step.after_ms, step.from.len()));
            parts.extend(sorted(&step.from));
        }
        parts
    }
}

impl Step {
    fn of(rung: &Rung) -> Self {
        Self {
            after_ms: millis(rung.after),
            from: Eligible::all(&rung.from),
        }
    }
}

impl Bound {
    fn of(bound: &StandingBound) -> Self {
        Self {
            uses: bound.uses,
            within_ms: millis(bound.within),
        }
    }
}

impl Proof {
    fn of(step_up: &StepUp) -> Self {
        let words = step_up.methods.as_ref().map(|methods| {
            let words = methods.iter().map(|method| method.as_str().into());
            words.collect()
        });
        Self {
            max_age_ms: step_up.max_age.map(millis),
            methods: words,
        }
    }

    fn text(&self) -> String {
        let age = self
            .max_age_ms
            .map_or_else(String::new, |age| age.to_string());
        let methods = self.methods.as_ref().map(|methods| {
            let mut words: Vec<&str> = methods.iter().map(|word| &**word).collect();
            words.sort_unstable();
            format!("by {}", words.join(","))
        });
        format!("proved {age} {}", methods.unwrap_or_default())
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Eligible {
    fn all(approvers: &[Approver]) -> Vec<Self> {
        approvers.iter().filter_map(Self::of).collect()
    }

    /// An approver of a kind that is not known here is nobody.
    fn of(approver: &Approver) -> Option<Self> {
        Some(match approver {
            Approver::Role(role) => Self::Role(role.clone()),
            Approver::Scope(scope) => Self::Scope(scope.clone()),
            Approver::Principal(id) => Self::Principal(id.clone()),
            _ => return None,
        })
    }

    /// As policies write it: `role:lead`, `scope:billing`, `user:bob`.
    pub fn text(&self) -> String {
        match self {
            Self::Role(role) => format!("role:{role}"),
            Self::Scope(scope) => format!("scope:{scope}"),
            Self::Principal(id) => id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::ApproverGroup;

    fn by(names: &[&str], count: u32) -> ApproverGroup {
        let from = names.iter().map(|name| Approver::Role((*name).into()));
        ApproverGroup::new(from.collect(), count)
    }

    fn friction(groups: Vec<ApproverGroup>) -> Friction {
        let mut friction = Friction::NONE;
        friction.approvals = groups;
        friction
    }

    #[test]
    fn digests_tell_demands_apart() {
        let mut slow = friction(vec![by(&["a"], 1)]);
        slow.expires_in = Some(Duration::from_secs(60));
        let standing = |uses, secs| {
            let bound = StandingBound::new(uses, Duration::from_secs(secs));
            let mut friction = friction(vec![by(&["a"], 1)]);
            friction.standing = Some(Box::new(bound));
            friction
        };
        let all = [
            standing(1, 11),
            standing(11, 1),
            Friction::NONE,
            Friction::CONFIRM,
            friction(vec![by(&["a"], 1)]),
            friction(vec![by(&["a"], 2)]),
            friction(vec![by(&["a", "b"], 1)]),
            friction(vec![by(&["a"], 1), by(&["b"], 1)]),
            slow,
        ];
        for (place, one) in all.iter().enumerate() {
            for (other_place, other) in all.iter().enumerate() {
                let same = Demands::digest(one) == Demands::digest(other);
                assert_eq!(same, place == other_place, "{place} and {other_place}");
            }
        }
    }

    #[test]
    fn order_of_groups_does_not_matter() {
        let one = friction(vec![by(&["a", "b"], 1), by(&["c"], 2)]);
        let other = friction(vec![by(&["c"], 2), by(&["b", "a"], 1)]);
        assert_eq!(Demands::digest(&one), Demands::digest(&other));
    }
}
