//! Looks at many bytes of a plain line in one step.

/// How many bytes are looked at together: the bits of a number.
pub(super) const WIDTH: usize = 64;

/// What some bytes of a line are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// A bit for each byte, from the lowest: whether it is one of those that stand for
    /// themselves in every word: letters, digits and `+`, `,`, `-`, `.`, `/`, `:`, `=`, `@`, `]`, `^`, `_`.
    pub(super) words: u64,
    /// The same of all bytes but blanks.
    pub(super) rest: u64,
    /// Whether some are `=`.
    pub(super) equals: bool,
    /// Whether some may be invisible, as the end of a line is.
    pub(super) hidden: bool,
}

impl Window {
    /// The first 64 bytes of `bytes`.
    #[inline]
    pub(super) fn of(bytes: &[u8]) -> Self {
        let bytes = bytes.get(..WIDTH).unwrap_or(bytes);
        let mut look = Look::default();
        let (chunks, rest) = bytes.as_chunks::<16>();
        let mut place = 0_u32;
        for chunk in chunks {
            look.at(chunk, [place, place.wrapping_add(8)]);
            place = place.wrapping_add(16);
        }
        if !rest.is_empty() {
            // The last bytes, of which some have been looked at.
            let len = u32::try_from(bytes.len()).unwrap_or(0);
            if let Some(last) = bytes.last_chunk::<16>() {
                look.at(last, [len.wrapping_sub(16), len.wrapping_sub(8)]);
            } else if let Some((first, last)) = bytes.first_chunk().zip(bytes.last_chunk()) {
                look.at(&join(*first, *last), [0, len.wrapping_sub(8)]);
            } else {
                let mut few = [b' '; 8];
                for (to, byte) in few.iter_mut().zip(rest) {
                    *to = *byte;
                }
                look.at(&join(few, few), [0, 0]);
            }
        }
        Self {
            words: look.words,
            rest: look.rest,
            equals: any(look.equals),
            hidden: any(look.hidden),
        }
    }
}

/// A window, as far as its bytes have been looked at.
#[derive(Default)]
struct Look {
    words: u64,
    rest: u64,
    equals: [u8; 16],
    hidden: [u8; 16],
}

impl Look {
    /// Looks at 16 bytes, of which each half has its place.
    #[inline]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "without branches all bytes are looked at in one step"
    )]
    fn at(&mut self, bytes: &[u8; 16], places: [u32; 2]) {
        let (mut words, mut rest) = ([0; 16], [0; 16]);
        let bits_of = words.iter_mut().zip(&mut rest);
        let flags = self.equals.iter_mut().zip(&mut self.hidden);
        for (((word, any), (equals, hidden)), &byte) in bits_of.zip(flags).zip(bytes) {
            let is_equals = byte == b'=';
            let is_blank = (byte == b' ') | (byte == b'\t');
            let is_seen = byte.wrapping_sub(b' ') <= b'~'.wrapping_sub(b' ');
            let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
            let is_figure = byte.wrapping_sub(b'+') <= b':'.wrapping_sub(b'+');
            let is_sign = byte.wrapping_sub(b']') <= b'_'.wrapping_sub(b']');
            let is_word = is_letter | is_figure | is_sign | is_equals | (byte == b'@');
            *word = u8::from(is_word);
            *any = u8::from(!is_blank);
            *equals |= u8::from(is_equals);
            *hidden |= u8::from(!is_seen);
        }
        self.words |= bits(&words, places);
        self.rest |= bits(&rest, places);
    }
}

/// A bit for each of sixteen bytes, which are 0 or 1: each half is moved to its place.
#[inline]
fn bits(bytes: &[u8; 16], places: [u32; 2]) -> u64 {
    let (halves, _) = bytes.as_chunks::<8>();
    halves.iter().zip(places).fold(0, |bits, (half, place)| {
        // Each bit is moved to a place of its own among the highest eight.
        let gathered = u64::from_le_bytes(*half).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits | gathered.wrapping_shl(place)
    })
}

#[inline]
fn any(flags: [u8; 16]) -> bool {
    u128::from_ne_bytes(flags) != 0
}

#[inline]
fn join(one: [u8; 8], other: [u8; 8]) -> [u8; 16] {
    let [low, high] = [one, other].map(|half| u128::from(u64::from_le_bytes(half)));
    (low | high << 64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn expected(bytes: &[u8]) -> Window {
        let mut window = Window::default();
        for (place, byte) in bytes.iter().take(WIDTH).enumerate() {
            let is_word = byte.is_ascii_alphanumeric() || b"+,-./:=@]^_".contains(byte);
            let is_blank = matches!(byte, b' ' | b'\t');
            window.words |= u64::from(is_word) << place;
            window.rest |= u64::from(!is_blank) << place;
            window.equals |= *byte == b'=';
            window.hidden |= !(b' '..=b'~').contains(byte);
        }
        window
    }

    #[test]
    fn every_byte_at_every_place() {
        for length in 0..=80 {
            let mut bytes: Vec<u8> = b"ls|-l =\n@Z9 &}! ^_:+;\t%]"
                .iter()
                .cycle()
                .take(length)
                .copied()
                .collect();
            assert_eq!(Window::of(&bytes), expected(&bytes), "{length}");
            for place in 0..length {
                let before = bytes[place];
                for byte in 0..=u8::MAX {
                    bytes[place] = byte;
                    assert_eq!(
                        Window::of(&bytes),
                        expected(&bytes),
                        "{length} {place} {byte}"
                    );
                }
                bytes[place] = before;
            }
        }
    }
}
