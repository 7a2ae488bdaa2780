//! `callgate approvals`: what is asked of people, and their answers, in a store.

mod shown;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use callgate::approval::{Answer, Listing, Taken, Unfit};
use callgate::{Approval, ApprovalId, ApprovalStore, Caller, Digest, Principal};
use chrono::{DateTime, Utc};

use crate::options::{Answering, Approvals, Approver};
use crate::output::{Output, Tone};
use crate::{Found, Unusable, output};

/// How often it is tried again where somebody else answers at the same time.
const TRIES: usize = 16;

pub(crate) fn run(command: &Approvals, output: &mut Output) -> Result<Found, Unusable> {
    match command {
        Approvals::List {
            store,
            tenant,
            ended,
            ..
        } => list(&*open(store)?, tenant.as_deref(), *ended, output),
        Approvals::Show { store, id, .. } => show(&*open(store)?, *id, output),
        Approvals::Approve { answering, seen } => {
            let store = open(&answering.store)?;
            answer(
                &*store,
                answering,
                |approval, output| agree(approval, *seen, output),
                output,
            )
        }
        Approvals::Refuse { answering } => {
            let store = open(&answering.store)?;
            answer(
                &*store,
                answering,
                |_, _| Ok(Some(Answer::refuse())),
                output,
            )
        }
    }
}

fn list(
    store: &dyn ApprovalStore,
    tenant: Option<&str>,
    ended: bool,
    output: &mut Output,
) -> Result<Found, Unusable> {
    let mut what = Listing::new();
    what.tenant = tenant;
    what.ended = ended;
    let mut count = 0_usize;
    loop {
        let listed = store.list(&what)?;
        for approval in &listed.approvals {
            shown::line(approval, listed.now, output)?;
            count = count.saturating_add(1);
        }
        match listed.approvals.last() {
            Some(last) if listed.approvals.len() >= what.most => what = what.after(last),
            _ => break,
        }
    }
    if count == 0 && !output.is_json() {
        output.line("nothing is asked")?;
    }
    Ok(Found::Nothing)
}

fn show(store: &dyn ApprovalStore, id: ApprovalId, output: &mut Output) -> Result<Found, Unusable> {
    let loaded = store.load(id)?;
    match loaded.approval {
        Some(approval) => {
            shown::whole(&approval, loaded.now, output)?;
            Ok(Found::Nothing)
        }
        None => Ok(missing(id)),
    }
}

/// Answers, as far as `decide` says something.
fn answer<'a>(
    store: &dyn ApprovalStore,
    answering: &'a Answering,
    decide: impl Fn(&Approval, &mut Output) -> Result<Option<Answer<'a>>, Unusable>,
    output: &mut Output,
) -> Result<Found, Unusable> {
    let approver = caller(&answering.approver)?;
    let scopes = &answering.approver.scopes;
    let holds = |scope: &str| scopes.iter().any(|held| held == scope);
    let load = || -> Result<Option<(DateTime<Utc>, Approval)>, Unusable> {
        let loaded = store.load(answering.id)?;
        Ok(loaded.approval.map(|approval| (loaded.now, approval)))
    };
    let Some((now, approval)) = load()? else {
        return Ok(missing(answering.id));
    };
    // Before anybody reads what they may not answer.
    let probe = approval.answer(
        now,
        &approver,
        &holds,
        Answer::approve(approval.question.preview_digest()),
    );
    if let Err(unfit) = probe
        && !matches!(unfit, Unfit::OwnCall)
    {
        return Ok(refused(unfit));
    }
    let Some(mut said) = decide(&approval, output)? else {
        output.line("not answered")?;
        return Ok(Found::Something);
    };
    if let Some(reason) = &answering.reason {
        said = said.because(reason);
    }
    for _ in 0..TRIES {
        let Some((now, approval)) = load()? else {
            return Ok(missing(answering.id));
        };
        let step = match approval.answer(now, &approver, &holds, said) {
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

/// Shows what is asked, and takes a word for an answer, unless the digest of what was shown before is
/// given.
fn agree(
    approval: &Approval,
    seen: Option<Digest>,
    output: &mut Output,
) -> Result<Option<Answer<'static>>, Unusable> {
    if let Some(seen) = seen {
        return Ok(Some(Answer::approve(seen)));
    }
    if output.is_json() {
        return Err(Unusable(
            "with `--format json`, say what you have seen with `--seen`".into(),
        ));
    }
    output.block(&approval.question.preview)?;
    let question = output.tone(Tone::Care, "Type yes to approve exactly this call:");
    output.line(&question)?;
    output.finish()?;
    let mut word = String::new();
    io::stdin().lock().read_line(&mut word)?;
    if !io::stdin().is_terminal() {
        // Where nobody typed, nothing ended the line.
        writeln!(io::stderr()).ok();
    }
    let digest = approval.question.preview_digest();
    Ok((word.trim() == "yes").then(|| Answer::approve(digest)))
}

/// Whoever answers, as the one who runs the program says.
fn caller(approver: &Approver) -> Result<Caller, Unusable> {
    let roles = approver.roles.iter().map(String::as_str);
    let who = Principal::asserted(approver.who.parse()?);
    let caller = match &approver.tenant {
        Some(tenant) => {
            Caller::of(who.member_of(tenant.as_str(), roles)).in_tenant(tenant.as_str())
        }
        None => Caller::of(who.crossing_tenants(roles)).without_tenant(),
    };
    Ok(caller?)
}

fn missing(id: ApprovalId) -> Found {
    output::complain(&format!("there is no approval {id}"));
    Found::Something
}

fn refused(unfit: Unfit) -> Found {
    output::complain(&unfit.to_string());
    Found::Something
}

#[cfg(feature = "sqlite")]
fn open(path: &Path) -> Result<Box<dyn ApprovalStore>, Unusable> {
    Ok(Box::new(
        callgate_store_sqlite::SqliteApprovals::open_existing(path)?,
    ))
}

/// Says what is missing.
#[cfg(not(feature = "sqlite"))]
fn open(path: &Path) -> Result<Box<dyn ApprovalStore>, Unusable> {
    let why =
        "approvals are in an SQLite file; this program was built without the feature `sqlite`";
    Err(Unusable(format!("{}: {why}", path.display())))
}
