//! Standing approvals of a store.

use std::path::Path;

use callgate::approval::standing::{StandingApproval, StandingApprovalStore};
use callgate::approval::{Listing, Taken};
use callgate::{ApprovalId, Caller};

use super::{missing, refused, shown};
use crate::output::Output;
use crate::{Found, Unusable};

/// How often it is tried again where somebody else moves the same one.
const TRIES: usize = 16;

/// Lists them, and says how many.
pub(super) fn list(
    path: &Path,
    what: &Listing<'_>,
    output: &mut Output,
) -> Result<usize, Unusable> {
    let Some(store) = open(path)? else {
        return Ok(0);
    };
    let (mut what, mut count) = (*what, 0_usize);
    loop {
        let listed = store.list(&what)?;
        for standing in &listed.standing {
            shown::standing_line(standing, listed.now, output)?;
            count = count.saturating_add(1);
        }
        match listed.standing.last() {
            Some(last) if listed.standing.len() >= what.most => what = what.after(&last.approval),
            _ => return Ok(count),
        }
    }
}

/// Shows the one with this id; false where there is none.
pub(super) fn show(path: &Path, id: ApprovalId, output: &mut Output) -> Result<bool, Unusable> {
    let Some(store) = open(path)? else {
        return Ok(false);
    };
    let loaded = store.load(id)?;
    if let Some(standing) = &loaded.standing {
        shown::standing_whole(standing, loaded.now, output)?;
    }
    Ok(loaded.standing.is_some())
}

/// Ends the one with this id.
pub(super) fn revoke(
    path: &Path,
    id: ApprovalId,
    (by, scopes): (&Caller, &[String]),
    reason: Option<&str>,
    output: &mut Output,
) -> Result<Found, Unusable> {
    let Some(store) = open(path)? else {
        return Ok(missing(id));
    };
    let holds = |scope: &str| scopes.iter().any(|held| held == scope);
    for _ in 0..TRIES {
        let loaded = store.load(id)?;
        let Some(standing) = loaded.standing else {
            return Ok(missing(id));
        };
        let step = match standing.revoke(loaded.now, by, &holds, reason) {
            Ok(step) => step,
            Err(unfit) => return Ok(refused(unfit)),
        };
        if store.take(&step)? == Taken::Yes {
            let mut ended: StandingApproval = standing;
            ended.approval = step.next;
            shown::standing_ended(&ended, loaded.now, output)?;
            return Ok(Found::Nothing);
        }
    }
    Err(Unusable("others change it all the time: try again".into()))
}

#[cfg(feature = "sqlite")]
fn open(path: &Path) -> Result<Option<Box<dyn StandingApprovalStore>>, Unusable> {
    let found = callgate_store_sqlite::SqliteStandingApprovals::find(path)?;
    Ok(found.map(|store| -> Box<dyn StandingApprovalStore> { Box::new(store) }))
}

/// Says what is missing.
#[cfg(not(feature = "sqlite"))]
fn open(path: &Path) -> Result<Option<Box<dyn StandingApprovalStore>>, Unusable> {
    super::open(path).map(|_| None)
}
