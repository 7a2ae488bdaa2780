//! Arguments meet the closed world of their tool.

use std::fmt;

use callgate_types::{Arguments, Caller, Context, JsonKind, JsonRef};

use super::fault::{self, ArgumentFault};
use super::list::List;
use super::{ResourceNames, Scene, ToolRef, Truth, Value};
use crate::compile::Field;

/// Arguments that a tool has accepted, and where each declared one stands.
#[derive(Clone)]
pub struct Bound<'a> {
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
    /// For each declared argument the place of its value; 0, the place of the outermost object,
    /// where it is absent.
    slots: List,
}

/// Most resources that one call may name.
pub(super) const MAX_RESOURCES: usize = 10_000;

impl<'a> Bound<'a> {
    /// The arguments.
    #[inline]
    pub const fn arguments(&self) -> &'a Arguments {
        self.arguments
    }

    /// The tool that accepted them.
    pub const fn tool(&self) -> ToolRef<'a> {
        self.tool
    }

    #[inline]
    pub(super) fn slot(&self, slot: u32) -> Option<JsonRef<'a>> {
        match self.slots.as_slice().get(slot as usize) {
            None | Some(0) => None,
            Some(place) => self.arguments.as_json().element(*place),
        }
    }
}

/// Shows no contents: arguments may hold secrets.
impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound")
            .field("tool", &self.tool)
            .finish_non_exhaustive()
    }
}

pub(super) fn bind<'a>(
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
    caller: Option<&Caller>,
    context: Option<&Context>,
) -> Result<Bound<'a>, ArgumentFault> {
    let entry = tool.entry();
    let bound = locate(tool, arguments)?;
    let scene = Scene {
        compiled: tool.compiled(),
        bound: &bound,
        caller,
        context,
        resource: None,
        memo: None,
    };
    for (argument, place) in entry.arguments.iter().zip(bound.slots.as_slice()) {
        let value = match arguments.as_json().element(*place) {
            Some(value) if *place != 0 => value,
            _ if argument.optional => continue,
            _ => {
                return Err(ArgumentFault::Missing {
                    pointer: fault::pointer_to(&argument.pointer, None),
                });
            }
        };
        if argument.test.holds(Value::Json(value), &scene) != Truth::Yes {
            return Err(ArgumentFault::Refused {
                pointer: fault::pointer_to(&argument.pointer, None),
                matcher: argument.test.refusing_word(Value::Json(value), &scene),
                found: value.kind(),
            });
        }
    }
    Ok(bound)
}

/// Finds the arguments, all of which must be declared, and tests none of them.
pub(super) fn locate<'a>(
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
) -> Result<Bound<'a>, ArgumentFault> {
    let mut bound = Bound {
        tool,
        arguments,
        slots: List::zeros(tool.entry().arguments.len()),
    };
    place(tool, 0, arguments.root(), bound.slots.as_mut_slice())?;
    let names = ResourceNames::new(tool.entry(), tool.compiled(), &bound);
    if names.count_up_to(MAX_RESOURCES) > MAX_RESOURCES {
        return Err(ArgumentFault::TooManyResources {
            limit: MAX_RESOURCES,
        });
    }
    Ok(bound)
}

/// Finds the declared arguments inside `object`; the depth of the declarations bounds the
/// recursion.
#[inline]
fn place(
    tool: ToolRef<'_>,
    level: u32,
    object: JsonRef<'_>,
    slots: &mut [u32],
) -> Result<(), ArgumentFault> {
    let Some(level) = tool.entry().levels.get(level as usize) else {
        return Ok(());
    };
    for (key, value) in object.pairs() {
        match level.field(key.text_bytes()) {
            Some(Field::Leaf(slot)) => {
                if let Some(slot) = slots.get_mut(slot as usize) {
                    *slot = value.index();
                }
            }
            Some(Field::Level(_)) if value.kind() != JsonKind::Object => {
                return Err(ArgumentFault::NotAnObject {
                    pointer: fault::pointer_to(&level.pointer, key.as_str()),
                    found: value.kind(),
                });
            }
            Some(Field::Level(inner)) => {
                let own = tool.entry().levels.get(inner as usize);
                if let Some(slot) = own.and_then(|level| level.slot)
                    && let Some(slot) = slots.get_mut(slot as usize)
                {
                    *slot = value.index();
                }
                place(tool, inner, value, slots)?;
            }
            None if level.open => {}
            None => {
                return Err(ArgumentFault::Unknown {
                    pointer: fault::pointer_to(&level.pointer, key.as_str()),
                });
            }
        }
    }
    Ok(())
}
