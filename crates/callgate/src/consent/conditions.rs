//! Conditions of standing approvals, compiled.

use std::sync::{Arc, Mutex, PoisonError};

use callgate_policy::CallCondition;
use callgate_types::Digest;

use crate::Snapshot;
use crate::judged::Judged;
use crate::record::Asked;

/// Most conditions that are kept.
const MOST: usize = 64;

/// Conditions as the policies in force have them compiled, those that were used last.
#[derive(Debug, Default)]
pub(crate) struct Conditions(Mutex<Vec<Known>>);

#[derive(Debug)]
struct Known {
    policy: Digest,
    tool: Box<str>,
    when: Box<str>,
    /// `None` where this policy has no such condition.
    condition: Option<Arc<CallCondition>>,
}

impl Conditions {
    /// Whether `when` surely holds of a call, and the host does with it what the matchers of `when`
    /// imply. One that this policy cannot read does not hold.
    pub(super) fn hold(
        &self,
        snapshot: &Snapshot,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
        when: &str,
    ) -> bool {
        let Some(condition) = self.compiled(snapshot, asked.call.tool(), when) else {
            return false;
        };
        let Ok(arguments) = asked.call.arguments() else {
            return false;
        };
        let timed = (condition.is_timed() && asked.context.time_now().is_none())
            .then(|| asked.context.clone().time(asked.moment.now));
        let context = timed.as_ref().unwrap_or(asked.context);
        let mut implied = condition.obligations().iter();
        implied.all(|name| judged.obligations.contains(&&**name))
            && condition.holds(
                asked.caller,
                context,
                arguments,
                judged.resources.as_slice(),
            )
    }

    fn compiled(&self, snapshot: &Snapshot, tool: &str, when: &str) -> Option<Arc<CallCondition>> {
        let policy = snapshot.digest();
        let is_it =
            |known: &Known| known.policy == policy && *known.tool == *tool && *known.when == *when;
        {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = kept.iter().position(is_it) {
                let known = kept.remove(place);
                let condition = known.condition.clone();
                kept.push(known);
                return condition;
            }
        }
        let condition = CallCondition::parse(snapshot.policy(), tool, when).ok();
        let condition = condition.map(Arc::new);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push(Known {
            policy,
            tool: tool.into(),
            when: when.into(),
            condition: condition.clone(),
        });
        condition
    }
}
