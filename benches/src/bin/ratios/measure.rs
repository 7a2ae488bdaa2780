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

use callgate_benches::promises::{Block, Meter, Promise};

/// What came out.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Nanoseconds a call.
    pub(crate) ours: f64,
    pub(crate) floor: f64,
    pub(crate) ratio: f64,
    pub(crate) promised: Option<f64>,
    /// Of ours, a call.
    pub(crate) allocations: f64,
    pub(crate) promised_allocations: Option<u64>,
}

impl Row {
    pub(crate) fn is_kept(&self) -> bool {
        let quick = self.promised.is_none_or(|most| self.ratio <= most);
        let lean = self
            .promised_allocations
            .is_none_or(|most| self.allocations <= to_f64(most));
        quick && lean
    }
}

pub(crate) fn measure(promise: Promise, rounds: usize) -> Result<Row, Box<dyn Error>> {
    let name = promise.name.clone();
    let (promised, promised_allocations) = (promise.ratio, promise.allocations);
    let mut sides = promise.make()?;
    let mut ours = Vec::with_capacity(rounds);
    let mut floor = Vec::with_capacity(rounds);
    allocation_counter::opt_out(|| {
        for round in 0..rounds {
            if round % 2 == 0 {
                ours.push(nanoseconds(&mut sides.ours));
                floor.push(nanoseconds(&mut sides.floor));
            } else {
                floor.push(nanoseconds(&mut sides.floor));
                ours.push(nanoseconds(&mut sides.ours));
            }
        }
    });
    let ratios = ours.iter().zip(&floor).map(|(ours, floor)| ours / floor);
    let ratio = median(ratios.collect()).ok_or("nothing was measured")?;
    Ok(Row {
        name,
        ours: median(ours).ok_or("nothing was measured")?,
        floor: median(floor).ok_or("nothing was measured")?,
        ratio,
        promised,
        allocations: allocations(&mut sides.ours),
        promised_allocations,
    })
}

/// The time of a call in one pass that follows upon another.
fn nanoseconds(block: &mut Block) -> f64 {
    block(&mut Clock::default());
    let mut clock = Clock::default();
    block(&mut clock);
    clock.elapsed.as_secs_f64() * 1e9 / to_f64(clock.calls as u64)
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
    fn check(ratio: f64, allocations: f64, expected: bool) {
        let row = Row {
            name: "row".to_owned(),
            ours: ratio,
            floor: 1.0,
            ratio,
            promised: Some(2.0),
            allocations,
            promised_allocations: Some(0),
        };
        assert_eq!(row.is_kept(), expected);
        let printed = Row {
            promised: None,
            promised_allocations: None,
            ..row
        };
        assert!(printed.is_kept());
    }

    #[test]
    fn kept_and_missed() {
        check(2.0, 0.0, true);
        check(2.1, 0.0, false);
        check(1.0, 0.004, false);
        check(f64::NAN, 0.0, false);
    }

    #[test]
    fn medians() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn allocations_of_ours_are_counted() {
        let mut block: Block = Box::new(|meter| {
            meter.measure(2, &mut || drop(std::hint::black_box(vec![1_u8])));
        });
        assert!((allocations(&mut block) - 0.5).abs() < 1e-9);
    }
}
