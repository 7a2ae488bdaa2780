//! The connection: each call of the store is one transaction.

use std::path::Path;
use std::time::Duration;

use callgate_approval::limit::{Counted, Reached, ReservationId, Reserved, Want, Window};
use callgate_types::{Amount, Digest};
use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, Statement, Transaction, TransactionBehavior,
    params,
};

use super::schema::{FORMAT, LAYOUT};
use super::sums::Sums;
use crate::SqliteSinkError;
use crate::connection::{self, patiently};
use crate::error::{At as _, SqliteAction};

/// So many rows that are over are removed with each reservation.
const SWEPT: i64 = 16;

/// A connection that may write.
#[derive(Debug)]
pub(super) struct Writer(Connection);

impl Writer {
    pub(super) fn open(path: &Path, patience: Duration) -> Result<Self, SqliteSinkError> {
        let mut connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection
            .busy_timeout(Duration::ZERO)
            .at(SqliteAction::Open, path)?;
        LAYOUT.prepare(&mut connection, path, FORMAT, patience)?;
        Ok(Self(connection))
    }

    pub(super) fn reserve(
        &mut self,
        id: ReservationId,
        time: i64,
        wants: &[Want<'_>],
        patience: Duration,
        path: &Path,
    ) -> Result<Reserved, SqliteSinkError> {
        self.within(patience, path, |turn| {
            if turn.has(id)? {
                return Ok(Reserved::Held);
            }
            turn.sweep(SWEPT)?;
            let mut reached = Vec::new();
            let mut accounts = Vec::with_capacity(wants.len());
            for (place, want) in wants.iter().enumerate() {
                let mut account = turn.account(want)?;
                if account.exceeds(want) {
                    // What has lapsed may make room.
                    turn.free_lapsed(&account.key)?;
                    account = turn.account(want)?;
                }
                if account.exceeds(want) {
                    let used = account.sums.total().unwrap_or(Amount::MAX);
                    reached.push(Reached::new(place, used));
                }
                accounts.push(account);
            }
            if !reached.is_empty() {
                return Ok(Reserved::Exceeded(reached));
            }
            let lapses_at = turn.now.saturating_add(time);
            for (want, mut account) in wants.iter().zip(accounts) {
                account.add(want.amount)?;
                turn.put(&account, want.window)?;
                turn.keep(id, &account, want.amount, lapses_at)?;
            }
            Ok(Reserved::Held)
        })
    }

    pub(super) fn count(
        &mut self,
        id: ReservationId,
        patience: Duration,
        path: &Path,
    ) -> Result<Counted, SqliteSinkError> {
        self.within(patience, path, |turn| {
            let sql = "UPDATE reservation SET counted = 1 WHERE id = ?1 AND lapses_at > ?2";
            let rows = turn
                .prepare(sql)?
                .execute(params![id.as_bytes(), turn.now])?;
            Ok(if rows == 0 {
                Counted::Lapsed
            } else {
                Counted::Yes
            })
        })
    }

    pub(super) fn give_back(
        &mut self,
        ids: &[ReservationId],
        patience: Duration,
        path: &Path,
    ) -> Result<(), SqliteSinkError> {
        self.within(patience, path, |turn| {
            for id in ids {
                let sql = "DELETE FROM reservation WHERE id = ?1 AND counted = 0 \
                           RETURNING key, slice, amount, counted";
                let shares = turn.shares(sql, [id.as_bytes().as_slice()])?;
                turn.free(&shares)?;
            }
            Ok(())
        })
    }

    pub(super) fn used(
        &mut self,
        key: &[u8],
        window: Window,
        patience: Duration,
        path: &Path,
    ) -> Result<Amount, SqliteSinkError> {
        self.within(patience, path, |turn| {
            let want = Want::new(key, window, Amount::ZERO, Amount::MAX);
            turn.free_lapsed(Digest::of(key).as_bytes())?;
            let total = turn.account(&want)?.sums.total();
            total.ok_or(rusqlite::Error::IntegralValueOutOfRange(0, 0))
        })
    }

    /// Does `work` in one transaction, once nobody else writes.
    fn within<T>(
        &mut self,
        patience: Duration,
        path: &Path,
        work: impl FnOnce(&Turn<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, SqliteSinkError> {
        let begin = || {
            let begun = Transaction::new_unchecked(&self.0, TransactionBehavior::Immediate);
            begun.at(SqliteAction::Write, path)
        };
        let transaction = patiently(patience, begin)?;
        let done = || {
            let sql = "SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)";
            let mut clock = transaction.prepare(sql)?;
            let now = clock.query_row([], |row| row.get(0))?;
            drop(clock);
            let turn = Turn {
                transaction: &transaction,
                now,
            };
            work(&turn)
        };
        let done = done().at(SqliteAction::Write, path)?;
        transaction.commit().at(SqliteAction::Write, path)?;
        Ok(done)
    }
}

/// One transaction, and the time at which it takes place.
struct Turn<'t> {
    transaction: &'t Transaction<'t>,
    now: i64,
}

/// What is used under one key.
struct Account {
    key: [u8; 32],
    sums: Sums,
    slice: i64,
}

impl Account {
    fn exceeds(&self, want: &Want<'_>) -> bool {
        self.sums.total().is_none_or(|used| want.exceeds(used))
    }

    fn add(&mut self, amount: Amount) -> rusqlite::Result<()> {
        let added = self.sums.add(self.slice, amount);
        added.ok_or(rusqlite::Error::IntegralValueOutOfRange(0, 0))
    }
}

/// What a reservation holds under one key.
struct Share {
    key: Vec<u8>,
    slice: i64,
    amount: Amount,
    counted: bool,
}

impl<'t> Turn<'t> {
    fn prepare(&self, sql: &str) -> rusqlite::Result<Statement<'t>> {
        self.transaction.prepare(sql)
    }

    fn has(&self, id: ReservationId) -> rusqlite::Result<bool> {
        let sql = "SELECT 1 FROM reservation WHERE id = ?1 LIMIT 1";
        self.prepare(sql)?.exists([id.as_bytes()])
    }

    fn account(&self, want: &Want<'_>) -> rusqlite::Result<Account> {
        let key = *Digest::of(want.key).as_bytes();
        let mut sums = self.sums(&key)?.unwrap_or_default();
        let slice = sums.slice(want.window, self.now);
        sums.forget(want.window, slice);
        Ok(Account { key, sums, slice })
    }

    fn sums(&self, key: &[u8]) -> rusqlite::Result<Option<Sums>> {
        let mut query = self.prepare("SELECT sums FROM account WHERE key = ?1")?;
        let bytes: Option<Vec<u8>> = query.query_row([key], |row| row.get(0)).optional()?;
        match bytes {
            None => Ok(None),
            Some(bytes) => Sums::read(&bytes).map(Some).ok_or_else(foreign),
        }
    }

    fn put(&self, account: &Account, window: Window) -> rusqlite::Result<()> {
        let sql = "INSERT INTO account (key, sums, over_at) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (key) DO UPDATE SET sums = ?2, over_at = ?3";
        let over_at = account.sums.over_at(window);
        self.prepare(sql)?
            .execute(params![account.key, account.sums.write(), over_at])?;
        Ok(())
    }

    fn keep(
        &self,
        id: ReservationId,
        account: &Account,
        amount: Amount,
        lapses_at: i64,
    ) -> rusqlite::Result<()> {
        let sql = "INSERT INTO reservation (id, key, slice, amount, lapses_at, counted) \
                   VALUES (?1, ?2, ?3, ?4, ?5, 0)";
        let amount = amount.units().to_be_bytes();
        self.prepare(sql)?.execute(params![
            id.as_bytes(),
            account.key,
            account.slice,
            amount,
            lapses_at
        ])?;
        Ok(())
    }

    /// Removes a few rows that are over, whosever they are.
    fn sweep(&self, most: i64) -> rusqlite::Result<()> {
        let sql = "DELETE FROM reservation WHERE (id, key) IN (SELECT id, key FROM reservation \
                   WHERE lapses_at <= ?1 ORDER BY lapses_at LIMIT ?2) \
                   RETURNING key, slice, amount, counted";
        let shares = self.shares(sql, params![self.now, most])?;
        self.free(&shares)?;
        let sql = "DELETE FROM account WHERE key IN \
                   (SELECT key FROM account WHERE over_at <= ?1 ORDER BY over_at LIMIT ?2)";
        self.prepare(sql)?.execute(params![self.now, most])?;
        Ok(())
    }

    /// Frees what has lapsed under one key.
    fn free_lapsed(&self, key: &[u8]) -> rusqlite::Result<()> {
        let sql = "DELETE FROM reservation WHERE key = ?1 AND lapses_at <= ?2 \
                   RETURNING key, slice, amount, counted";
        let shares = self.shares(sql, params![key, self.now])?;
        self.free(&shares)
    }

    fn shares(&self, sql: &str, of: impl rusqlite::Params) -> rusqlite::Result<Vec<Share>> {
        let mut query = self.prepare(sql)?;
        let rows = query.query_map(of, |row| {
            let units = i128::from_be_bytes(row.get(2)?);
            Ok(Share {
                key: row.get(0)?,
                slice: row.get(1)?,
                amount: Amount::of_units(units).ok_or_else(foreign)?,
                counted: row.get(3)?,
            })
        })?;
        rows.collect()
    }

    /// What was reserved, and not counted, is used no longer.
    fn free(&self, shares: &[Share]) -> rusqlite::Result<()> {
        for share in shares.iter().filter(|share| !share.counted) {
            // Where the account is over, there is nothing to take back.
            let Some(mut sums) = self.sums(&share.key)? else {
                continue;
            };
            sums.take_back(share.slice, share.amount);
            // One that is empty is over, for ever though it may be counted.
            let sql = "UPDATE account SET sums = ?2, over_at = iif(?3, 0, over_at) WHERE key = ?1";
            let is_empty = sums.total() == Some(Amount::ZERO);
            self.prepare(sql)?
                .execute(params![share.key, sums.write(), is_empty])?;
        }
        Ok(())
    }
}

/// A row is none that was written here.
fn foreign() -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(0, "sums".to_owned(), rusqlite::types::Type::Blob)
}
