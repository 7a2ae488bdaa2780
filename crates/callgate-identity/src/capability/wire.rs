//! Protobuf, read strictly: one spelling for each message.
//!
//! General readers pass over fields that they do not know, let the last of several win, and accept
//! numbers with superfluous bytes. Whoever looks at a token with another reader would see another
//! token. Here all of that is an error.

/// The bytes are not a message as it has to be spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// What one field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    pub(super) const fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) => Err(Malformed),
        }
    }

    pub(super) const fn number(self) -> Result<u64, Malformed> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Bytes(_) => Err(Malformed),
        }
    }

    pub(super) fn small(self) -> Result<u32, Malformed> {
        u32::try_from(self.number()?).map_err(|_| Malformed)
    }

    pub(super) fn text(self) -> Result<&'a str, Malformed> {
        str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    pub(super) fn exactly<const N: usize>(self) -> Result<[u8; N], Malformed> {
        self.bytes()?.try_into().map_err(|_| Malformed)
    }
}

/// The fields of a message, in ascending order of their numbers.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
    last: u64,
}

impl<'a> Fields<'a> {
    pub(super) const fn of(message: &'a [u8]) -> Self {
        Self {
            rest: message,
            last: 0,
        }
    }

    /// The next field: its number and what it holds.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let field = key >> 3;
        if field < self.last || field == 0 {
            return Err(Malformed);
        }
        self.last = field;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            _ => return Err(Malformed),
        };
        Ok(Some((field, value)))
    }

    /// The only field of a message, of which the number is `field`.
    pub(super) fn only(message: &'a [u8], field: u64) -> Result<Value<'a>, Malformed> {
        let mut fields = Self::of(message);
        match (fields.next()?, fields.next()?) {
            (Some((found, value)), None) if found == field => Ok(value),
            _ => Err(Malformed),
        }
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first().ok_or(Malformed)?;
            self.rest = rest;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Malformed);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                // A last byte without bits could be left out.
                return if *byte == 0 && shift > 0 {
                    Err(Malformed)
                } else {
                    Ok(number)
                };
            }
        }
        Err(Malformed)
    }
}

/// Sets what may stand once.
pub(super) fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Malformed> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &[u8], expected: Result<&[(u64, Value<'_>)], Malformed>) {
        let mut fields = Fields::of(message);
        let mut read = Vec::new();
        let outcome = loop {
            match fields.next() {
                Ok(Some(field)) => read.push(field),
                Ok(None) => break Ok(read.as_slice()),
                Err(error) => break Err(error),
            }
        };
        assert_eq!(outcome, expected);
    }

    #[test]
    fn messages() {
        check(&[], Ok(&[]));
        check(&[0x08, 0x96, 0x01], Ok(&[(1, Value::Number(150))]));
        check(
            &[0x12, 2, 7, 8, 0x12, 0],
            Ok(&[(2, Value::Bytes(&[7, 8])), (2, Value::Bytes(&[]))]),
        );
        let most = [0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1];
        check(&most, Ok(&[(1, Value::Number(u64::MAX))]));
    }

    #[test]
    fn other_spellings_and_broken_ones() {
        for message in [
            &[0x08][..],
            &[0x08, 0x80, 0x00],
            &[0x88, 0x00, 1],
            &[0x08, 0x80],
            &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
            &[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            &[0x12, 3, 1, 2],
            &[0x12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            &[0x10, 1, 0x08, 1],
            &[0x00, 1],
            &[0x0d, 0, 0, 0, 0],
            &[0x09, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x0b, 0x0c],
        ] {
            check(message, Err(Malformed));
        }
    }
}
