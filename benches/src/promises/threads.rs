//! Two threads that decide by one policy.

use std::error::Error;
use std::hint::black_box;

use super::scaling::of_two_threads;
use super::{Promise, Scaling};
use crate::workload::{Call, Calls, Floor, FloorCall, Kind, Recording, Size, Workload};

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::scaling("threads", scaling)
            .at_least(0.9)
            .rounds(101, 5),
    ]
}

/// How many times as much two threads get done as one: ours, and the floor.
fn scaling() -> Result<Scaling, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?;
    // Each thread has calls of its own; the policy they share.
    let (ours, floor) = (
        [calls.ours.clone(), calls.ours],
        [calls.floor.clone(), calls.floor],
    );
    let workload = Workload::new(Size::S1000, Recording::Text)?;
    let mut floor_first = false;
    Ok(Box::new(move || {
        let snapshot = &workload.snapshot;
        let judge = || {
            |asked: &Call| {
                let Call {
                    caller,
                    context,
                    call,
                } = black_box(asked);
                black_box(snapshot.judge(caller, call, context));
            }
        };
        let decide = || {
            |asked: &FloorCall| {
                let floor: &Floor = &workload.floor;
                black_box(floor.decide(black_box(asked)));
            }
        };
        floor_first = !floor_first;
        if floor_first {
            let floor = of_two_threads(&floor, decide)?;
            Some((of_two_threads(&ours, judge)?, floor))
        } else {
            Some((
                of_two_threads(&ours, judge)?,
                of_two_threads(&floor, decide)?,
            ))
        }
    }))
}
