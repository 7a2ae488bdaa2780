//! Handing what is read to those who examine it, and what they found to the one who checks.
//!
//! However many threads examine lines: they are checked one after the other, in their order.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::chain::{Checker, Next};
use super::source::{Chunk, Source, Step};
use super::{Progress, VerifyOptions};

/// How many chunks each thread may have before it.
const AHEAD: usize = 3;

/// Where reading failed.
pub(super) type Failed<'p> = (Option<&'p Path>, io::Error);

/// Checks all of `source`, or up to the first fault.
pub(super) fn run<'p, R: Read>(
    source: &mut Source<'p, R>,
    checker: &mut Checker<'p>,
    options: &VerifyOptions,
    all_bytes: Option<u64>,
) -> Result<(), Failed<'p>> {
    let threads = options.threads.map_or(1, std::num::NonZeroUsize::get);
    let mut pump = Pump {
        checker,
        options,
        bytes: 0,
        all_bytes,
    };
    if threads > 1 {
        return thread::scope(|scope| {
            let workers: Vec<Worker<'p>> = (0..threads)
                .map(|_| {
                    let (give, work) = channel::<Chunk<'p>>();
                    let (done, take) = channel();
                    scope.spawn(move || examine_all(&work, &done));
                    Worker { give, take }
                })
                .collect();
            pump.with(source, &workers)
        });
    }
    while let Some(mut step) = source.next() {
        if let Step::Lines(chunk) = &mut step {
            chunk.examine();
        }
        if pump.check(source, step)? == Next::Done {
            break;
        }
    }
    Ok(())
}

/// A thread that examines chunks; it ends when it is given no more.
struct Worker<'p> {
    give: Sender<Chunk<'p>>,
    take: Receiver<Chunk<'p>>,
}

fn examine_all<'p>(work: &Receiver<Chunk<'p>>, done: &Sender<Chunk<'p>>) {
    while let Ok(mut chunk) = work.recv() {
        chunk.examine();
        if done.send(chunk).is_err() {
            break;
        }
    }
}

/// A step that waits for its turn.
enum Waiting<'p> {
    Step(Step<'p>),
    /// The chunk that this worker has longest.
    With(usize),
}

struct Pump<'c, 'p> {
    checker: &'c mut Checker<'p>,
    options: &'c VerifyOptions,
    bytes: u64,
    all_bytes: Option<u64>,
}

impl<'p> Pump<'_, 'p> {
    fn with<R: Read>(
        &mut self,
        source: &mut Source<'p, R>,
        workers: &[Worker<'p>],
    ) -> Result<(), Failed<'p>> {
        let mut waiting = VecDeque::new();
        let mut turns = (0..workers.len()).cycle();
        let most = workers.len().saturating_mul(AHEAD);
        loop {
            while waiting.len() < most {
                let Some(step) = source.next() else { break };
                waiting.push_back(Self::hand_out(step, workers, &mut turns));
            }
            let Some(first) = waiting.pop_front() else {
                return Ok(());
            };
            let step = match first {
                Waiting::Step(step) => step,
                Waiting::With(worker) => match workers.get(worker).map(|one| one.take.recv()) {
                    Some(Ok(chunk)) => Step::Lines(chunk),
                    // A worker that is gone has panicked: the scope says so.
                    _ => return Ok(()),
                },
            };
            if self.check(source, step)? == Next::Done {
                return Ok(());
            }
        }
    }

    fn hand_out(
        step: Step<'p>,
        workers: &[Worker<'p>],
        turns: &mut impl Iterator<Item = usize>,
    ) -> Waiting<'p> {
        let Step::Lines(mut chunk) = step else {
            return Waiting::Step(step);
        };
        let turn = turns.next().unwrap_or(0);
        if let Some(worker) = workers.get(turn) {
            match worker.give.send(chunk) {
                Ok(()) => return Waiting::With(turn),
                Err(back) => chunk = back.0,
            }
        }
        chunk.examine();
        Waiting::Step(Step::Lines(chunk))
    }

    fn check<R: Read>(
        &mut self,
        source: &mut Source<'p, R>,
        step: Step<'p>,
    ) -> Result<Next, Failed<'p>> {
        let next = match step {
            Step::Segment(path, first) => self.checker.segment(path, first),
            Step::Open(open) => self.checker.open(&open),
            Step::Failed(path, error) => return Err((path, error)),
            Step::Lines(chunk) => {
                let mut next = Next::Wanted;
                for (line, place, found) in chunk.found() {
                    next = self.checker.line(line, place, found);
                    if next == Next::Done {
                        break;
                    }
                }
                let (_, bytes) = chunk.end();
                self.bytes = self.bytes.saturating_add(bytes);
                source.give(chunk);
                self.options.tell(Progress {
                    records: self.checker.head().records,
                    bytes: self.bytes,
                    all_bytes: self.all_bytes,
                });
                next
            }
        };
        Ok(next)
    }
}
