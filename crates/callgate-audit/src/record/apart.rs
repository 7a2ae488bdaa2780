//! Arguments of which some are kept in another way than the rest.

use callgate_types::{Arguments, Digest, Json, JsonKind, JsonRef};

use super::Keep;

/// No arguments are longer as they are written: one byte in three may become six.
const MAX_WRITTEN: usize = Json::MAX_BYTES * 6;

/// One argument that is kept in another way than the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Apart<'a> {
    /// Where it stands in the arguments: an RFC 6901 pointer. None stands within another.
    pub pointer: &'a str,
    /// What is kept of it.
    pub keep: Keep,
}

impl<'a> Apart<'a> {
    /// Keeps `keep` of the argument at `pointer`.
    pub const fn new(pointer: &'a str, keep: Keep) -> Self {
        Self { pointer, keep }
    }
}

/// The numbers of the values that are kept apart, as far as they are there.
pub(super) fn places(arguments: &Arguments, apart: &[Apart<'_>]) -> Vec<u32> {
    let values = apart
        .iter()
        .filter_map(|part| arguments.pointer(part.pointer));
    values.map(JsonRef::index).collect()
}

/// Writes `value` with `null` in the place of those values whose numbers stand in `apart`; the
/// depth of arguments bounds the recursion.
pub(crate) fn write(value: JsonRef<'_>, apart: &[u32], out: &mut Vec<u8>) {
    if apart.is_empty() {
        return value.write_minified(out);
    }
    if apart.contains(&value.index()) {
        return out.extend_from_slice(b"null");
    }
    match value.kind() {
        JsonKind::Object => {
            out.push(b'{');
            for (place, (key, member)) in value.pairs().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                key.write_minified(out);
                out.push(b':');
                write(member, apart, out);
            }
            out.push(b'}');
        }
        JsonKind::Array => {
            out.push(b'[');
            for (place, item) in value.items().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, apart, out);
            }
            out.push(b']');
        }
        _ => value.write_minified(out),
    }
}

/// The canonical digest of a JSON text that was written here.
pub(super) fn digest(text: Vec<u8>) -> Digest {
    // Escapes may have made it longer than arguments are.
    let json = String::from_utf8(text)
        .ok()
        .and_then(|text| Json::parse_within(MAX_WRITTEN, text).ok());
    json.map_or(Digest::ZERO, |json| json.digest())
}
