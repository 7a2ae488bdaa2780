//! Reading and writing rows.

use callgate_approval::{Approval, ApprovalId, Listing, StoreError};
use callgate_types::Digest;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension as _, Params, params};

/// The approval with this binding that holds its place at `now`; else the one that was asked last.
///
/// A question that took long to put together may have been opened behind one that was asked later.
pub(super) fn last(
    rows: &Connection,
    binding: Digest,
    now: DateTime<Utc>,
) -> Result<Option<Approval>, StoreError> {
    let binding = binding.as_bytes().as_slice();
    let mut query = prepared(
        rows,
        "SELECT body FROM approval WHERE binding = ?1 AND (open OR expires > ?2) \
         ORDER BY asked DESC, id DESC",
    )?;
    let mut found = query
        .query(params![binding, micros(now)])
        .map_err(StoreError::new)?;
    while let Some(row) = found.next().map_err(StoreError::new)? {
        let approval = read(&row.get::<_, String>(0).map_err(StoreError::new)?)?;
        if approval.holds_place(now) {
            return Ok(Some(approval));
        }
    }
    let sql = "SELECT body FROM approval WHERE binding = ?1 ORDER BY asked DESC, id DESC LIMIT 1";
    one(rows, sql, [binding])
}

pub(super) fn load(rows: &Connection, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
    let sql = "SELECT body FROM approval WHERE id = ?1";
    let approval = one(rows, sql, [id.as_bytes().as_slice()])?;
    match approval {
        Some(other) if other.id != id => Err(StoreError::new("a row holds another approval")),
        approval => Ok(approval),
    }
}

pub(super) fn revision(rows: &Connection, id: ApprovalId) -> Result<Option<u64>, StoreError> {
    let sql = "SELECT revision FROM approval WHERE id = ?1";
    let found = prepared(rows, sql)?
        .query_row([id.as_bytes().as_slice()], |row| row.get::<_, i64>(0))
        .optional()
        .map_err(StoreError::new)?;
    found
        .map(|found| u64::try_from(found).map_err(StoreError::new))
        .transpose()
}

/// How many approvals this subject of this tenant asked for since `from`.
pub(super) fn asked(
    rows: &Connection,
    tenant: Option<&str>,
    subject: &str,
    from: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM approval WHERE subject = ?1 AND tenant IS ?2 AND asked > ?3";
    let count = prepared(rows, sql)?
        .query_row(params![subject, tenant, micros(from)], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(StoreError::new)?;
    u64::try_from(count).map_err(StoreError::new)
}

pub(super) fn insert(rows: &Connection, new: &Approval) -> Result<(), StoreError> {
    let sql = "INSERT INTO approval (id, revision, binding, tenant, subject, asked, expires, open, body) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let question = &new.question;
    let inserted = prepared(rows, sql)?.execute(params![
        new.id.as_bytes().as_slice(),
        number(new.revision)?,
        question.binding.as_bytes().as_slice(),
        question.tenant.as_deref(),
        question.subject.as_str(),
        micros(new.asked_at),
        micros(new.expires_at),
        new.is_open(),
        body(new)?,
    ]);
    inserted.map(drop).map_err(StoreError::new)
}

pub(super) fn replace(rows: &Connection, next: &Approval) -> Result<(), StoreError> {
    let sql = "UPDATE approval SET revision = ?2, open = ?3, body = ?4 WHERE id = ?1";
    let changed = prepared(rows, sql)?
        .execute(params![
            next.id.as_bytes().as_slice(),
            number(next.revision)?,
            next.is_open(),
            body(next)?,
        ])
        .map_err(StoreError::new)?;
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::new("a row that was there is gone"))
}

pub(super) fn list(
    rows: &Connection,
    what: &Listing<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<Approval>, StoreError> {
    let sql = "SELECT body FROM approval \
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
        let text: String = row.get(0).map_err(StoreError::new)?;
        let approval = read(&text)?;
        if what.takes(&approval, now) {
            listed.push(approval);
        }
    }
    Ok(listed)
}

/// Forgets what expired at `then`, or before. No claim lasts longer than its approval.
pub(super) fn forget(rows: &Connection, then: DateTime<Utc>) -> Result<u64, StoreError> {
    let sql = "DELETE FROM approval WHERE expires <= ?1";
    let gone = prepared(rows, sql)?
        .execute([micros(then)])
        .map_err(StoreError::new)?;
    u64::try_from(gone).map_err(StoreError::new)
}

fn one(rows: &Connection, sql: &str, params: impl Params) -> Result<Option<Approval>, StoreError> {
    let text = prepared(rows, sql)?
        .query_row(params, |row| row.get::<_, String>(0))
        .optional()
        .map_err(StoreError::new)?;
    text.map(|text| read(&text)).transpose()
}

pub(super) fn prepared<'a>(
    rows: &'a Connection,
    sql: &str,
) -> Result<rusqlite::Statement<'a>, StoreError> {
    rows.prepare(sql).map_err(StoreError::new)
}

fn read(body: &str) -> Result<Approval, StoreError> {
    serde_json::from_str(body).map_err(StoreError::new)
}

fn body(approval: &Approval) -> Result<String, StoreError> {
    serde_json::to_string(approval).map_err(StoreError::new)
}

pub(super) fn number(revision: u64) -> Result<i64, StoreError> {
    i64::try_from(revision).map_err(StoreError::new)
}

pub(super) const fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}
