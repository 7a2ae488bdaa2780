//! Handing what is read to those who examine it, and what they found to the one who checks.
//!
//! However many threads examine lines: they are checked one after the other, in their order.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::Path;
use std::thread;

use super::board::{Board, Closing};
use super::chain::{Checker, Next};
use super::chunk::Chunk;
use super::part::Part;
use super::source::{Source, Step};
use super::{Progress, VerifyOptions};
use crate::json;

/// How many chunks are read ahead for each thread.
const AHEAD: usize = 4;

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
        json: json::Checker::new(),
        bytes: 0,
        all_bytes,
    };
    if threads < 2 {
        while let Some(mut step) = source.next() {
            if let Step::Lines(chunk) = &mut step {
                chunk.examine(&mut pump.json);
            }
            if pump.check(source, step)? == Next::Done {
                break;
            }
        }
        return Ok(());
    }
    let board = Board::default();
    thread::scope(|scope| {
        let _closed_at_last = Closing(&board);
        // This thread is one of them.
        for _ in 1..threads {
            scope.spawn(|| board.work());
        }
        pump.with(source, &board, threads.saturating_mul(AHEAD))
    })
}

/// A step that waits for its turn.
enum Waiting<'p> {
    Step(Step<'p>),
    /// The chunk of that number is on the board.
    Chunk(u64),
}

struct Pump<'c, 'p> {
    checker: &'c mut Checker<'p>,
    options: &'c VerifyOptions,
    json: json::Checker,
    bytes: u64,
    all_bytes: Option<u64>,
}

impl<'p> Pump<'_, 'p> {
    /// Keeps `most` steps ahead.
    fn with<R: Read>(
        &mut self,
        source: &mut Source<'p, R>,
        board: &Board<'p>,
        most: usize,
    ) -> Result<(), Failed<'p>> {
        let mut waiting = VecDeque::with_capacity(most);
        let mut numbers = 0_u64..;
        loop {
            while waiting.len() < most
                && let Some(step) = source.next()
            {
                waiting.push_back(match (step, numbers.next()) {
                    (Step::Lines(chunk), Some(number)) => {
                        board.put_up(number, chunk);
                        Waiting::Chunk(number)
                    }
                    (step, _) => Waiting::Step(step),
                });
            }
            let step = match waiting.pop_front() {
                None => return Ok(()),
                Some(Waiting::Step(step)) => step,
                Some(Waiting::Chunk(number)) => match board.take(number, &mut self.json) {
                    Some(chunk) => Step::Lines(chunk),
                    // A thread that is gone has panicked: the scope says so.
                    None => return Ok(()),
                },
            };
            if self.check(source, step)? == Next::Done {
                return Ok(());
            }
        }
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
                let mut parts = chunk.parts().iter().map(|part| self.part(&chunk, part));
                let next = parts.find(|next| *next == Next::Done);
                drop(parts);
                self.bytes = self.bytes.saturating_add(chunk.bytes());
                source.give(chunk);
                self.options.tell(Progress {
                    records: self.checker.head().records,
                    bytes: self.bytes,
                    all_bytes: self.all_bytes,
                });
                next.unwrap_or(Next::Wanted)
            }
        };
        Ok(next)
    }

    /// Records that follow each other are checked at once, unless something else is to be known
    /// about one of them.
    fn part(&mut self, chunk: &Chunk<'p>, part: &Part) -> Next {
        let run = match part {
            Part::Line(line) => {
                let (text, place) = (chunk.text(&line.bytes), chunk.place(line.bytes.start));
                return self.checker.line(text, place, &line.found);
            }
            Part::Run(run) => run,
        };
        if self.checker.accepts(run) {
            self.checker.run(run, chunk.place(run.last));
            return Next::Wanted;
        }
        for (text, place, found) in chunk.examined(&run.bytes, &mut self.json) {
            if self.checker.line(text, place, &found) == Next::Done {
                return Next::Done;
            }
        }
        Next::Wanted
    }
}
