//! Decimal numbers.

/// Appends `value` in decimal digits.
pub(crate) fn push_number(out: &mut Vec<u8>, value: u64) {
    let mut digits = [b'0'; 20];
    let mut rest = value;
    let (pairs, _) = digits.as_chunks_mut::<2>();
    let mut used = 0_usize;
    for place in pairs.iter_mut().rev() {
        *place = pair(rest % 100);
        rest /= 100;
        used = used.saturating_add(2);
        if rest == 0 {
            break;
        }
    }
    let first = digits.len().saturating_sub(used);
    let digits = digits.get(first..).unwrap_or_default();
    // The first pair of all may begin with a zero too many.
    let digits = match digits {
        [b'0', rest @ ..] => rest,
        digits => digits,
    };
    out.extend_from_slice(digits);
}

/// The two decimal digits of `value`, which is below a hundred.
fn pair(value: u64) -> [u8; 2] {
    [digit(value / 10), digit(value % 10)]
}

/// The last six decimal digits of `value`, zeros in front.
pub(super) fn padded(value: u32) -> [u8; 6] {
    let value = u64::from(value);
    let mut digits = [b'0'; 6];
    let (pairs, _) = digits.as_chunks_mut::<2>();
    for (place, unit) in pairs.iter_mut().zip([10_000, 100, 1]) {
        *place = pair(value.checked_div(unit).unwrap_or_default() % 100);
    }
    digits
}

/// `value` is below ten.
fn digit(value: u64) -> u8 {
    b'0'.wrapping_add(u8::try_from(value).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let near = powers.flat_map(|power| [power - 1, power, power + 1]);
        for value in near.chain([12_345, 907_030, u64::MAX]) {
            let mut out = Vec::new();
            push_number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
        assert_eq!(padded(42), *b"000042");
        assert_eq!(padded(1_234_567), *b"234567");
    }
}
