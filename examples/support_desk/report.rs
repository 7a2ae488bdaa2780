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
    /// How many of them are of the transcript.
    pub transcript: usize,
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

    /// What is added from here on is not of the transcript.
    pub fn end_transcript(&mut self) {
        self.transcript = self.answers.len();
    }

    /// Writes the summary: how many calls got which answer, whether just the allowed ones ran,
    /// and what they changed since `before`.
    pub fn finish(&mut self, before: &State, desk: &Desk, out: &mut impl Write) -> io::Result<()> {
        let (transcript, more) = self
            .answers
            .split_at_checked(self.transcript)
            .unwrap_or_default();
        writeln!(out, "\n{} calls: {}", transcript.len(), sums(transcript))?;
        writeln!(out, "{} further: {}", more.len(), sums(more))?;
        let allowed = self.ids(DecisionKind::Allow);
        if desk.ran() == allowed {
            let allowed = allowed.len();
            writeln!(
                out,
                "  the {allowed} allowed calls ran, in this order, and no other call did"
            )?;
        } else {
            let surprise = "the calls that ran are not those that were allowed";
            self.surprises.push(surprise.to_owned());
        }
        if !self.ids(DecisionKind::Ask).is_empty() {
            writeln!(
                out,
                "  what is still asked waits for people; this store of approvals ends with the program"
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

fn sums(answers: &[Answer]) -> String {
    let count = |kind| answers.iter().filter(|one| one.decision == kind).count();
    let (allowed, asked) = (count(DecisionKind::Allow), count(DecisionKind::Ask));
    format!(
        "{allowed} allowed, {asked} asked, {} denied",
        count(DecisionKind::Deny)
    )
}
