//! What a policy's tables make of a caller, as numbers.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Whose numbers they are: no two tables in a process have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TableId(u64);

impl TableId {
    /// One that nothing else has.
    #[must_use]
    pub fn unique() -> Self {
        // 0 is nobody's.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// The names of a caller as numbers of one policy's tables, and the scopes that it may use.
///
/// A policy is asked about the same callers over and over. What its tables say of one is worked
/// out at the first call and stays with the [`Caller`](crate::Caller), which never changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "plain numbers that the tables fill in"
)]
pub struct CallerNumbers {
    /// The roles; those behind [`role_count`](Self::role_count) mean nothing.
    pub roles: [u32; Self::MAX_ROLES],
    /// How many roles there are.
    pub role_count: usize,
    /// The tenant, where it is known.
    pub tenant: Option<u32>,
    /// The scopes that subject and actors all hold, a bit each.
    pub scopes: [u64; Self::SCOPE_WORDS],
}

impl CallerNumbers {
    /// Most roles that are kept as numbers. A caller with more has no numbers.
    pub const MAX_ROLES: usize = 8;

    /// Words of scopes. With a scope beyond, a policy's callers have no numbers.
    pub const SCOPE_WORDS: usize = 4;

    /// The roles.
    #[inline]
    pub fn roles(&self) -> &[u32] {
        // A count beyond the room for roles leaves none of them out.
        self.roles.get(..self.role_count).unwrap_or(&self.roles)
    }
}

/// Which table last found nothing against a caller.
#[derive(Debug, Default)]
pub(crate) struct Cleared(AtomicU64);

impl Cleared {
    #[inline]
    pub(crate) fn is_by(&self, table: TableId) -> bool {
        self.0.load(Ordering::Relaxed) == table.0
    }

    pub(crate) fn set(&self, table: TableId) {
        self.0.store(table.0, Ordering::Relaxed);
    }
}

/// The numbers of a caller for as many tables as asked first.
#[derive(Debug, Default)]
pub(crate) struct Kept([OnceLock<(TableId, Option<CallerNumbers>)>; Self::TABLES]);

impl Kept {
    /// For so many tables numbers are kept: the one in force, and a few that follow while the
    /// caller lives.
    const TABLES: usize = 3;

    #[inline]
    pub(crate) fn numbers(
        &self,
        table: TableId,
        work_out: impl Fn() -> Option<CallerNumbers>,
    ) -> Option<&CallerNumbers> {
        self.0.iter().find_map(|place| {
            let (owner, numbers) = match place.get() {
                Some(kept) => kept,
                None => place.get_or_init(|| (table, work_out())),
            };
            (*owner == table).then_some(numbers.as_ref())
        })?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn each_table_gets_its_own_and_asks_once() {
        let kept = Kept::default();
        let tables: Vec<TableId> = (0..5).map(|_| TableId::unique()).collect();
        let asked = Cell::new(0_u32);
        for round in 0..3 {
            for (tenant, table) in (0_u32..).zip(&tables) {
                let got = kept.numbers(*table, || {
                    asked.set(asked.get() + 1);
                    Some(CallerNumbers {
                        tenant: Some(tenant),
                        ..CallerNumbers::default()
                    })
                });
                let expected = (tenant < 3).then_some(Some(tenant));
                assert_eq!(got.map(|numbers| numbers.tenant), expected, "round {round}");
            }
        }
        assert_eq!(asked.get(), 3);
    }

    #[test]
    fn a_caller_without_numbers_is_asked_about_once() {
        let kept = Kept::default();
        let table = TableId::unique();
        let asked = Cell::new(0_u32);
        for _ in 0..2 {
            let got = kept.numbers(table, || {
                asked.set(asked.get() + 1);
                None
            });
            assert_eq!(got, None);
        }
        assert_eq!(asked.get(), 1);
    }
}
