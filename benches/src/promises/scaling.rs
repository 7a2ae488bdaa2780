//! Timing two threads.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::workload::CALLS;

/// How often a thread passes over its calls while the clock runs.
const PASSES: usize = 16;

/// What two threads get done, as a multiple of what one does; each has a `one` of its own.
pub(super) fn of_two_threads<T: Sync, F: FnMut(&T)>(
    calls: &[Vec<T>; 2],
    one: impl Fn() -> F + Sync,
) -> Option<f64> {
    let [mine, _] = calls;
    let alone = rate(&[mine], &one)?;
    let both = rate(&calls.each_ref(), &one)?;
    Some(both / alone)
}

/// Calls a second, of all threads together: each is timed on its own, from when all are ready.
fn rate<T: Sync, F: FnMut(&T)>(calls: &[&Vec<T>], one: &(impl Fn() -> F + Sync)) -> Option<f64> {
    let ready = AtomicUsize::new(0);
    let run = |calls: &Vec<T>, all: usize| {
        let mut one = one();
        calls.iter().for_each(&mut one);
        ready.fetch_add(1, Ordering::SeqCst);
        while ready.load(Ordering::SeqCst) < all {
            spin_loop();
        }
        let start = Instant::now();
        for _ in 0..PASSES {
            calls.iter().for_each(&mut one);
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
