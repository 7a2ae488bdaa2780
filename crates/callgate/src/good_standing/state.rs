//! What is known of the store, and what only this process knows yet.

use callgate_identity::standing::{Change, Changes, OutOfOrder, Position, Standing, StoreError};

/// What is known of the store, and what only this process knows yet.
#[derive(Debug)]
pub(super) struct State {
    /// What follows from the changes that the store gave.
    base: Standing,
    /// What was taken away here and is not in `base` yet.
    local: Vec<Local>,
    /// Why the last look failed; `None` where it did not.
    pub(super) fault: Option<StoreError>,
}

/// Something that was taken away here.
#[derive(Clone, Debug)]
struct Local {
    change: Change,
    /// Its place in the store; `None` where that is not known to have it.
    position: Option<Position>,
    /// Somebody is about to put it there.
    on_its_way: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            base: Standing::new(),
            local: Vec::new(),
            fault: None,
        }
    }

    pub(super) const fn base(&self) -> &Standing {
        &self.base
    }

    /// What is in force here.
    pub(super) fn in_force(&self) -> Standing {
        let mut standing = self.base.clone();
        for local in &self.local {
            standing.restrict(&local.change);
        }
        standing
    }

    /// Takes what the store gave when it was asked for what is behind `after`; says whether anything
    /// is new, and whether that was all.
    pub(super) fn take(
        &mut self,
        after: Position,
        changes: &Changes,
    ) -> Result<(bool, bool), StoreError> {
        if changes.end < after {
            let (expected, found) = (after, changes.end);
            return Err(StoreError::WentBack { expected, found });
        }
        let mut last = after;
        let mut is_new = false;
        for entry in &changes.entries {
            if entry.position != last.next() || entry.position > changes.end {
                let (expected, found) = (last.next(), entry.position);
                return Err(disorder(expected, found));
            }
            last = entry.position;
            // Somebody else may have asked meanwhile, and been told more.
            if entry.position > self.base.position() {
                self.base.apply(entry).map_err(StoreError::altered)?;
                is_new = true;
            }
        }
        if last == after && changes.end > after {
            return Err(disorder(after.next(), changes.end));
        }
        if is_new {
            let reached = self.base.position();
            let is_ahead = |local: &Local| local.position.is_none_or(|at| at > reached);
            self.local.retain(is_ahead);
        }
        Ok((is_new, last == changes.end))
    }

    /// Keeps in force what is taken away here, while it is put into the store.
    pub(super) fn hold(&mut self, change: &Change) {
        self.local.retain(|local| local.change != *change);
        self.local.push(Local {
            change: change.clone(),
            position: None,
            on_its_way: true,
        });
    }

    /// What became of a change on its way.
    pub(super) fn settle(&mut self, change: &Change, put: Option<Position>) {
        let reached = self.base.position();
        for local in &mut self.local {
            if local.change == *change {
                local.on_its_way = false;
                local.position = put.or(local.position);
            }
        }
        let is_ahead = |local: &Local| local.position.is_none_or(|at| at > reached);
        self.local.retain(is_ahead);
    }

    /// One of the changes that the store is not known to have, to be put there now.
    pub(super) fn next_to_share(&mut self) -> Option<Change> {
        let waits = |local: &&mut Local| local.position.is_none() && !local.on_its_way;
        let next = self.local.iter_mut().find(waits)?;
        next.on_its_way = true;
        Some(next.change.clone())
    }

    /// How many changes others do not know.
    pub(super) fn unshared(&self) -> usize {
        let unshared = |local: &&Local| local.position.is_none();
        self.local.iter().filter(unshared).count()
    }

    /// Forgets a part of what is long over.
    pub(super) fn forget(&mut self, round: usize) {
        let now = self.base.time();
        self.base.forget_tasks(round, now);
    }
}

fn disorder(expected: Position, found: Position) -> StoreError {
    StoreError::altered(OutOfOrder::new(expected, found))
}
