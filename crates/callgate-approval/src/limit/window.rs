//! For how long what was counted is kept.

use std::time::Duration;

/// For how long what was counted is kept.
///
/// Time is cut into slices, and a store keeps one sum for each. A call falls into the slice of the
/// moment at which it was reserved; what falls into slices before [`Window::oldest`] is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Window {
    /// For ever.
    Ever,
    /// Until the next multiple of this length since the beginning of 1970, UTC.
    Fixed(Duration),
    /// For this length, and at most a sixtieth of it longer: **in no interval of this length is more
    /// let through than the limit**, wherever it begins.
    Sliding(Duration),
}

impl Window {
    /// Into how many slices the length of a sliding window is cut.
    const SLICES: i64 = 60;

    /// The slice of a moment in milliseconds since the beginning of 1970.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use callgate_approval::limit::Window;
    ///
    /// let minute = Window::Fixed(Duration::from_secs(60));
    /// assert_eq!((minute.slice(59_999), minute.slice(60_000)), (0, 1));
    /// assert_eq!(minute.oldest(1), 1);
    ///
    /// let sliding = Window::Sliding(Duration::from_secs(60));
    /// assert_eq!((sliding.slice(59_999), sliding.slice(60_000)), (59, 60));
    /// assert_eq!(sliding.oldest(60), 0);
    /// ```
    pub fn slice(self, millis: i64) -> i64 {
        match self {
            Self::Ever => 0,
            Self::Fixed(length) => whole(millis, in_millis(length)),
            Self::Sliding(length) => whole(millis, resolution(length)),
        }
    }

    /// The oldest slice of which something still counts in `slice`.
    pub fn oldest(self, slice: i64) -> i64 {
        match self {
            Self::Ever | Self::Fixed(_) => slice,
            Self::Sliding(length) => {
                slice.saturating_sub(rounded_up(in_millis(length), resolution(length)))
            }
        }
    }

    /// The moment from which on nothing of `slice` counts, in milliseconds since the beginning of
    /// 1970; the latest moment there is for [`Window::Ever`].
    pub fn end(self, slice: i64) -> i64 {
        let step = match self {
            Self::Ever => return i64::MAX,
            Self::Fixed(length) => in_millis(length),
            Self::Sliding(length) => resolution(length),
        };
        let kept = slice.saturating_sub(self.oldest(slice));
        slice
            .saturating_add(kept)
            .saturating_add(1)
            .saturating_mul(step)
    }
}

fn in_millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX).max(1)
}

/// The length of a slice of a sliding window.
fn resolution(length: Duration) -> i64 {
    rounded_up(in_millis(length), Window::SLICES)
}

/// How many whole `steps` lie before `millis`.
fn whole(millis: i64, step: i64) -> i64 {
    millis.checked_div_euclid(step).unwrap_or(0)
}

/// `length` divided by `by`, both above zero, rounded up.
fn rounded_up(length: i64, by: i64) -> i64 {
    let more = i64::from(length.checked_rem(by).is_some_and(|rest| rest != 0));
    length
        .checked_div(by)
        .unwrap_or(length)
        .saturating_add(more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever was reserved in the length of a window before a moment still counts then.
        #[test]
        fn nothing_is_over_too_early(
            length in 1_u64..100_000_000, now in -1_000_000_000_i64..2_000_000_000_000, ago in 0_i64..100_000_000,
        ) {
            let window = Window::Sliding(Duration::from_millis(length));
            let ago = ago.min(i64::try_from(length).unwrap().wrapping_sub(1));
            let then = window.slice(now.wrapping_sub(ago));
            prop_assert!(then >= window.oldest(window.slice(now)));
            prop_assert!(window.end(then) > now);
        }

        /// And not for long: a sixtieth of the length, and two milliseconds that are rounded up.
        #[test]
        fn nothing_counts_for_long(length in 1_u64..100_000_000, then in 0_i64..2_000_000_000_000) {
            let window = Window::Sliding(Duration::from_millis(length));
            let length = i64::try_from(length).unwrap();
            let resolution = resolution(Duration::from_millis(length.unsigned_abs()));
            let over = window.end(window.slice(then));
            let late = over.wrapping_sub(then).wrapping_sub(length);
            prop_assert!(late <= resolution.wrapping_mul(2), "{late} {resolution}");
            prop_assert!(window.oldest(window.slice(over)) > window.slice(then));
            prop_assert!(window.oldest(window.slice(over.wrapping_sub(1))) <= window.slice(then));
        }

        #[test]
        fn fixed_windows_tile(length in 1_u64..100_000_000, now in 0_i64..2_000_000_000_000) {
            let window = Window::Fixed(Duration::from_millis(length));
            let slice = window.slice(now);
            let end = window.end(slice);
            prop_assert!(now < end && window.slice(end) == slice.wrapping_add(1));
            prop_assert_eq!(window.slice(end.wrapping_sub(1)), slice);
        }
    }

    #[test]
    fn extremes() {
        for window in [
            Window::Ever,
            Window::Fixed(Duration::MAX),
            Window::Sliding(Duration::MAX),
            Window::Fixed(Duration::ZERO),
            Window::Sliding(Duration::ZERO),
        ] {
            for moment in [i64::MIN, -1, 0, 1, i64::MAX] {
                let slice = window.slice(moment);
                assert!(window.oldest(slice) <= slice, "{window:?} {moment}");
                let end = window.end(slice);
                assert!(
                    moment < 0 || end > moment || end == i64::MAX,
                    "{window:?} {moment}"
                );
            }
        }
    }
}
