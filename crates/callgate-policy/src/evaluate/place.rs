//! Finding declared arguments in what a call brings.

use callgate_types::{JsonKind, JsonRef};

use super::fault::{self, ArgumentFault};
use crate::compile::{CompiledTool, Field, Level};

/// A member that stands where it may not.
#[derive(Clone, Copy)]
pub(super) struct Misplaced<'a> {
    level: &'a Level,
    key: JsonRef<'a>,
    /// The value, where it should be an object; `None` of a member that nobody declared.
    found: Option<JsonKind>,
}

impl Misplaced<'_> {
    #[cold]
    pub(super) fn fault(self) -> ArgumentFault {
        let pointer = fault::pointer_to(&self.level.pointer, self.key.as_str());
        match self.found {
            Some(found) => ArgumentFault::NotAnObject { pointer, found },
            None => ArgumentFault::Unknown { pointer },
        }
    }
}

/// Finds the declared arguments inside `object`, and puts the place of each into its slot. Stops
/// at the first member that stands where it may not.
///
/// The depth of the declarations bounds the recursion.
pub(super) fn place<'a>(
    tool: &'a CompiledTool,
    level: &'a Level,
    object: JsonRef<'a>,
    slots: &mut [u32],
) -> Option<Misplaced<'a>> {
    let mut guess = 0;
    for (key, value) in object.pairs() {
        match level.field(&mut guess, key.text_bytes()) {
            Some(Field::Leaf(slot)) => {
                if let Some(slot) = slots.get_mut(slot as usize) {
                    *slot = value.index();
                }
            }
            Some(Field::Level(inner)) => {
                let inside = tool.levels.get(inner as usize);
                let misplaced = match inside {
                    Some(inside) if value.kind() == JsonKind::Object => {
                        if let Some(slot) = inside.slot
                            && let Some(slot) = slots.get_mut(slot as usize)
                        {
                            *slot = value.index();
                        }
                        place(tool, inside, value, slots)
                    }
                    _ => Some(Misplaced {
                        level,
                        key,
                        found: Some(value.kind()),
                    }),
                };
                if misplaced.is_some() {
                    return misplaced;
                }
            }
            None if level.open => {}
            None => {
                return Some(Misplaced {
                    level,
                    key,
                    found: None,
                });
            }
        }
    }
    None
}
