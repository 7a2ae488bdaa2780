//! Whole texts.

mod hostile;
mod model;
