//! `decimal`: a number within bounds, by exact value.
//!
//! Protects tools that move money: `0.1` is not above `0.10`, and `scale = 2` refuses a tenth of
//! a cent.

use callgate_types::JsonRef;

use super::{Limits, Truth};

#[inline]
pub(super) fn holds_of(limits: &Limits, scale: Option<u32>, json: JsonRef<'_>) -> Truth {
    match limits.admit(json) {
        Some(within) => {
            let scaled = scale.is_none_or(|places| json.has_scale(places) == Some(true));
            (within && scaled).into()
        }
        None => Truth::Unknown,
    }
}
