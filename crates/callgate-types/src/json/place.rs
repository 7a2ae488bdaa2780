//! Which value a byte of a text belongs to.

use super::Json;
use super::pointer::push_token;

/// The RFC 6901 pointer to the value or the member in which the byte at `at` stands; empty for the
/// outermost value.
///
/// What stands before that byte must have been read without an error. A key that is not complete
/// there leads no further than to its object.
pub(super) fn pointer(text: &str, at: usize) -> String {
    let mut around = Around::default();
    let mut string = None;
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().take(at) {
        match (string, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(start), b'"') => {
                around.string(start);
                string = None;
            }
            (Some(_), _) => {}
            (None, b'"') => string = Some(place),
            (None, byte) => around.token(byte),
        }
    }
    if string.is_none() && text.as_bytes().get(at) == Some(&b'"') {
        // The key of a member may be wrong as a whole.
        around.string(at);
    }
    around.pointer(text)
}

/// The containers around a place, the outermost first.
#[derive(Default)]
struct Around(Vec<Step>);

/// Where in a container a place is.
enum Step {
    /// Before a key.
    Object,
    /// Behind the key whose opening quote stands there.
    Member(usize),
    Item(usize),
}

impl Around {
    /// A byte outside of strings.
    fn token(&mut self, byte: u8) {
        match byte {
            b'{' => self.0.push(Step::Object),
            b'[' => self.0.push(Step::Item(0)),
            b'}' | b']' => drop(self.0.pop()),
            b',' => match self.0.last_mut() {
                Some(Step::Item(index)) => *index = index.saturating_add(1),
                Some(step) => *step = Step::Object,
                None => {}
            },
            _ => {}
        }
    }

    /// A string, which is a key where one is due.
    fn string(&mut self, start: usize) {
        if let Some(step @ Step::Object) = self.0.last_mut() {
            *step = Step::Member(start);
        }
    }

    fn pointer(&self, text: &str) -> String {
        let mut pointer = String::new();
        for step in &self.0 {
            match step {
                Step::Object => break,
                Step::Item(index) => pointer.extend(["/", &index.to_string()]),
                Step::Member(start) => {
                    let Some(key) = key(text, *start) else { break };
                    push_token(&mut pointer, &key);
                }
            }
        }
        pointer
    }
}

/// The key whose opening quote stands at `start`, if it is complete.
fn key(text: &str, start: usize) -> Option<String> {
    let rest = text.get(start..)?;
    let mut escaped = false;
    let end = rest.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    let key = Json::parse(rest.get(..end.checked_add(2)?)?).ok()?;
    key.root().as_str().map(str::to_owned)
}
