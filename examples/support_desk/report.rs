//! What a run comes to, and whether it is what was expected.

use std::io::{self, Write};

use callgate::DecisionKind;

use super::answer::Answer;
use super::money::shown;
use super::state::{Desk, NO_ID, State};
use super::transcript::Expected;

/// All answers of a run.
#[derive(Debug, Default)]
pub struct Report {
    pub answers: Vec<Answer>,
    /// What came out differently; empty in a good run.
    pub surprises: Vec<String>,
}

impl Report {
    /// Takes down an answer, and compares it with the one expected, where one is stated.
    pub fn add(&mut self, answer: Answer, expected: Option<&Expected>) {
        let got = Expected {
            decision: answer.decision.as_str().to_owned(),
            code: answer.code.as_str().to_owned(),
            rule: answer.rule.clone(),
        };
        let id = answer.id.as_deref().unwrap_or(NO_ID);
        if let Some(expected) = expected.filter(|expected| **expected != got) {
            let surprise = format!("{id}: expected {expected}, got {got}");
            self.surprises.push(surprise);
        }
        if answer.unrecorded {
            self.surprises.push(format!("{id}: not recorded"));
        }
        self.answers.push(answer);
    }

    /// Writes the summary: how many calls got which answer, whether just the allowed ones ran,
    /// and what they changed since `before`.
    pub fn finish(&mut self, before: &State, desk: &Desk, out: &mut impl Write) -> io::Result<()> {
        let count = |kind| self.ids(kind).len();
        let (allowed, asked) = (count(DecisionKind::Allow), count(DecisionKind::Ask));
        let (all, denied) = (self.answers.len(), count(DecisionKind::Deny));
        writeln!(
            out,
            "\n{all} calls: {allowed} allowed, {asked} asked, {denied} denied"
        )?;
        if desk.ran() == self.ids(DecisionKind::Allow) {
            writeln!(
                out,
                "  the {allowed} allowed calls ran, in this order, and no other call did"
            )?;
        } else {
            let surprise = "the calls that ran are not those that were allowed";
            self.surprises.push(surprise.to_owned());
        }
        if asked > 0 {
            writeln!(
                out,
                "  pending calls wait for people; without an approval store they end here"
            )?;
        }
        for (old, new) in before.accounts.iter().zip(&desk.state().accounts) {
            let (from, to) = (shown(old.balance_cents), shown(new.balance_cents));
            if old.balance_cents != new.balance_cents {
                writeln!(
                    out,
                    "  {} was credited: {from} -> {to} {}",
                    new.id, new.currency
                )?;
            }
            if old.status != new.status {
                writeln!(out, "  {} is now {}", new.id, new.status)?;
            }
        }
        let mails = desk.state().outbox.len();
        if mails > 0 {
            writeln!(out, "  {mails} mails went out")?;
        }
        for surprise in &self.surprises {
            writeln!(out, "  NOT AS EXPECTED: {surprise}")?;
        }
        writeln!(out)
    }

    /// The ids of the calls that got this answer, as the desk writes them.
    fn ids(&self, decision: DecisionKind) -> Vec<&str> {
        let answers = self.answers.iter().filter(|one| one.decision == decision);
        answers
            .map(|one| one.id.as_deref().unwrap_or(NO_ID))
            .collect()
    }
}
