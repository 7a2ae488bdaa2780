//! Policies, calls, and the floors beside which they are measured.
//!
//! # The workload
//!
//! A policy of *N* entries: one for each (tenant, role, tool, environment). Each entry is a permit
//! with five conditions: a regular expression that meets a text of 38 bytes, an equality with the
//! caller's tenant, a decimal limit of its own, a set of three currencies, a length. Every tool
//! declares six arguments in two objects, and a scope. Beside the entries there are rules that
//! seldom apply, so that five shapes of key are looked up, and one `raise` that is asked of every
//! call. A policy text holds at most 8 MiB, so the 100 000 entries are 10 000 permits that name
//! ten tenants each; below, every entry is a permit of its own.
//!
//! Callers have a subject with one or two roles and an actor. [`Kind::Allowed`] calls are all
//! allowed; of [`Kind::Mixed`] ones about three in five are, and the others are denied for their
//! amount, tenant, currency, tool or roles. Everything is made from a fixed seed.
//!
//! # The floors
//!
//! They are part of the promise: a floor that is made slower to meet a ratio breaks it.
//!
//! * **decide**: [`Floor::decide`]. The tenant and the tool become numbers by look-ups in a
//!   `std::collections::HashMap`; each of the caller's roles, which is a number already, is looked
//!   up by (tenant, role, tool, environment) in another one; then three comparisons on a
//!   `serde_json::Value`, by the entry with the highest limit. No closed world, no scopes, no tier,
//!   no regular expression, no length, `f64` for amounts.
//! * **parse**: `serde_json::from_str::<serde_json::Value>` of the same text, and its drop.
//! * **further**: the floor of decide, for each candidate beyond the first.
//! * **text**: `serde_json::from_str::<serde_json::Value>` of the text of the arguments, and its
//!   drop, and our own decide on arguments that were parsed before.
//! * **threads**: how much more two threads get done than one, with the floor of decide.
//! * **load**: `str::parse::<toml::Table>` of the same text, and [`Floor::of_table`] from it, and
//!   the drop of the table. Such a floor owns its texts: nothing that is read is a constant.
//! * **heap**: what that floor keeps on the heap.
//! * **matcher**: [`Matching`], of the inputs of the intents among the tests of `callgate-policy`,
//!   each as often as it stands there.
//! * **record**: SHA-256 of the bytes of the record's line, and a plain copy of them.
//! * **authorize**: our own decide, and encoding the record, and SHA-256 of its line.
//!
//! All of it is measured warm: each block passes once over its calls before the clock starts, and
//! calls are made before the policy, so that they lie close together in memory.

mod calls;
mod floor;
mod matching;
mod policy;
mod random;

pub use calls::{Call, Calls, Kind, texts};
pub use floor::{Floor, FloorCall};
pub use matching::{Case, Matching};
pub use policy::{Further, Recording, Size};

use std::error::Error;

use callgate::Snapshot;

/// How many calls one block passes over.
pub const CALLS: usize = 256;

/// One policy and its floor.
#[derive(Debug)]
pub struct Workload {
    /// The policy.
    pub snapshot: Snapshot,
    /// The same entries, by hand.
    pub floor: Floor,
}

impl Workload {
    /// Makes the policy of this size.
    ///
    /// # Errors
    ///
    /// Fails where the policy does not load.
    pub fn new(size: Size, recording: Recording) -> Result<Self, Box<dyn Error>> {
        let text = policy::text(size, recording);
        Ok(Self {
            snapshot: callgate::parse_policy(&text, "workload.toml")?,
            floor: Floor::new(size),
        })
    }

    /// Makes the policy of 10 entries with so many further rules a call.
    ///
    /// # Errors
    ///
    /// Fails where the policy does not load.
    pub fn with_further(further: Further, count: u32) -> Result<Self, Box<dyn Error>> {
        let text = policy::further_text(further, count);
        Ok(Self {
            snapshot: callgate::parse_policy(&text, "workload.toml")?,
            floor: Floor::new(Size::S10),
        })
    }
}

/// The text of the policy of this size.
pub fn policy_text(size: Size) -> String {
    policy::text(size, Recording::Text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate::DecisionKind;
    use callgate::policy::Question;

    /// Ours and the floor give the same answers, and as many allows as the kind says.
    #[track_caller]
    fn check(size: Size, kind: Kind, allowed: std::ops::RangeInclusive<usize>) {
        let workload = Workload::new(size, Recording::Text).unwrap();
        let calls = Calls::new(size, kind).unwrap();
        let mut count = 0_usize;
        for (asked, floor) in calls.ours.iter().zip(&calls.floor) {
            let Call {
                caller,
                context,
                call,
            } = asked;
            let judged = workload.snapshot.judge(caller, call, context);
            let allow = judged.decision() == DecisionKind::Allow;
            assert_eq!(allow, workload.floor.decide(floor), "{}", judged.message());
            count = count.saturating_add(usize::from(allow));
        }
        assert_eq!(calls.ours.len(), CALLS);
        assert!(allowed.contains(&count), "{count} of {CALLS} allowed");
    }

    #[test]
    fn ours_and_the_floor_agree() {
        for size in [Size::S10, Size::S1000] {
            check(size, Kind::Allowed, CALLS..=CALLS);
            check(size, Kind::Mixed, 140..=180);
        }
    }

    #[test]
    fn a_floor_that_is_read_decides_as_one_by_hand() {
        let table: toml::Table = policy_text(Size::S1000).parse().unwrap();
        let (read, by_hand) = (Floor::of_table(&table).unwrap(), Floor::new(Size::S1000));
        assert_eq!(read.len(), 1_000);
        for call in Calls::new(Size::S1000, Kind::Mixed).unwrap().floor {
            assert_eq!(read.decide(&call), by_hand.decide(&call));
        }
    }

    #[test]
    fn further_rules_change_no_answer() {
        let calls = Calls::new(Size::S10, Kind::Allowed).unwrap();
        for (further, matched) in [(Further::Permits, 3), (Further::Forbids, 1)] {
            let workload = Workload::with_further(further, 8).unwrap();
            for Call {
                caller,
                context,
                call,
            } in &calls.ours
            {
                let judged = workload.snapshot.judge(caller, call, context);
                assert_eq!(judged.decision(), DecisionKind::Allow);
                let policy = workload.snapshot.policy();
                let tool = policy.tool(call.tool()).unwrap();
                let bound = tool.bind(call.arguments().unwrap()).unwrap();
                let question = Question::new(tool, caller, context, &bound, &[]);
                assert_eq!(policy.judge(&question).permits().count(), matched);
            }
        }
    }

    #[test]
    fn texts_are_as_long_as_calls_are() {
        let calls = Calls::new(Size::S1000, Kind::Allowed).unwrap();
        let bytes: usize = calls.ours.iter().map(|call| call.text().len()).sum();
        let mean = bytes / CALLS;
        assert!((270..=290).contains(&mean), "{mean} bytes");
    }
}
