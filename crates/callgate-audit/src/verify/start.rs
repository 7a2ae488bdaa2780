//! Where a verification begins: at the first record, behind what was verified before, or behind
//! what was removed.

use callgate_types::Digest;

use super::{FaultKind, Trusted};
use crate::checkpoint::Pruned;
use crate::{Head, Tree, chain};

/// Where a verification begins.
pub(super) enum Start {
    /// At the first record.
    First,
    /// Behind what is known to be good.
    Trusted {
        trusted: Trusted,
        skipping: Skipping,
    },
    /// At the first record that was not removed.
    Pruned { first: u64, pruned: Pruned },
}

/// How far the lines before the start have been passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skipping {
    /// Not at all.
    Nothing,
    /// The last record that is known to be good was met.
    Met,
    /// A record behind it was met.
    Over,
}

impl Start {
    pub(super) const fn trusted(trusted: Trusted) -> Self {
        let skipping = if trusted.head().records == 0 {
            Skipping::Over
        } else {
            Skipping::Nothing
        };
        Self::Trusted { trusted, skipping }
    }

    /// The head before the first record that is verified. Where records were removed, its digest
    /// may be unknown.
    pub(super) fn head(&self) -> Head {
        match self {
            Self::First => Head::EMPTY,
            Self::Trusted { trusted, .. } => trusted.head(),
            Self::Pruned { first, pruned } if *first == pruned.tree.size() => {
                Head::new(*first, pruned.digest)
            }
            Self::Pruned { first, .. } => Head::new(*first, Digest::ZERO),
        }
    }

    /// The tree there; `None` where it is not known yet.
    pub(super) fn tree(&self) -> Option<&Tree> {
        static EMPTY: Tree = Tree::new();
        match self {
            Self::First => Some(&EMPTY),
            Self::Trusted { trusted, .. } => trusted.tree(),
            Self::Pruned { first, pruned } => {
                (*first == pruned.tree.size()).then_some(&pruned.tree)
            }
        }
    }

    /// Whether a file that begins with record `first` may be the one in which it begins.
    pub(super) fn skips_file(&self, first: u64) -> bool {
        match self {
            Self::Trusted { trusted, skipping } => {
                *skipping == Skipping::Nothing && first < trusted.head().records
            }
            _ => false,
        }
    }

    /// Passes over a line before the start; `None` where the line is the next to be verified.
    pub(super) fn skip(&mut self, line: &[u8]) -> Option<Result<(), FaultKind>> {
        let Self::Trusted { trusted, skipping } = self else {
            return None;
        };
        if *skipping == Skipping::Over {
            return None;
        }
        let head = trusted.head();
        let seq = chain::tail(line).map(|(seq, _)| seq);
        let last = head.records.saturating_sub(1);
        match seq {
            // What comes before is not looked at.
            None if *skipping == Skipping::Nothing => Some(Ok(())),
            Some(seq) if seq < last => Some(Ok(())),
            Some(seq) if seq == last && *skipping == Skipping::Nothing => {
                let (expected, found) = (head.digest, chain::digest(line));
                if expected != found {
                    return Some(Err(FaultKind::WrongHead { expected, found }));
                }
                *skipping = Skipping::Met;
                Some(Ok(()))
            }
            _ => {
                *skipping = Skipping::Over;
                None
            }
        }
    }

    /// Whether lines are still passed over.
    pub(super) fn is_skipping(&self) -> bool {
        match self {
            Self::Trusted { skipping, .. } => *skipping != Skipping::Over,
            _ => false,
        }
    }

    /// Whether what is known to be good was met, or what follows it.
    pub(super) fn is_reached(&self) -> bool {
        match self {
            Self::Trusted { skipping, .. } => *skipping != Skipping::Nothing,
            _ => true,
        }
    }

    /// Whether what record `seq` says about the one before it cannot be checked.
    pub(super) fn takes_on_its_word(&self, seq: u64) -> bool {
        match self {
            Self::Pruned { first, pruned } => seq == *first && seq < pruned.tree.size(),
            _ => false,
        }
    }

    /// What is known about the first `size` records from the record that confirms that they were
    /// removed.
    pub(super) fn pruned_until(&self, size: u64) -> Option<&Pruned> {
        match self {
            Self::Pruned { pruned, .. } if pruned.tree.size() == size => Some(pruned),
            _ => None,
        }
    }

    /// Whether the tree is taken from the first checkpoint, on its word.
    pub(super) const fn takes_tree_on_its_word(&self) -> bool {
        match self {
            Self::Trusted { trusted, .. } => trusted.tree().is_none(),
            _ => false,
        }
    }

    /// How many records were to be removed.
    pub(super) fn pruned(&self) -> Option<u64> {
        match self {
            Self::Pruned { pruned, .. } => Some(pruned.tree.size()),
            _ => None,
        }
    }
}
