//! Parsing arguments.

use std::error::Error;
use std::hint::black_box;

use callgate::Arguments;
use serde_json::Value;

use super::{Promise, Sides, each};
use crate::workload;

pub(super) fn promises() -> Vec<Promise> {
    vec![Promise::new("parse", sides).at_most(0.6)]
}

/// Text to tree and its drop, strictly; against text to `Value` and its drop.
fn sides() -> Result<Sides, Box<dyn Error>> {
    let texts = workload::texts()?;
    Ok(Sides::new(
        each(texts.clone(), |text| {
            drop(black_box(Arguments::parse(black_box(&**text))));
        }),
        each(texts, |text| {
            drop(black_box(serde_json::from_str::<Value>(black_box(text))));
        }),
    ))
}
