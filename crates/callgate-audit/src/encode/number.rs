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

/// Appends the last `width` digits of `value`; at most six.
pub(super) fn push_padded(out: &mut Vec<u8>, value: u32, width: usize) {
    let mut digits = [b'0'; 6];
    let mut rest = value;
    for place in digits.iter_mut().rev().take(width) {
        *place = digit(u64::from(rest % 10));
        rest /= 10;
    }
    let first = digits.len().saturating_sub(width);
    out.extend_from_slice(digits.get(first..).unwrap_or_default());
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
        let mut out = Vec::new();
        push_padded(&mut out, 42, 6);
        assert_eq!(out, b"000042");
    }
}
