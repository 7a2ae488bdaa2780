//! The encoder's tools: bytes into a buffer that is used again and again.

mod number;
mod object;
mod text;
mod time;
mod value;

pub(crate) use number::push_number;
pub(crate) use object::Object;
pub(crate) use text::{push_display, push_name, push_string};
pub(crate) use time::{TIME_BYTES, push_time};
pub(crate) use value::{
    push_bool, push_hex, push_list, push_name_or_null, push_null, push_number_or_null, push_word,
    push_word_or_null,
};

/// Appends `,"KEY":` as one piece. It needs no escapes, and something must stand before
/// it in the same object.
macro_rules! key {
    ($out:expr, $key:literal) => {
        $out.extend_from_slice(concat!(",\"", $key, "\":").as_bytes())
    };
}
pub(crate) use key;
