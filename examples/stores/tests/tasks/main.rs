//! Two processes, each with a gate, that share a store: what one takes back, the other knows in time; and a store
//! that is gone denies everything, and says why.

mod desk;
#[cfg(unix)]
mod postgres;
mod sqlite;

use std::error::Error;

type Tried<T = ()> = Result<T, Box<dyn Error>>;

/// What is said of any call while nobody knows who was revoked.
const UNKNOWN: &str = "standing_unknown: it is not known who was revoked: the standing store has not answered in time";
