//! The words of rules that stand in nearly every answer, close together in memory.
//!
//! A rule is a tree of its own in the document, and its texts lie wherever they were read. To look
//! there for one id takes longer than to judge the call.

use callgate_policy::document::{Effect, Rule};

/// The ids and reasons of all rules, by the rule's place in the document.
#[derive(Debug)]
pub(crate) struct RuleWords {
    text: Box<str>,
    /// For each rule, where its id ends and where its reason does.
    ends: Box<[[u32; 2]]>,
}

/// A rule that decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deciding<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) effect: Effect,
    pub(crate) id: &'a str,
    /// The author's sentence; empty where there is none.
    pub(crate) reason: &'a str,
}

impl RuleWords {
    pub(crate) fn of(rules: &[Rule]) -> Self {
        let mut text = String::new();
        let mut push = |piece: &str| {
            text.push_str(piece);
            // Beyond that the words of a rule are looked for in the document.
            u32::try_from(text.len()).unwrap_or(u32::MAX)
        };
        let reason = |rule: &Rule| rule.reason.clone().unwrap_or_default();
        let ends = rules
            .iter()
            .map(|rule| [push(&rule.id), push(&reason(rule))]);
        Self {
            ends: ends.collect(),
            text: text.into(),
        }
    }

    /// The id of `rule`, whose place is `number`.
    #[inline]
    pub(crate) fn id<'a>(&'a self, number: usize, rule: &'a Rule) -> &'a str {
        self.words(number).map_or(&rule.id, |(id, _)| id)
    }

    /// `rule`, whose place is `number` and whose effect decided.
    #[inline]
    pub(crate) fn deciding<'a>(
        &'a self,
        number: usize,
        rule: &'a Rule,
        effect: Effect,
    ) -> Deciding<'a> {
        let (id, reason) = self
            .words(number)
            .unwrap_or_else(|| (&rule.id, rule.reason.as_deref().unwrap_or_default()));
        Deciding {
            rule,
            effect,
            id,
            reason,
        }
    }

    #[inline]
    fn words(&self, number: usize) -> Option<(&str, &str)> {
        let start = match number.checked_sub(1) {
            Some(before) => {
                let [_, end] = *self.ends.get(before)?;
                end
            }
            None => 0,
        };
        let [id_end, reason_end] = *self.ends.get(number)?;
        let text = |start: u32, end: u32| self.text.get(start as usize..end as usize);
        Some((text(start, id_end)?, text(id_end, reason_end)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_document() {
        let rule = |id: &str, said: &str| {
            format!("[[rules]]\neffect = \"permit\"\nid = \"{id}\"\n{said}\n")
        };
        let policy = [
            "format = 1\nname = \"words\"\n[tools.look]\naccess = \"read\"\nscope = \"none\"\n",
            &rule("ä", "reason = \"weil\""),
            &rule("b", ""),
            &rule("long-name", "reason = \"so ist es\""),
            &rule("z", ""),
        ]
        .concat();
        let snapshot = crate::parse_policy(&policy, "words.toml").unwrap();
        let rules = &snapshot.policy().document().rules;
        let words = RuleWords::of(rules);
        assert_eq!(rules.len(), 4);
        for (number, rule) in rules.iter().enumerate() {
            let deciding = words.deciding(number, rule, rule.effect);
            assert_eq!(deciding.id, &*rule.id);
            assert_eq!(deciding.reason, rule.reason.as_deref().unwrap_or_default());
            assert_eq!(words.id(number, rule), &*rule.id);
        }
        // What is not in the table is looked for in the document.
        let rule = rules.last().unwrap();
        assert_eq!(words.deciding(4, rule, rule.effect).reason, "weil");
    }
}
