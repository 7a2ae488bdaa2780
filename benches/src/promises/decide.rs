//! Deciding on parsed arguments.

use std::cell::RefCell;
use std::error::Error;
use std::hint::black_box;
use std::rc::Rc;

use super::{Promise, Sides, each};
use crate::workload::{Call, Calls, Kind, Recording, Size, Workload};

pub(super) fn promises() -> Vec<Promise> {
    let sizes = [
        ("10", Size::S10),
        ("1000", Size::S1000),
        ("10000", Size::S10000),
        ("100000", Size::S100000),
    ];
    sizes
        .into_iter()
        .flat_map(|(name, size)| {
            let most = if size == Size::S100000 { 2.25 } else { 2.0 };
            let slow = size == Size::S10000 || size == Size::S100000;
            let shared = Rc::new(Shared::new(size));
            let mixed = Rc::clone(&shared);
            [
                Promise::new(format!("decide/{name}"), move || {
                    sides(&shared, Kind::Allowed)
                })
                .at_most(most)
                .allocating(0)
                .slow(slow),
                Promise::new(format!("decide/{name}/mixed"), move || {
                    sides(&mixed, Kind::Mixed)
                })
                .at_most(most)
                .slow(slow),
            ]
        })
        .collect()
}

/// The whole decision of one policy; against [`Floor::decide`](crate::workload::Floor::decide).
fn sides(shared: &Shared, kind: Kind) -> Result<Sides, Box<dyn Error>> {
    let (workload, calls) = shared.made(kind)?;
    let floor = Rc::clone(&workload);
    Ok(Sides::new(
        each(calls.ours, move |asked| {
            let Call {
                caller,
                context,
                call,
            } = black_box(asked);
            black_box(workload.snapshot.judge(caller, call, context));
        }),
        each(calls.floor, move |asked| {
            black_box(floor.floor.decide(black_box(asked)));
        }),
    ))
}

/// What the rows of one size share; made once, and only if it is asked for.
struct Shared {
    size: Size,
    made: RefCell<Option<Made>>,
}

struct Made {
    workload: Rc<Workload>,
    allowed: Option<Calls>,
    mixed: Option<Calls>,
}

impl Shared {
    const fn new(size: Size) -> Self {
        Self {
            size,
            made: RefCell::new(None),
        }
    }

    /// The policy, and the calls of this kind, which are there once.
    fn made(&self, kind: Kind) -> Result<(Rc<Workload>, Calls), Box<dyn Error>> {
        let mut made = self.made.try_borrow_mut()?;
        let made = match &mut *made {
            Some(made) => made,
            none => {
                let allowed = Some(Calls::new(self.size, Kind::Allowed)?);
                let mixed = Some(Calls::new(self.size, Kind::Mixed)?);
                let workload = Rc::new(Workload::new(self.size, Recording::Text)?);
                none.insert(Made {
                    workload,
                    allowed,
                    mixed,
                })
            }
        };
        let calls = match kind {
            Kind::Allowed => made.allowed.take(),
            Kind::Mixed => made.mixed.take(),
        };
        let calls = calls.ok_or("these calls were taken before")?;
        Ok((Rc::clone(&made.workload), calls))
    }
}
