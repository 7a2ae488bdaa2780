//! What would have to differ for a statement to come out otherwise.

use serde::Serialize;

use super::{Against, Answer, ConditionTrace, Found, SelectorTrace, StatementTrace};
use crate::document::InForce;

/// The least that has to differ for one rule to match, or not to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change<'p> {
    /// The rule.
    pub rule: &'p str,
    /// The file where it stands.
    pub file: &'p str,
    /// The line of this file where it stands.
    pub line: u32,
    /// Whether it would then match.
    pub matches: bool,
    /// What has to differ, all of it.
    pub needed: Vec<Needed>,
}

/// One thing that has to differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Needed {
    /// The place of a value, or the key of a selector.
    pub place: String,
    /// The matcher; `None` for a selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matcher: Option<&'static str>,
    /// What stands there; `None` for a selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// What it is compared with, where that is not written in the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Against>,
    /// Of `in_force`, where the answer is no: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<InForce>,
    /// What the matcher or selector says now.
    pub answer: Answer,
    /// What it would have to say.
    pub wanted: Answer,
}

impl Needed {
    fn of_selector(selector: &SelectorTrace, wanted: Answer) -> Self {
        Self {
            place: selector.selector.to_owned(),
            matcher: None,
            found: None,
            against: None,
            why: selector.why,
            answer: selector.answer,
            wanted,
        }
    }
}

impl<'p> StatementTrace<'p> {
    /// The least that has to differ for the statement to match surely. Empty where it does.
    pub fn to_match(&self) -> Change<'p> {
        let mut needed: Vec<Needed> = self
            .selectors
            .iter()
            .filter(|selector| selector.answer != Answer::Yes)
            .map(|one| Needed::of_selector(one, Answer::Yes))
            .collect();
        if self.lacks_resource {
            // What it asks of the resource can only be told when there is one.
            let resources = SelectorTrace {
                selector: "resources",
                answer: Answer::No,
                why: None,
            };
            needed = vec![Needed::of_selector(&resources, Answer::Yes)];
        } else if let Some(condition) = &self.condition {
            needed.extend(least(condition, Answer::Yes));
        }
        self.change(true, needed)
    }

    /// The least that has to differ for the statement surely not to match. Empty where it does not.
    pub fn to_miss(&self) -> Change<'p> {
        if self.answer == Answer::No {
            return self.change(false, Vec::new());
        }
        let condition = self.condition.iter();
        let conditions = condition.map(|condition| least(condition, Answer::No));
        // Another tool would be another call.
        let selectors = self.selectors.iter().filter(|one| one.selector != "tools");
        let selectors = selectors.map(|one| vec![Needed::of_selector(one, Answer::No)]);
        let ways = conditions.chain(selectors);
        let least = ways.filter(|way| !way.is_empty()).min_by_key(Vec::len);
        self.change(false, least.unwrap_or_default())
    }

    fn change(&self, matches: bool, needed: Vec<Needed>) -> Change<'p> {
        Change {
            rule: self.id,
            file: self.file,
            line: self.line,
            matches,
            needed,
        }
    }
}

/// The fewest values that have to be answered otherwise, so that `condition` is `wanted`.
fn least(condition: &ConditionTrace, wanted: Answer) -> Vec<Needed> {
    if condition.answer() == wanted {
        return Vec::new();
    }
    let every = |parts: &[ConditionTrace]| -> Vec<Needed> {
        parts.iter().flat_map(|part| least(part, wanted)).collect()
    };
    let one = |parts: &[ConditionTrace]| -> Vec<Needed> {
        let ways = parts.iter().map(|part| least(part, wanted));
        ways.min_by_key(Vec::len).unwrap_or_default()
    };
    match (condition, wanted) {
        (ConditionTrace::All { all, .. }, Answer::Yes) => every(all),
        (ConditionTrace::All { all, .. }, _) => one(all),
        (ConditionTrace::Any { any, .. }, Answer::Yes) => one(any),
        (ConditionTrace::Any { any, .. }, _) => every(any),
        (ConditionTrace::Not { not, .. }, Answer::Yes) => least(not, Answer::No),
        (ConditionTrace::Not { not, .. }, _) => least(not, Answer::Yes),
        (
            ConditionTrace::Value {
                place,
                matcher,
                found,
                against,
                answer,
                ..
            },
            _,
        ) => vec![Needed {
            place: place.clone(),
            matcher: Some(matcher),
            found: Some(*found),
            against: against.clone(),
            why: None,
            answer: *answer,
            wanted,
        }],
    }
}
