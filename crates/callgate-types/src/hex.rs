//! Bytes as lower-case hex digits.

/// Writes `bytes` into `out`, two digits for each, as far as there is room.
///
/// # Examples
///
/// ```
/// let mut digits = [0; 4];
/// callgate_types::hex::put(&[7, 0xab], &mut digits);
/// assert_eq!(&digits, b"07ab");
/// ```
#[inline]
pub fn put(bytes: &[u8], out: &mut [u8]) {
    let (pairs, _) = out.as_chunks_mut::<2>();
    // Without tables and branches, many digits are made in one step.
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 0x0f)];
    }
}

/// `value` is below sixteen.
#[inline]
const fn digit(value: u8) -> u8 {
    let letter = if value > 9 { b'a' - b'0' - 10 } else { 0 };
    value.wrapping_add(b'0').wrapping_add(letter)
}
