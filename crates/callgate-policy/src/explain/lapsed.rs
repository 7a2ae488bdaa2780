//! Permits that match a call in all but its time.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Answer;
use super::statement::judged;
use crate::document::{Effect, InForce, Rule, Timing};
use crate::evaluate::{NamedResource, Question};
use crate::policy::Policy;

/// How many permits are looked at: a denial costs no more than that.
const MAX_LOOKED_AT: usize = 1000;

/// A permit that would match at another time.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Lapsed<'p> {
    /// The permit.
    pub rule: &'p Rule,
    /// Why it does not match now; `None` where the time of the call is unknown.
    pub why: Option<InForce>,
}

impl Policy {
    /// The first permit, by the bytes of its id, that matches a call in all but its time. Only the
    /// first 1000 permits that are in force for some time only are looked at.
    pub fn lapsed_permit<'p>(&'p self, question: &Question<'_, 'p>) -> Option<Lapsed<'p>> {
        let numbers = self.timed_permits().iter();
        numbers.take(MAX_LOOKED_AT).find_map(|number| {
            let rule = self.document().rules.get(usize::try_from(*number).ok()?)?;
            self.lapsed(rule, *number, question)
        })
    }

    fn lapsed<'p>(
        &'p self,
        rule: &'p Rule,
        number: u32,
        question: &Question<'_, 'p>,
    ) -> Option<Lapsed<'p>> {
        let timing = rule.selector.timing.as_deref()?;
        let why = question.context().time_now().map(|now| timing.at(now));
        if why == Some(InForce::Now) || !question.is_sound() {
            return None;
        }
        let tool = question.tool().name();
        let tools = rule.selector.tools.as_deref();
        if tools.is_some_and(|tools| !tools.iter().any(|one| one.matches(tool))) {
            return None;
        }
        let statement = *self.compiled().statements().statement(number)?;
        let matches = |resource: Option<&NamedResource<'_>>| {
            let trace = judged(rule, statement, resource, question);
            let selectors = trace.selectors.iter();
            let mut others = selectors.filter(|one| one.selector != "in_force");
            let condition = trace.condition.as_ref();
            others.all(|one| one.answer == Answer::Yes)
                && condition.is_none_or(|condition| condition.answer() == Answer::Yes)
        };
        let resources = question.resources();
        let is_lapsed = if statement.per_resource {
            !resources.is_empty() && resources.iter().all(|one| matches(Some(one)))
        } else {
            matches(None)
        };
        is_lapsed.then_some(Lapsed { rule, why })
    }
}

/// Whether a rule can lapse.
pub(crate) fn can_lapse(rule: &Rule) -> bool {
    rule.effect == Effect::Permit && !rule.observe && rule.selector.timing.is_some()
}

impl fmt::Display for Lapsed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = &self.rule.id;
        let moment = |of: fn(&Timing) -> Option<DateTime<Utc>>| {
            let moment = self.rule.selector.timing.as_deref().and_then(of);
            moment.map_or_else(String::new, |at| {
                at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
            })
        };
        match self.why {
            Some(InForce::Expired) => {
                write!(
                    f,
                    "rule `{id}` expired at `{}`",
                    moment(|timing| timing.until)
                )
            }
            Some(InForce::NotYet) => {
                let from = moment(|timing| timing.from);
                write!(f, "rule `{id}` is not in force before `{from}`")
            }
            Some(_) => write!(f, "rule `{id}` is in force at other hours"),
            None => write!(
                f,
                "rule `{id}` is in force for some time only, and the time is not known"
            ),
        }
    }
}
