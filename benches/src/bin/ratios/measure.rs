//! Measuring ours beside its floor.
//!
//! A round runs both sides, one after the other: first a pass that only warms, then a pass by the
//! clock. The next round begins with the other side. What is reported is the median of all
//! rounds; the ratio is the median of the ratios of each round, so that a neighbour who slows the
//! machine down for a while slows both sides of it.
//!
//! Allocations are counted in a pass of their own. While the clock runs, the counter is switched
//! off: what is left of it costs every allocation about a nanosecond, on both sides.

use std::error::Error;
use std::time::{Duration, Instant};

use callgate_benches::promises::{Block, Bound, Meter, Promise, Scaling, Sides, Subject};

/// What came out.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    /// A call; for two threads, how many times as much as one; or records a second.
    pub(crate) ours: f64,
    pub(crate) floor: f64,
    pub(crate) ratio: f64,
    pub(crate) bound: Option<Bound>,
    /// Of ours, a call; `None` where they are not counted.
    pub(crate) allocations: Option<f64>,
    pub(crate) promised_allocations: Option<u64>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Nanoseconds,
    Bytes,
    Times,
    PerSecond,
}

/// A row, or why there is none.
#[derive(Clone, Debug)]
pub(crate) enum Measured {
    Row(Row),
    Skipped { name: String, reason: &'static str },
}

impl Row {
    pub(crate) fn is_kept(&self) -> bool {
        let quick = self.bound.is_none_or(|bound| bound.is_kept(self.ratio));
        let lean = self.promised_allocations.is_none_or(|most| {
            let most = to_f64(most);
            self.allocations.is_some_and(|count| count <= most)
        });
        quick && lean
    }
}

pub(crate) fn measure(promise: Promise, rounds: usize) -> Result<Measured, Box<dyn Error>> {
    let name = promise.name.clone();
    let (bound, promised_allocations) = (promise.bound, promise.allocations);
    let (unit, rounds, allocations) = match promise.make()? {
        Subject::Time(mut sides) => {
            let rounds = timed(&mut sides, rounds);
            (
                Unit::Nanoseconds,
                rounds,
                Some(allocations(&mut sides.ours)),
            )
        }
        Subject::Heap(mut sides) => {
            let (ours, floor) = round(&mut sides, true, heap);
            (Unit::Bytes, vec![(ours, floor)], None)
        }
        Subject::Scaling(scaling) => (Unit::Times, scaled(scaling, rounds)?, None),
        Subject::Durations(times) => (Unit::Nanoseconds, scaled(times, rounds)?, None),
        Subject::Rate(rate) => (Unit::PerSecond, scaled(rate, rounds)?, None),
        Subject::Skipped(reason) => return Ok(Measured::Skipped { name, reason }),
    };
    let of = |figure: fn(&(f64, f64)) -> f64| {
        median(rounds.iter().map(figure).collect()).ok_or("nothing was measured")
    };
    Ok(Measured::Row(Row {
        name,
        unit,
        ours: of(|(ours, _)| *ours)?,
        floor: of(|(_, floor)| *floor)?,
        ratio: of(|(ours, floor)| ours / floor)?,
        bound,
        allocations,
        promised_allocations,
    }))
}

fn timed(sides: &mut Sides, rounds: usize) -> Vec<(f64, f64)> {
    let mut measured = Vec::with_capacity(rounds);
    allocation_counter::opt_out(|| {
        let rounds = 0..rounds;
        measured.extend(rounds.map(|number| round(sides, number % 2 == 0, nanoseconds)));
    });
    measured
}

/// Ours and the floor, in the order that is asked for.
fn round(sides: &mut Sides, ours_first: bool, of: fn(&mut Block) -> f64) -> (f64, f64) {
    let ours = |sides: &mut Sides| {
        let whole = of(&mut sides.ours);
        match &mut sides.less {
            Some((less, parts)) => (whole - of(less)) / f64::from(*parts),
            None => whole,
        }
    };
    if ours_first {
        let ours = ours(sides);
        (ours, of(&mut sides.floor))
    } else {
        let floor = of(&mut sides.floor);
        (ours(sides), floor)
    }
}

fn scaled(mut scaling: Scaling, rounds: usize) -> Result<Vec<(f64, f64)>, Box<dyn Error>> {
    let mut measured = Some(Vec::with_capacity(rounds));
    allocation_counter::opt_out(|| measured = (0..rounds).map(|_| scaling()).collect());
    measured.ok_or_else(|| "something went wrong while it was measured".into())
}

/// The time of a call in one pass that follows upon another.
fn nanoseconds(block: &mut Block) -> f64 {
    block(&mut Clock::default());
    let mut clock = Clock::default();
    block(&mut clock);
    clock.elapsed.as_secs_f64() * 1e9 / to_f64(clock.calls as u64)
}

/// What a call leaves on the heap: live bytes after it, as they were asked for.
fn heap(block: &mut Block) -> f64 {
    let mut scale = Scale::default();
    block(&mut scale);
    to_f64(scale.bytes) / to_f64(scale.calls as u64)
}

fn allocations(block: &mut Block) -> f64 {
    let mut counter = Counter::default();
    block(&mut counter);
    to_f64(counter.allocations) / to_f64(counter.calls as u64)
}

#[derive(Debug, Default)]
struct Clock {
    elapsed: Duration,
    calls: usize,
}

impl Meter for Clock {
    fn measure(&mut self, calls: usize, work: &mut dyn FnMut()) {
        let start = Instant::now();
        work();
        self.elapsed = self.elapsed.saturating_add(start.elapsed());
        self.calls = self.calls.saturating_add(calls);
    }
}

#[derive(Debug, Default)]
struct Counter {
    allocations: u64,
    calls: usize,
}

impl Meter for Counter {
    fn measure(&mut self, calls: usize, work: &mut dyn FnMut()) {
        let counted = allocation_counter::measure(work);
        self.allocations = self.allocations.saturating_add(counted.count_total);
        self.calls = self.calls.saturating_add(calls);
    }
}

#[derive(Debug, Default)]
struct Scale {
    bytes: u64,
    calls: usize,
}

impl Meter for Scale {
    fn measure(&mut self, calls: usize, work: &mut dyn FnMut()) {
        let counted = allocation_counter::measure(work);
        let bytes = u64::try_from(counted.bytes_current).unwrap_or(0);
        self.bytes = self.bytes.saturating_add(bytes);
        self.calls = self.calls.saturating_add(calls);
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "no count in here comes near 2^53"
)]
const fn to_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bound: Bound, ratio: f64, allocations: f64, expected: bool) {
        let row = Row {
            name: "row".to_owned(),
            unit: Unit::Nanoseconds,
            ours: ratio,
            floor: 1.0,
            ratio,
            bound: Some(bound),
            allocations: Some(allocations),
            promised_allocations: Some(0),
        };
        assert_eq!(row.is_kept(), expected);
        let printed = Row {
            bound: None,
            promised_allocations: None,
            ..row
        };
        assert!(printed.is_kept());
    }

    #[test]
    fn kept_and_missed() {
        check(Bound::AtMost(2.0), 2.0, 0.0, true);
        check(Bound::AtMost(2.0), 2.1, 0.0, false);
        check(Bound::AtMost(2.0), 1.0, 0.004, false);
        check(Bound::AtMost(2.0), f64::NAN, 0.0, false);
        check(Bound::AtLeast(0.9), 0.9, 0.0, true);
        check(Bound::AtLeast(0.9), 0.89, 0.0, false);
        check(Bound::AtLeast(0.9), f64::NAN, 0.0, false);
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn what_is_taken_off_ours() {
        let block = |bytes: usize| -> Block {
            Box::new(move |meter| {
                let mut kept = Vec::new();
                meter.measure(1, &mut || kept.push(vec![0_u8; bytes].into_boxed_slice()));
            })
        };
        let mut sides = Sides {
            ours: block(1_000),
            floor: block(100),
            less: Some((block(200), 4)),
        };
        let (ours, _) = round(&mut sides, false, heap);
        assert!((ours - 200.0).abs() < 1e-9, "{ours}");
    }

    #[test]
    fn allocations_of_ours_are_counted() {
        let mut block: Block = Box::new(|meter| {
            meter.measure(2, &mut || drop(std::hint::black_box(vec![1_u8])));
        });
        assert!((allocations(&mut block) - 0.5).abs() < 1e-9);
    }
}
