//! Loading a policy, and what it keeps in memory.

use std::error::Error;
use std::hint::black_box;

use callgate::policy::Policy;
use toml::Table;

use super::{Block, Meter, Promise, Sides};
use crate::workload::{Floor, Size, policy_text};

/// Sizes by name, with the number of `[[rules]]` that are permits.
const SIZES: [(&str, Size, usize); 3] = [
    ("1000", Size::S1000, 1_000),
    ("10000", Size::S10000, 10_000),
    ("100000", Size::S100000, 10_000),
];

pub(super) fn promises() -> Vec<Promise> {
    let load = SIZES.into_iter().map(|(name, size, rules)| {
        let promise = Promise::new(format!("load/{name}"), move || load(size, rules));
        let rounds = if rules > 1_000 { 15 } else { 101 };
        let promise = promise.at_most(2.0).slow(rules > 1_000);
        promise.rounds(rounds, 3)
    });
    let heap = SIZES.into_iter().flat_map(|(name, size, _)| {
        let slow = size != Size::S1000;
        [
            Promise::weighing(format!("heap/{name}"), move || {
                heap(size, Weighed::Compiled)
            })
            .at_most(0.5)
            .slow(slow),
            Promise::weighing(format!("heap/{name}/whole"), move || {
                heap(size, Weighed::Whole)
            })
            .slow(slow),
        ]
    });
    load.chain(heap).collect()
}

/// From text to a snapshot that judges; against reading the same text into a table, and the floor
/// of a decision out of it. A call is a rule.
fn load(size: Size, rules: usize) -> Result<Sides, Box<dyn Error>> {
    let text = policy_text(size);
    let same = text.clone();
    callgate::parse_policy(&text, "workload.toml")?;
    floor_of(&text).ok_or("the floor cannot be read")?;
    Ok(Sides::new(
        making(rules, move || {
            callgate::parse_policy(black_box(&text), "workload.toml").ok()
        }),
        making(rules, move || floor_of(black_box(&same))),
    ))
}

#[derive(Clone, Copy)]
enum Weighed {
    /// What calls are judged by.
    Compiled,
    /// With the document, which is what its author wrote: names, notation and lines.
    Whole,
}

/// The heap of a policy an entry; against that of the floor.
fn heap(size: Size, weighed: Weighed) -> Result<Sides, Box<dyn Error>> {
    let text = policy_text(size);
    let (same, again) = (text.clone(), text.clone());
    let entries = floor_of(&text).ok_or("the floor cannot be read")?.len();
    let whole = making(entries, move || Policy::parse(&text, "workload.toml").ok());
    let floor = making(entries, move || floor_of(&same));
    let sides = Sides::new(whole, floor);
    Ok(match weighed {
        Weighed::Whole => sides,
        Weighed::Compiled => {
            let document = making(entries, move || {
                let policy = Policy::parse(&again, "workload.toml").ok()?;
                Some(policy.into_document())
            });
            sides.less(document, 1)
        }
    })
}

fn floor_of(text: &str) -> Option<Floor<String>> {
    let table: Table = text.parse().ok()?;
    Floor::of_table(&table)
}

/// A block that makes something big, and drops it after it was measured.
fn making<T: 'static>(parts: usize, make: impl Fn() -> T + 'static) -> Block {
    Box::new(move |meter: &mut dyn Meter| {
        let mut kept = None;
        meter.measure(parts, &mut || kept = Some(black_box(make())));
    })
}
