//! Calls that are tried out before they are made.
//!
//! Which call is a dry run of which, the catalogue says. What counts is what the gate let run and saw
//! the end of; nothing that a model or a host says of a dry run is believed.

mod kept;
mod modes;
mod words;

pub(crate) use kept::{DryRuns, Found, Outcome};
pub(crate) use modes::Modes;
pub(crate) use words::{how_to_try, untried};
