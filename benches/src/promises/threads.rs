//! Two threads that decide by one policy.

use std::error::Error;
use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::{Promise, Scaling};
use crate::workload::{CALLS, Call, Calls, Floor, FloorCall, Kind, Recording, Size, Workload};

/// How often a thread passes over its calls while the clock runs.
const PASSES: usize = 16;

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
        let judge = |asked: &Call| {
            let Call {
                caller,
                context,
                call,
            } = black_box(asked);
            black_box(snapshot.judge(caller, call, context));
        };
        let decide = |asked: &FloorCall| {
            let floor: &Floor = &workload.floor;
            black_box(floor.decide(black_box(asked)));
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

/// What two threads get done, as a multiple of what one does.
fn of_two_threads<T: Sync>(calls: &[Vec<T>; 2], one: impl Fn(&T) + Sync) -> Option<f64> {
    let [mine, _] = calls;
    let alone = rate(&[mine], &one)?;
    let both = rate(&calls.each_ref(), &one)?;
    Some(both / alone)
}

/// Calls a second, of all threads together: each is timed on its own, from when all are ready.
fn rate<T: Sync>(calls: &[&Vec<T>], one: &(impl Fn(&T) + Sync)) -> Option<f64> {
    let ready = AtomicUsize::new(0);
    let run = |calls: &Vec<T>, all: usize| {
        calls.iter().for_each(one);
        ready.fetch_add(1, Ordering::SeqCst);
        while ready.load(Ordering::SeqCst) < all {
            spin_loop();
        }
        let start = Instant::now();
        for _ in 0..PASSES {
            calls.iter().for_each(one);
        }
        start.elapsed().as_secs_f64()
    };
    let seconds: Vec<f64> = thread::scope(|scope| {
        let threads: Vec<_> = calls
            .iter()
            .map(|mine| scope.spawn(|| run(mine, calls.len())))
            .collect();
        let ended = threads.into_iter().map(|thread| thread.join().ok());
        ended.collect::<Option<_>>()
    })?;
    #[expect(clippy::cast_precision_loss, reason = "some thousand calls")]
    let each = (CALLS * PASSES) as f64;
    Some(seconds.iter().map(|seconds| each / seconds).sum())
}
