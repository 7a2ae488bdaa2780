//! The encoder's tools: bytes into a buffer that is used again and again.

mod number;
mod object;
mod text;
mod time;

pub(crate) use number::push_number;
pub(crate) use object::Object;
pub(crate) use text::{push_display, push_name, push_string};
pub(crate) use time::{TIME_BYTES, push_time};
