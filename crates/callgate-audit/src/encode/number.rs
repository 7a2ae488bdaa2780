//! Decimal numbers.

/// Appends `value` in decimal digits.
pub(crate) fn push_number(out: &mut Vec<u8>, value: u64) {
    let mut digits = [b'0'; 20];
    let mut rest = value;
    let mut used = 0_usize;
    for place in digits.iter_mut().rev() {
        *place = digit(rest % 10);
        rest /= 10;
        used = used.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    let first = digits.len().saturating_sub(used);
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
}

/// The last six decimal digits of `value`, zeros in front.
pub(super) fn padded(value: u32) -> [u8; 6] {
    let mut digits = [b'0'; 6];
    let mut rest = value;
    for place in digits.iter_mut().rev() {
        *place = digit(u64::from(rest % 10));
        rest /= 10;
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
        for value in [0, 1, 9, 10, 99, 100, 12_345, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
        assert_eq!(padded(42), *b"000042");
        assert_eq!(padded(1_234_567), *b"234567");
    }
}
