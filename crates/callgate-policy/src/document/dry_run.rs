//! How a tool is tried out.

use callgate_types::Arguments;

use super::{Pointer, Scalar};

/// How a call of a tool is tried out before it is made: as a call of `tool` with the same
/// arguments, but that `argument` says so.
///
/// At least one of the two is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DryRun {
    /// The tool that is called instead; `None` is the tool itself.
    pub tool: Option<Box<str>>,
    /// The argument of that tool which says that nothing is to happen, and its value then.
    pub argument: Option<(Pointer, Scalar)>,
}

impl DryRun {
    /// Whether a call with these arguments, of the tool that is called, is in dry-run mode.
    pub fn is_met(&self, arguments: &Arguments) -> bool {
        let Some((pointer, wanted)) = &self.argument else {
            return true;
        };
        let Some(value) = arguments.pointer(pointer.as_str()) else {
            return false;
        };
        match wanted {
            Scalar::Text(text) => value.as_str() == Some(text),
            Scalar::Boolean(wanted) => value.as_bool() == Some(*wanted),
            Scalar::Number(wanted) => value
                .as_number()
                .is_some_and(|number| wanted.compare(number).is_eq()),
        }
    }
}
