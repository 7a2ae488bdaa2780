//! `callgate approvals`: what is asked of people, and their answers, in a store.

mod answers;
mod shown;
mod standing;

use std::path::Path;

use callgate::approval::{Answer, Listing, Unfit};
use callgate::{ApprovalId, ApprovalStore, Caller, Principal};

use crate::options::{Approvals, Approver};
use crate::output::Output;
use crate::{Found, Unusable, output};

pub(crate) fn run(command: &Approvals, output: &mut Output) -> Result<Found, Unusable> {
    match command {
        Approvals::List {
            store,
            tenant,
            ended,
            ..
        } => list(store, tenant.as_deref(), *ended, output),
        Approvals::Show { store, id, .. } => show(store, *id, output),
        Approvals::Approve { answering, seen } => {
            if !seen.is_empty() && seen.len() != answering.ids.len() {
                return Err(Unusable(answers::EACH.into()));
            }
            let agree = |asked: &[_], output: &mut Output| answers::agree(asked, seen, output);
            answers::give(&*open(&answering.store)?, answering, agree, output)
        }
        Approvals::Refuse { answering } => {
            let refuse =
                |asked: &[_], _: &mut Output| Ok(Some(vec![Answer::refuse(); asked.len()]));
            answers::give(&*open(&answering.store)?, answering, refuse, output)
        }
        Approvals::Revoke {
            store,
            id,
            approver,
            reason,
            ..
        } => {
            let by = caller(approver)?;
            standing::revoke(
                store,
                *id,
                (&by, &approver.scopes),
                reason.as_deref(),
                output,
            )
        }
    }
}

fn list(
    path: &Path,
    tenant: Option<&str>,
    ended: bool,
    output: &mut Output,
) -> Result<Found, Unusable> {
    let store = open(path)?;
    let mut what = Listing::new();
    what.tenant = tenant;
    what.ended = ended;
    let mut count = standing::list(path, &what, output)?;
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

fn show(path: &Path, id: ApprovalId, output: &mut Output) -> Result<Found, Unusable> {
    let loaded = open(path)?.load(id)?;
    match loaded.approval {
        Some(approval) => {
            shown::whole(&approval, loaded.now, output)?;
            Ok(Found::Nothing)
        }
        None if standing::show(path, id, output)? => Ok(Found::Nothing),
        None => Ok(missing(id)),
    }
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
