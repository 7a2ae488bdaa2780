//! The table of promises.
//!
//! A promise is ours and the floor, as two blocks: a block passes once over its calls, and hands
//! what is to be measured to a [`Meter`]. What it prepares before and puts away afterwards is
//! nobody's cost.

mod authorize;
mod decide;
mod parse;

use std::error::Error;
use std::fmt;

/// Measures what it is handed: the time it takes, or its allocations.
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
}

/// Makes both sides; loading a policy may fail.
type Make = Box<dyn FnOnce() -> Result<Sides, Box<dyn Error>>>;

/// One row.
pub struct Promise {
    /// The name: the group, and what tells its rows apart.
    pub name: String,
    /// At most this many times the floor; `None` where the row is only printed.
    pub ratio: Option<f64>,
    /// At most so many allocations a call; `None` where nothing is promised.
    pub allocations: Option<u64>,
    /// Takes its time: left out of a quick run.
    pub slow: bool,
    make: Make,
}

impl Promise {
    fn new(
        name: impl Into<String>,
        make: impl FnOnce() -> Result<Sides, Box<dyn Error>> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            ratio: None,
            allocations: None,
            slow: false,
            make: Box::new(make),
        }
    }

    fn at_most(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
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

    /// Makes what is measured.
    ///
    /// # Errors
    ///
    /// Fails where the workload cannot be made.
    pub fn make(self) -> Result<Sides, Box<dyn Error>> {
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
    all.extend(authorize::promises());
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
            let mut sides = promise.make().unwrap();
            let (mut ours, mut floor) = (Calls(0), Calls(0));
            (sides.ours)(&mut ours);
            (sides.floor)(&mut floor);
            assert!(ours.0 > 0 && ours.0 == floor.0, "{names:?}");
        }
    }
}
