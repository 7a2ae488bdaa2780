//! The table of promises.
//!
//! A promise is ours and the floor, mostly as two blocks: a block passes once over its calls, and
//! hands what is to be measured to a [`Meter`]. What it prepares before and puts away afterwards is
//! nobody's cost.

mod append;
mod ask;
mod authorize;
mod capability;
mod decide;
mod durable;
mod further;
mod identity;
mod limits;
mod load;
mod matcher;
mod parse;
mod postgres;
mod recorded;
mod scaling;
mod sqlite;
mod stored;
mod text;
mod threads;
mod verify;

use std::error::Error;
use std::fmt;

/// Measures what it is handed: the time it takes, its allocations, or what it leaves on the heap.
pub trait Meter {
    /// Runs `work`, which is so many `calls`.
    fn measure(&mut self, calls: usize, work: &mut dyn FnMut());
}

/// One pass over the calls of a workload.
pub type Block = Box<dyn FnMut(&mut dyn Meter)>;

/// Ours and the floor.
#[expect(missing_debug_implementations, reason = "closures show nothing")]
pub struct Sides {
    /// What is promised to be quick.
    pub ours: Block,
    /// What it is compared with.
    pub floor: Block,
    /// What is taken off ours, and among how many parts the rest is divided.
    pub less: Option<(Block, u32)>,
}

impl Sides {
    fn new(ours: Block, floor: Block) -> Self {
        let less = None;
        Self { ours, floor, less }
    }

    fn less(mut self, less: Block, parts: u32) -> Self {
        self.less = Some((less, parts));
        self
    }
}

/// One round of ours and the floor that knows its own figures; `None` where it went wrong.
pub type Scaling = Box<dyn FnMut() -> Option<(f64, f64)>>;

/// What is measured, and how.
#[expect(missing_debug_implementations, reason = "closures show nothing")]
pub enum Subject {
    /// The time of a call.
    Time(Sides),
    /// What is on the heap afterwards, a call.
    Heap(Sides),
    /// How many times as much two threads get done as one.
    Scaling(Scaling),
    /// How long something takes that a round measures by itself, in nanoseconds.
    Durations(Scaling),
    /// How many records are durable after a second.
    Rate(Scaling),
    /// What it takes is not installed: why it is not measured.
    Skipped(&'static str),
}

/// Makes what is measured; loading a policy may fail.
type Make = Box<dyn FnOnce() -> Result<Subject, Box<dyn Error>>>;

/// What is promised of a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// At most so many times the floor.
    AtMost(f64),
    /// At least so many times the floor.
    AtLeast(f64),
}

impl Bound {
    /// Whether `ratio` keeps the promise. What is no number keeps none.
    pub fn is_kept(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(most) => ratio <= most,
            Self::AtLeast(least) => ratio >= least,
        }
    }
}

/// One row.
pub struct Promise {
    /// The name: the group, and what tells its rows apart.
    pub name: String,
    /// What is promised; `None` where the row is only printed.
    pub bound: Option<Bound>,
    /// At most so many allocations a call; `None` where nothing is promised.
    pub allocations: Option<u64>,
    /// Takes its time: left out of a quick run.
    pub slow: bool,
    /// How many rounds there are, and in a quick run.
    pub rounds: (usize, usize),
    make: Make,
}

impl Promise {
    /// A row about time.
    fn new(
        name: impl Into<String>,
        make: impl FnOnce() -> Result<Sides, Box<dyn Error>> + 'static,
    ) -> Self {
        Self::of(name, || make().map(Subject::Time))
    }

    /// A row about memory, which is the same in every round.
    fn weighing(
        name: impl Into<String>,
        make: impl FnOnce() -> Result<Sides, Box<dyn Error>> + 'static,
    ) -> Self {
        Self::of(name, || make().map(Subject::Heap)).rounds(1, 1)
    }

    /// A row about two threads.
    fn scaling(
        name: impl Into<String>,
        make: impl FnOnce() -> Result<Scaling, Box<dyn Error>> + 'static,
    ) -> Self {
        Self::of(name, || make().map(Subject::Scaling))
    }

    /// A row about times that its rounds measure themselves, in nanoseconds.
    fn durations(
        name: impl Into<String>,
        make: impl FnOnce() -> Result<Scaling, Box<dyn Error>> + 'static,
    ) -> Self {
        Self::of(name, || make().map(Subject::Durations))
    }

    /// A row about records a second. Such rows write to the disk and take their time.
    fn rate(
        name: impl Into<String>,
        make: impl FnOnce() -> Result<Subject, Box<dyn Error>> + 'static,
    ) -> Self {
        Self::of(name, make).slow(true)
    }

    fn of(
        name: impl Into<String>,
        make: impl FnOnce() -> Result<Subject, Box<dyn Error>> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            bound: None,
            allocations: None,
            slow: false,
            rounds: (1_001, 51),
            make: Box::new(make),
        }
    }

    fn at_most(mut self, ratio: f64) -> Self {
        self.bound = Some(Bound::AtMost(ratio));
        self
    }

    fn at_least(mut self, ratio: f64) -> Self {
        self.bound = Some(Bound::AtLeast(ratio));
        self
    }

    fn allocating(mut self, at_most: u64) -> Self {
        self.allocations = Some(at_most);
        self
    }

    fn slow(mut self, slow: bool) -> Self {
        self.slow = slow;
        self
    }

    fn rounds(mut self, all: usize, quick: usize) -> Self {
        self.rounds = (all, quick);
        self
    }

    /// Makes what is measured.
    ///
    /// # Errors
    ///
    /// Fails where the workload cannot be made.
    pub fn make(self) -> Result<Subject, Box<dyn Error>> {
        (self.make)()
    }
}

impl fmt::Debug for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// All promises, in the order in which they are printed.
pub fn all() -> Vec<Promise> {
    let mut all = parse::promises();
    all.extend(decide::promises());
    all.extend(further::promises());
    all.extend(threads::promises());
    all.extend(text::promises());
    all.extend(matcher::promises());
    all.extend(load::promises());
    all.extend(identity::promises());
    all.extend(append::promises());
    all.extend(capability::promises());
    all.extend(authorize::promises());
    all.extend(ask::promises());
    all.extend(durable::promises());
    all.extend(verify::promises());
    all.extend(limits::promises());
    all.extend(sqlite::promises());
    all.extend(postgres::promises());
    all
}

/// A block that does `one` for each of `items`, and nothing else.
fn each<T: 'static>(items: Vec<T>, mut one: impl FnMut(&T) + 'static) -> Block {
    Box::new(move |meter| {
        meter.measure(items.len(), &mut || {
            for item in &items {
                one(item);
            }
        });
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts calls.
    struct Calls(usize);

    impl Meter for Calls {
        fn measure(&mut self, calls: usize, work: &mut dyn FnMut()) {
            work();
            self.0 = self.0.saturating_add(calls);
        }
    }

    #[test]
    fn both_sides_run_the_same_number_of_calls() {
        let mut names: Vec<String> = Vec::new();
        for promise in all().into_iter().filter(|promise| !promise.slow) {
            assert!(!names.contains(&promise.name), "{} twice", promise.name);
            names.push(promise.name.clone());
            let mut sides = match promise.make().unwrap() {
                Subject::Time(sides) | Subject::Heap(sides) => sides,
                Subject::Skipped(_) => continue,
                Subject::Scaling(mut round)
                | Subject::Durations(mut round)
                | Subject::Rate(mut round) => {
                    let (ours, floor) = round().unwrap();
                    assert!(ours > 0.0 && floor > 0.0);
                    continue;
                }
            };
            let (mut ours, mut floor) = (Calls(0), Calls(0));
            (sides.ours)(&mut ours);
            (sides.floor)(&mut floor);
            assert!(ours.0 > 0 && ours.0 == floor.0, "{names:?}");
            if let Some((less, parts)) = &mut sides.less {
                let mut taken_off = Calls(0);
                less(&mut taken_off);
                assert!(*parts > 0 && ours.0 == taken_off.0, "{names:?}");
            }
        }
    }
}
