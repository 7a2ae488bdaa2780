//! Deciding on parsed arguments.

use std::cell::OnceCell;
use std::error::Error;
use std::hint::black_box;
use std::rc::Rc;

use super::{Promise, Sides, each};
use crate::workload::{Call, FloorCall, Kind, Recording, Size, Workload};

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
            let slow = size == Size::S100000;
            let shared = Rc::new(Shared::new(size));
            let mixed = Rc::clone(&shared);
            [
                Promise::new(format!("decide/{name}"), move || {
                    sides(&shared, Kind::Allowed)
                })
                .at_most(3.0)
                .allocating(0)
                .slow(slow),
                Promise::new(format!("decide/{name}/mixed"), move || {
                    sides(&mixed, Kind::Mixed)
                })
                .at_most(3.0)
                .slow(slow),
            ]
        })
        .collect()
}

/// The whole decision of one policy; against [`Floor::decide`](crate::workload::Floor::decide).
fn sides(shared: &Shared, kind: Kind) -> Result<Sides, Box<dyn Error>> {
    let workload = shared.workload()?;
    let calls = workload.calls(kind)?;
    let asked: Vec<FloorCall> = calls.iter().map(|call| call.floor.clone()).collect();
    let floor = Rc::clone(&workload);
    Ok(Sides {
        ours: each(calls, move |asked: &Call| {
            let Call {
                caller,
                context,
                call,
                ..
            } = black_box(asked);
            black_box(workload.snapshot.judge(caller, call, context));
        }),
        floor: each(asked, move |asked| {
            black_box(floor.floor.decide(black_box(asked)));
        }),
    })
}

/// A workload that is made once, and only if it is asked for.
struct Shared {
    size: Size,
    made: OnceCell<Rc<Workload>>,
}

impl Shared {
    const fn new(size: Size) -> Self {
        Self {
            size,
            made: OnceCell::new(),
        }
    }

    fn workload(&self) -> Result<Rc<Workload>, Box<dyn Error>> {
        if let Some(made) = self.made.get() {
            return Ok(Rc::clone(made));
        }
        let made = Rc::new(Workload::new(self.size, Recording::Text)?);
        Ok(Rc::clone(self.made.get_or_init(|| made)))
    }
}
