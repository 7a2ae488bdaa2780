//! `decimal`: a number within bounds, by exact value.
//!
//! Protects tools that move money: `0.1` is not above `0.10`, and `scale = 2` refuses a tenth of
//! a cent.

use super::{Limits, Truth, Value, of_another_type};

#[inline]
pub(super) fn holds(limits: &Limits, scale: Option<u32>, value: Value<'_>) -> Truth {
    match value.as_number() {
        Some(number) => {
            (scale.is_none_or(|places| number.has_scale(places)) && limits.admit(number)).into()
        }
        None => of_another_type(value),
    }
}
