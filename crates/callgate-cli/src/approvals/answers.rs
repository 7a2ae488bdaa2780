//! Answers to one call, or to many at once.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use callgate::approval::{Answer, Listing, Taken, Unfit};
use callgate::{Approval, ApprovalId, ApprovalStore, Caller, Digest};
use chrono::{DateTime, Utc};

use super::{caller, missing, refused, shown};
use crate::options::Answering;
use crate::output::{Output, Tone};
use crate::{Found, Unusable};

/// How often it is tried again where somebody else answers at the same time.
const TRIES: usize = 16;

/// What is said where not all digests are there, or more.
pub(super) const EACH: &str = "say with `--seen` what you have seen of each approval, in turn";

/// Answers, as far as `decide` says something: one answer for each approval that this person may
/// answer. The others are complained of.
pub(super) fn give<'a>(
    store: &dyn ApprovalStore,
    answering: &'a Answering,
    decide: impl Fn(&[(usize, Approval)], &mut Output) -> Result<Option<Vec<Answer<'a>>>, Unusable>,
    output: &mut Output,
) -> Result<Found, Unusable> {
    if answering.ids.len() > Listing::MOST {
        let most = Listing::MOST;
        return Err(Unusable(format!(
            "expected at most {most} approvals at once"
        )));
    }
    let who = Who {
        caller: caller(&answering.approver)?,
        scopes: &answering.approver.scopes,
    };
    let mut found = Found::Nothing;
    let mut asked: Vec<(usize, Approval)> = Vec::with_capacity(answering.ids.len());
    for (place, id) in answering.ids.iter().enumerate() {
        let Some((now, approval)) = load(store, *id)? else {
            found = missing(*id);
            continue;
        };
        // Before anybody reads what they may not answer.
        match who.probe(now, &approval) {
            Err(unfit) if !matches!(unfit, Unfit::OwnCall) => found = refused(unfit),
            _ => asked.push((place, approval)),
        }
    }
    if asked.is_empty() {
        return Ok(found);
    }
    let Some(said) = decide(&asked, output)? else {
        output.line("not answered")?;
        return Ok(Found::Something);
    };
    for ((_, approval), answer) in asked.iter().zip(said) {
        let answer = match &answering.reason {
            Some(reason) => answer.because(reason),
            None => answer,
        };
        if let Found::Something = who.answer(store, approval.id, answer, output)? {
            found = Found::Something;
        }
    }
    Ok(found)
}

struct Who<'a> {
    caller: Caller,
    scopes: &'a [String],
}

impl Who<'_> {
    fn probe(&self, now: DateTime<Utc>, approval: &Approval) -> Result<(), Unfit> {
        let seen = Answer::approve(approval.question.preview_digest());
        let holds = |scope: &str| self.scopes.iter().any(|held| held == scope);
        approval.answer(now, &self.caller, &holds, seen).map(drop)
    }

    fn answer(
        &self,
        store: &dyn ApprovalStore,
        id: ApprovalId,
        answer: Answer<'_>,
        output: &mut Output,
    ) -> Result<Found, Unusable> {
        let holds = |scope: &str| self.scopes.iter().any(|held| held == scope);
        for _ in 0..TRIES {
            let Some((now, approval)) = load(store, id)? else {
                return Ok(missing(id));
            };
            let step = match approval.answer(now, &self.caller, &holds, answer) {
                Ok(step) => step,
                Err(unfit) => return Ok(refused(unfit)),
            };
            if store.take(&step)? == Taken::Yes {
                shown::answered(&step.next, now, output)?;
                return Ok(Found::Nothing);
            }
        }
        Err(Unusable("others answer all the time: try again".into()))
    }
}

fn load(
    store: &dyn ApprovalStore,
    id: ApprovalId,
) -> Result<Option<(DateTime<Utc>, Approval)>, Unusable> {
    let loaded = store.load(id)?;
    Ok(loaded.approval.map(|approval| (loaded.now, approval)))
}

/// Shows what is asked, and takes a word for an answer to all of it, unless the digests of what was shown
/// before are given, one for each approval that was named.
pub(super) fn agree(
    asked: &[(usize, Approval)],
    seen: &[Digest],
    output: &mut Output,
) -> Result<Option<Vec<Answer<'static>>>, Unusable> {
    if !seen.is_empty() {
        let named = asked.iter().map(|(place, _)| seen.get(*place));
        let answers: Option<Vec<_>> = named
            .map(|seen| seen.copied().map(Answer::approve))
            .collect();
        return match answers {
            Some(answers) => Ok(Some(answers)),
            None => Err(Unusable(EACH.into())),
        };
    }
    if output.is_json() {
        return Err(Unusable(
            "with `--format json`, say what you have seen with `--seen`".into(),
        ));
    }
    for (_, approval) in asked {
        output.block(&approval.question.preview)?;
    }
    let question = match asked.len() {
        1 => "Type yes to approve exactly this call:".to_owned(),
        count => format!("Type yes to approve exactly these {count} calls:"),
    };
    let question = output.tone(Tone::Care, &question);
    output.line(&question)?;
    output.finish()?;
    let mut word = String::new();
    io::stdin().lock().read_line(&mut word)?;
    if !io::stdin().is_terminal() {
        // Where nobody typed, nothing ended the line.
        writeln!(io::stderr()).ok();
    }
    let all = asked.iter();
    let all = all.map(|(_, approval)| Answer::approve(approval.question.preview_digest()));
    Ok((word.trim() == "yes").then(|| all.collect()))
}
