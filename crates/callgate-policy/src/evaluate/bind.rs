//! Arguments meet the closed world of their tool.

use std::fmt;

use callgate_types::{Arguments, Caller, Context, JsonRef};

use super::fault::{self, ArgumentFault};
use super::list::List;
use super::place::place;
use super::{ResourceNames, Scene, ToolRef, Truth, Value};
use crate::compile::CompiledArgument;

/// Arguments that a tool has accepted, and where each declared one stands.
#[derive(Clone)]
pub struct Bound<'a> {
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
    /// For each declared argument the place of its value; 0, the place of the outermost object,
    /// where it is absent.
    slots: List<16>,
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

    /// The slots.
    #[inline]
    pub(super) fn slots(&self) -> &[u32] {
        self.slots.as_slice()
    }

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

#[inline]
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
        slots: bound.slots(),
        caller,
        context,
        resource: None,
        memo: None,
    };
    for (argument, place) in entry.arguments.iter().zip(bound.slots.as_slice()) {
        let value = match arguments.as_json().element(*place) {
            Some(value) if *place != 0 => value,
            _ if argument.optional => continue,
            _ => return Err(missing(argument)),
        };
        if argument.test.holds_of(value, &scene) != Truth::Yes {
            return Err(refused(argument, value, &scene));
        }
    }
    Ok(bound)
}

#[cold]
fn missing(argument: &CompiledArgument) -> ArgumentFault {
    ArgumentFault::Missing {
        pointer: fault::pointer_to(&argument.pointer, None),
    }
}

#[cold]
fn refused(argument: &CompiledArgument, value: JsonRef<'_>, scene: &Scene<'_>) -> ArgumentFault {
    ArgumentFault::Refused {
        pointer: fault::pointer_to(&argument.pointer, None),
        matcher: argument.test.refusing_word(Value::Json(value), scene),
        found: value.kind(),
    }
}

/// Finds the arguments, all of which must be declared, and tests none of them.
#[inline]
pub(super) fn locate<'a>(
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
) -> Result<Bound<'a>, ArgumentFault> {
    let entry = tool.entry();
    let mut bound = Bound {
        tool,
        arguments,
        slots: List::zeros(entry.arguments.len()),
    };
    let slots = bound.slots.as_mut_slice();
    if !entry.learned.place(arguments.as_json(), slots) {
        if let Some(outermost) = entry.levels.first()
            && let Some(misplaced) = place(entry, outermost, arguments.root(), slots)
        {
            return Err(misplaced.fault());
        }
        entry.learned.learn(arguments.as_json(), slots);
    }
    if !entry.resources.is_empty() {
        let names = ResourceNames::new(entry, tool.compiled(), &bound);
        if names.count_up_to(MAX_RESOURCES) > MAX_RESOURCES {
            return Err(ArgumentFault::TooManyResources {
                limit: MAX_RESOURCES,
            });
        }
    }
    Ok(bound)
}
