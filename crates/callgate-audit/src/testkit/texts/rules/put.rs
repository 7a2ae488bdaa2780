//! Rules about what is put and found.

use callgate_types::Digest;

use super::super::super::broken::{Finding, told};
use super::super::kit::TextKit;
use super::super::sample::{self, Sample, expect_all, expect_none, no_error, put};
use crate::Durability;
use crate::texts::{MAX_TEXTS, TextError, TextStore};

pub(super) fn opens<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    // Two at once: each has texts of its own.
    let (_one, _other) = (kit.openings.fresh()?, kit.openings.fresh()?);
    Ok(())
}

pub(super) fn begins_empty<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    expect_none("looking into a new store", &store, &Sample::new(1))?;
    expect_all("listing a new store", &store, &[])
}

pub(super) fn keeps_texts<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let mut all = Vec::new();
    for (what, odd) in Sample::odd() {
        put(
            &format!("putting {what}"),
            &store,
            std::slice::from_ref(&odd),
        )?;
        sample::expect_found(&format!("finding {what}"), &store, &odd)?;
        all.push(odd);
    }
    // Nothing says that a text is awaited durably.
    let accepted = Sample::new(1);
    let when = "putting a text that need not be durable";
    let told = sample::put_as(
        &store,
        std::slice::from_ref(&accepted),
        Durability::Accepted,
    )?;
    no_error(when, told)?;
    all.push(accepted);
    expect_all("finding all that was put", &store, &all)?;
    let other = kit.openings.fresh()?;
    expect_all("listing another store", &other, &[])
}

pub(super) fn many_texts<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let most = u64::try_from(MAX_TEXTS).unwrap_or(u64::MAX);
    let mut all = Sample::some(0..most);
    put(
        "putting as many texts as there may be at once",
        &store,
        &all,
    )?;
    let long: Vec<Sample> = (most..most.saturating_add(3))
        .map(Sample::longest)
        .collect();
    put("putting the longest texts there are", &store, &long)?;
    all.extend(long);
    let none: [Sample; 0] = [];
    let told = sample::put_as(&store, &none, Durability::Durable)?;
    no_error("putting no text", told)?;
    expect_all("finding many texts", &store, &all)
}

pub(super) fn too_many<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let one_more = u64::try_from(MAX_TEXTS)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let many = Sample::some(0..one_more);
    let refused = |when: &str, how: Result<(), TextError>| match how {
        Err(TextError::TooMany { .. }) => Ok(()),
        Err(error) => Err(Finding::new(when, "`TooMany`", told(&error))),
        Ok(()) => Err(Finding::new(when, "`TooMany`", "success")),
    };
    let when = "putting one text more than there may be at once";
    refused(when, sample::put_as(&store, &many, Durability::Durable)?)?;
    expect_all("listing after too many texts were put", &store, &[])?;
    put("putting two texts", &store, many.get(..2).unwrap_or(&many))?;
    let commitments: Vec<Digest> = many.iter().map(Sample::commitment).collect();
    let when = "erasing one text more than there may be at once";
    refused(when, store.erase(&commitments))?;
    let kept = many.get(..2).unwrap_or(&many);
    expect_all("listing after too many texts were erased", &store, kept)
}

pub(super) fn stores_once<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let samples = Sample::some(0..3);
    put("putting three texts", &store, &samples)?;
    let when = "putting texts that are there already";
    put(when, &store, &samples)?;
    expect_all(when, &store, &samples)?;
    // One text twice at once, and one that is new.
    let mut again = Sample::some([7, 7, 8]);
    let when = "putting one text twice at once";
    put(when, &store, &again)?;
    again.remove(0);
    let all = [samples, again].concat();
    expect_all(when, &store, &all)?;
    sample::erase("erasing all that was put twice", &store, &all)?;
    expect_all("listing after all was erased", &store, &[])
}

pub(super) fn lists_in_order<S: TextStore + 'static>(kit: &TextKit<S>) -> Result<(), Finding> {
    let store = kit.openings.fresh()?;
    let samples = Sample::some(0..20);
    put("putting twenty texts", &store, &samples)?;
    let mut sorted: Vec<Digest> = samples.iter().map(Sample::commitment).collect();
    sorted.sort_unstable();
    let nowhere = Sample::new(99).commitment();
    let ends = [Digest::ZERO, Digest::from_bytes([0xff; 32]), nowhere];
    let places = sorted.iter().copied().chain(ends).map(Some).chain([None]);
    for after in places {
        let behind = sorted
            .iter()
            .filter(|one| after.is_none_or(|it| **one > it));
        let behind: Vec<Digest> = behind.copied().collect();
        for most in [0, 1, 7, 20, usize::MAX] {
            let when = match after {
                Some(after) => format!("listing {most} texts from behind {after} on"),
                None => format!("listing {most} texts from the first on"),
            };
            let listed = no_error(&when, store.list(after, most))?;
            let expected = behind.get(..most).unwrap_or(&behind);
            if listed != expected {
                let (expected, found) = (expected.len(), listed.len());
                let expected = format!("the next {expected} in order");
                return Err(Finding::new(when, expected, format_args!("{found} others")));
            }
        }
    }
    Ok(())
}
