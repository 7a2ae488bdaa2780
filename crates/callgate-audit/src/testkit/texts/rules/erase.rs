//! Rules about what is erased.

use std::collections::HashMap;

use callgate_types::Digest;

use super::super::super::broken::Finding;
use super::super::kit::TextKit;
use super::super::sample::{Sample, erase, expect_all, expect_none, no_error, put};
use crate::texts::{MAX_TEXTS, TextStore};

/// Every part that is looked for has at least so many bytes.
const START: usize = 8;

pub(super) fn erases<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let mut all = Sample::some(0..400);
    all.push(Sample::longest(1000));
    put("putting many texts", &store, &all)?;
    // One, several, and as many as there may be at once; not in the order in which they came.
    for count in [1, 7, MAX_TEXTS] {
        let stride = (0..all.len())
            .rev()
            .step_by(all.len().div_euclid(count).max(1));
        let gone: Vec<usize> = stride.take(count).collect();
        let erased: Vec<Sample> = gone.into_iter().map(|at| all.remove(at)).collect();
        let when = format!("erasing {} texts", erased.len());
        erase(&when, &store, &erased)?;
        for sample in &erased {
            expect_none(&when, &store, sample)?;
        }
        expect_all(
            &format!("looking for the others after {when}"),
            &store,
            &all,
        )?;
    }
    put(
        "putting a text after others were erased",
        &store,
        &Sample::some([5000]),
    )?;
    all.push(Sample::new(5000));
    expect_all(
        "finding a text that came after others were erased",
        &store,
        &all,
    )
}

pub(super) fn erases_again<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let samples = Sample::some(0..3);
    let none: [Digest; 0] = [];
    no_error("erasing nothing", store.erase(&none))?;
    erase("erasing texts that were never there", &store, &samples)?;
    put("putting three texts", &store, &samples)?;
    let twice = Sample::some([0, 0]);
    for when in ["erasing a text twice at once", "erasing a text again"] {
        erase(when, &store, &twice)?;
        let left = samples.get(1..).unwrap_or(&samples);
        expect_all(when, &store, left)?;
    }
    Ok(())
}

pub(super) fn leaves_no_trace<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    // Short ones, and those that a store may keep elsewhere; none is like another.
    let secret = |number: u64| {
        let part = format!("secret-{number}-");
        let times = usize::try_from(number % 9).unwrap_or(0).pow(3);
        Sample::of(number, format!("\"{}\"", part.repeat(times.max(1))))
    };
    let mut all: Vec<Sample> = (0..120).map(secret).collect();
    put("putting texts to be erased", &store, &all)?;
    if kit.bytes_of(&store).is_none() {
        return Ok(());
    }
    let mut gone: Vec<Sample> = Vec::new();
    for round in 0..6_u64 {
        // From the last on: those before it keep their places.
        let chosen = (0..all.len()).rev().zip(round..);
        let chosen = chosen.filter(|(_, count)| count.is_multiple_of(4));
        let chosen: Vec<usize> = chosen.map(|(at, _)| at).collect();
        let erased: Vec<Sample> = chosen.into_iter().map(|at| all.remove(at)).collect();
        erase("erasing texts", &store, &erased)?;
        gone.extend(erased);
        let bytes = match kit.bytes_of(&store) {
            None => return Ok(()),
            Some(bytes) => bytes?,
        };
        let parts = gone.iter().flat_map(|sample| {
            let text = sample.text().trim_matches('"').as_bytes();
            let start = text.get(..32).unwrap_or(text);
            [("its start", start), ("its salt", sample.salt().as_slice())]
        });
        if let Some(what) = first_of(parts, &bytes) {
            let when = "looking for an erased text in all bytes of the store";
            return Err(Finding::new(when, "nothing of it", what));
        }
        expect_all("finding the texts that were not erased", &store, &all)?;
        let from = round.saturating_mul(20).saturating_add(500);
        let more: Vec<Sample> = (from..from.saturating_add(20)).map(secret).collect();
        put("putting texts after others were erased", &store, &more)?;
        all.extend(more);
    }
    Ok(())
}

/// What the first of `parts` is that stands in `bytes`.
fn first_of<'a>(parts: impl Iterator<Item = (&'a str, &'a [u8])>, bytes: &[u8]) -> Option<&'a str> {
    let mut by_start: HashMap<&[u8], Vec<(&str, &[u8])>> = HashMap::new();
    // A store may have millions of bytes: where no part begins with these two, nothing is looked up.
    let mut begins = vec![false; 1 << 16];
    for (what, part) in parts {
        let start = part.get(..START).unwrap_or(part);
        by_start.entry(start).or_default().push((what, part));
        if let [one, two, ..] = *start
            && let Some(begins) = begins.get_mut(usize::from(u16::from_be_bytes([one, two])))
        {
            *begins = true;
        }
    }
    let places = bytes.windows(START).enumerate();
    places.into_iter().find_map(|(at, window)| {
        let [one, two, ..] = *window else { return None };
        let begins = begins.get(usize::from(u16::from_be_bytes([one, two])));
        if begins == Some(&false) {
            return None;
        }
        let rest = bytes.get(at..)?;
        let parts = by_start.get(window)?;
        parts
            .iter()
            .find_map(|(what, part)| rest.starts_with(part).then_some(*what))
    })
}
