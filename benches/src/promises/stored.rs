//! What the rows about stores write: batches of one chain, and rounds of two sides.

use std::error::Error;
use std::time::Instant;

use callgate::audit::{Batch, Head};

use super::Subject;
use super::recorded::Recorded;
use crate::workload::{Calls, Kind, Recording, Size, Workload};

/// How many records a batch has.
const RECORDS: usize = 64;
/// How many batches a side writes in a round.
const BATCHES: usize = 8;

/// The bodies of records, as a gate writes them, without their tails.
pub(super) fn bodies() -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let workload = Workload::new(Size::S1000, Recording::Text)?;
    let all = Recorded::all(&workload.snapshot, calls)?;
    let bodies = all.iter().map(|recorded| {
        let mut body = Vec::new();
        recorded
            .parts
            .with_record(|record| record.encode(0, &mut body));
        body
    });
    Ok(bodies.collect())
}

/// A chain that grows.
pub(super) struct Growing {
    bodies: Vec<Vec<u8>>,
    end: Head,
}

impl Growing {
    pub(super) fn new() -> Result<Self, Box<dyn Error>> {
        let (bodies, end) = (bodies()?, Head::EMPTY);
        Ok(Self { bodies, end })
    }

    /// The batches of the next round.
    pub(super) fn round(&mut self) -> Option<Vec<Batch<'static>>> {
        (0..BATCHES).map(|_| self.batch()).collect()
    }

    fn batch(&mut self) -> Option<Batch<'static>> {
        let mut lines = Vec::new();
        for body in self.bodies.iter().cycle().take(RECORDS) {
            self.end = self.end.link(body, &mut lines);
        }
        Batch::parse(lines).ok()
    }
}

/// Stores the batches of a round; `None` where that fails.
pub(super) type Side = Box<dyn FnMut(&[Batch<'static>]) -> Option<()>>;

/// Records a second of two that store the same batches, each in its place.
pub(super) fn rate(mut ours: Side, mut floor: Side) -> Result<Subject, Box<dyn Error>> {
    let mut growing = Growing::new()?;
    let mut ours_first = false;
    Ok(Subject::Rate(Box::new(move || {
        let batches = growing.round()?;
        ours_first = !ours_first;
        if ours_first {
            let rate = timed(&mut ours, &batches)?;
            Some((rate, timed(&mut floor, &batches)?))
        } else {
            let rate = timed(&mut floor, &batches)?;
            Some((timed(&mut ours, &batches)?, rate))
        }
    })))
}

fn timed(side: &mut Side, batches: &[Batch<'static>]) -> Option<f64> {
    let start = Instant::now();
    side(batches)?;
    Some(per_second(RECORDS.checked_mul(BATCHES)?, start))
}

#[expect(clippy::cast_precision_loss, reason = "some thousand records")]
pub(super) fn per_second(records: usize, since: Instant) -> f64 {
    records as f64 / since.elapsed().as_secs_f64()
}
