//! Reading and writing rows.

use callgate_approval::standing::{MOST, StandingApproval, Whose};
use callgate_approval::{ApprovalId, Listing, State, StoreError};
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::approvals::rows::{micros, number, prepared};

pub(super) fn load(
    rows: &Connection,
    id: ApprovalId,
) -> Result<Option<StandingApproval>, StoreError> {
    let sql = "SELECT body, used FROM standing_approval WHERE id = ?1";
    let found = prepared(rows, sql)?
        .query_row([id.as_bytes().as_slice()], parts)
        .optional()
        .map_err(StoreError::new)?;
    match found.map(read).transpose()? {
        Some(other) if other.approval.id != id => {
            Err(StoreError::new("a row holds another standing approval"))
        }
        standing => Ok(standing),
    }
}

/// How many of `whose` calls are open, and have a use left.
pub(super) fn open(
    rows: &Connection,
    whose: &Whose<'_>,
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM standing_approval \
               WHERE subject = ?1 AND tool = ?2 AND tenant IS ?3 AND expires > ?4 AND open AND used < uses";
    let count = prepared(rows, sql)?
        .query_row(
            params![
                whose.subject.as_str(),
                whose.tool,
                whose.tenant,
                micros(now)
            ],
            |row| row.get::<_, i64>(0),
        )
        .map_err(StoreError::new)?;
    usize::try_from(count).map_err(StoreError::new)
}

/// Those in force, then those of which the log does not know.
pub(super) fn find(
    rows: &Connection,
    whose: &Whose<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<StandingApproval>, StoreError> {
    let most = i64::try_from(MOST).map_err(StoreError::new)?;
    let in_force = "SELECT body, used FROM standing_approval \
                    WHERE subject = ?1 AND tool = ?2 AND tenant IS ?3 \
                    AND approved AND expires > ?4 AND used < uses \
                    ORDER BY expires, id LIMIT ?5";
    let untold = "SELECT body, used FROM standing_approval \
                  WHERE subject = ?1 AND tool = ?2 AND tenant IS ?3 \
                  AND untold AND NOT (approved AND expires > ?4 AND used < uses) \
                  ORDER BY expires, id LIMIT ?5";
    let mut found = Vec::new();
    for sql in [in_force, untold] {
        let (subject, now) = (whose.subject.as_str(), micros(now));
        let params = params![subject, whose.tool, whose.tenant, now, most];
        let mut query = prepared(rows, sql)?;
        for row in query.query_map(params, parts).map_err(StoreError::new)? {
            found.push(read(row.map_err(StoreError::new)?)?);
        }
    }
    Ok(found)
}

pub(super) fn insert(rows: &Connection, new: &StandingApproval) -> Result<(), StoreError> {
    let sql = "INSERT INTO standing_approval \
               (id, tenant, subject, tool, asked, expires, uses, used, approved, open, untold, body) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let (approval, question) = (&new.approval, &new.approval.question);
    let inserted = prepared(rows, sql)?.execute(params![
        approval.id.as_bytes().as_slice(),
        question.tenant.as_deref(),
        question.subject.as_str(),
        &*question.tool,
        micros(approval.asked_at),
        micros(approval.expires_at),
        number(new.uses)?,
        number(new.used)?,
        approval.state == State::Approved,
        approval.is_open(),
        new.is_unrecorded(),
        body(new)?,
    ]);
    inserted.map(drop).map_err(StoreError::new)
}

pub(super) fn replace(rows: &Connection, next: &StandingApproval) -> Result<(), StoreError> {
    let sql = "UPDATE standing_approval SET approved = ?2, open = ?3, untold = ?4, body = ?5 WHERE id = ?1";
    let approval = &next.approval;
    let changed = prepared(rows, sql)?.execute(params![
        approval.id.as_bytes().as_slice(),
        approval.state == State::Approved,
        approval.is_open(),
        next.is_unrecorded(),
        body(next)?,
    ]);
    one(changed)
}

/// Keeps how many uses are spent.
pub(super) fn count(rows: &Connection, id: ApprovalId, used: u64) -> Result<(), StoreError> {
    let sql = "UPDATE standing_approval SET used = ?2 WHERE id = ?1";
    let changed = prepared(rows, sql)?.execute(params![id.as_bytes().as_slice(), number(used)?]);
    one(changed)
}

pub(super) fn list(
    rows: &Connection,
    what: &Listing<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<StandingApproval>, StoreError> {
    let sql = "SELECT body, used FROM standing_approval \
               WHERE (asked, id) > (?1, ?2) AND (?3 IS NULL OR tenant = ?3) AND (open OR ?4) \
               ORDER BY asked, id";
    let (asked, id) = match what.after {
        Some((asked, id)) => (micros(asked), id.as_bytes().to_vec()),
        None => (i64::MIN, Vec::new()),
    };
    let mut query = prepared(rows, sql)?;
    let mut found = query
        .query(params![asked, id, what.tenant, what.ended])
        .map_err(StoreError::new)?;
    let most = what.most.min(Listing::MOST);
    let mut listed = Vec::new();
    while listed.len() < most
        && let Some(row) = found.next().map_err(StoreError::new)?
    {
        let standing = read(parts(row).map_err(StoreError::new)?)?;
        if standing.is_listed(what, now) {
            listed.push(standing);
        }
    }
    Ok(listed)
}

/// Forgets what expired at `then`, or before.
pub(super) fn forget(rows: &Connection, then: DateTime<Utc>) -> Result<u64, StoreError> {
    let sql = "DELETE FROM standing_approval WHERE expires <= ?1";
    let gone = prepared(rows, sql)?
        .execute([micros(then)])
        .map_err(StoreError::new)?;
    u64::try_from(gone).map_err(StoreError::new)
}

fn parts(row: &Row<'_>) -> rusqlite::Result<(String, i64)> {
    Ok((row.get(0)?, row.get(1)?))
}

/// How many uses are spent is said by the column alone.
fn read((body, used): (String, i64)) -> Result<StandingApproval, StoreError> {
    let mut standing: StandingApproval = serde_json::from_str(&body).map_err(StoreError::new)?;
    standing.used = u64::try_from(used).map_err(StoreError::new)?;
    Ok(standing)
}

fn body(standing: &StandingApproval) -> Result<String, StoreError> {
    serde_json::to_string(standing).map_err(StoreError::new)
}

fn one(changed: rusqlite::Result<usize>) -> Result<(), StoreError> {
    match changed.map_err(StoreError::new)? {
        1 => Ok(()),
        _ => Err(StoreError::new("a row that was there is gone")),
    }
}
