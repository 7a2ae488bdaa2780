//! Rules beyond the first that are candidates for a call.

use std::error::Error;
use std::hint::black_box;

use super::{Promise, Sides, each};
use crate::workload::{Call, Calls, Further, Kind, Recording, Size, Workload};

pub(super) fn promises() -> Vec<Promise> {
    let kinds = [("permits", Further::Permits), ("forbids", Further::Forbids)];
    kinds
        .into_iter()
        .flat_map(|(name, kind)| {
            [8, 32].map(|count| {
                Promise::new(format!("further/{name}/{count}"), move || {
                    sides(kind, count)
                })
                .at_most(0.06)
                .allocating(0)
            })
        })
        .collect()
}

/// Deciding with so many further candidates, less deciding with none, for each of them; against
/// the whole floor of a decision.
fn sides(further: Further, count: u32) -> Result<Sides, Box<dyn Error>> {
    let calls = Calls::new(Size::S10, Kind::Allowed)?;
    let with = Workload::with_further(further, count)?;
    let without = Workload::new(Size::S10, Recording::Text)?;
    let floor = Workload::new(Size::S10, Recording::Text)?.floor;
    let judging = |calls: Vec<Call>, Workload { snapshot, .. }: Workload| {
        each(calls, move |asked: &Call| {
            let Call {
                caller,
                context,
                call,
            } = black_box(asked);
            black_box(snapshot.judge(caller, call, context));
        })
    };
    let ours = judging(calls.ours.clone(), with);
    let less = judging(calls.ours, without);
    let floor = each(calls.floor, move |asked| {
        black_box(floor.decide(black_box(asked)));
    });
    Ok(Sides::new(ours, floor).less(less, count))
}
