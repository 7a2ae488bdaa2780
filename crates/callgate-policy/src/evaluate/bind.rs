//! Arguments meet the closed world of their tool.

use std::fmt;

use callgate_types::{Arguments, Caller, Context, JsonRef};

use super::age::Age;
use super::fault::{self, ArgumentFault};
use super::list::List;
use super::place::place;
use super::{ResourceNames, Scene, ToolRef, Truth, Value};
use crate::compile::{CompiledArgument, CompiledTool};

/// Arguments that a tool has accepted, and where each declared one stands.
#[derive(Clone)]
pub struct Bound<'a> {
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
    slots: Slots<'a>,
}

/// For each declared argument the place of its value; 0, the place of the outermost object, where
/// it is absent.
#[derive(Clone)]
enum Slots<'a> {
    /// Those of a layout that came before.
    Learned(&'a [u32]),
    Found(List<16>),
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
        match &self.slots {
            Slots::Learned(slots) => slots,
            Slots::Found(slots) => slots.as_slice(),
        }
    }
}

/// The argument in one of the `slots`; `None` where it is absent.
#[inline]
pub(super) fn in_slot<'a>(
    arguments: &'a Arguments,
    slots: &[u32],
    slot: u32,
) -> Option<JsonRef<'a>> {
    match slots.get(slot as usize) {
        None | Some(0) => None,
        Some(place) => arguments.as_json().element(*place),
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

/// Accepts arguments.
#[inline]
pub(super) fn bind<'a>(
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
    caller: Option<&Caller>,
    context: Option<&Context>,
) -> Result<Bound<'a>, ArgumentFault> {
    let Some(slots) = tool.entry().learned.place(arguments.as_json()) else {
        return bind_any(tool, arguments, caller, context);
    };
    match refusal(tool, arguments, slots, caller, context) {
        Some(fault) => Err(fault),
        None => Ok(Bound {
            tool,
            arguments,
            slots: Slots::Learned(slots),
        }),
    }
}

/// As [`bind`], of arguments whose layout is not known.
#[inline(never)]
fn bind_any<'a>(
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
    caller: Option<&Caller>,
    context: Option<&Context>,
) -> Result<Bound<'a>, ArgumentFault> {
    let bound = locate(tool, arguments)?;
    match refusal(tool, arguments, bound.slots(), caller, context) {
        Some(fault) => Err(fault),
        None => Ok(bound),
    }
}

/// What is wrong with arguments that stand in their slots.
#[inline]
fn refusal(
    tool: ToolRef<'_>,
    arguments: &Arguments,
    slots: &[u32],
    caller: Option<&Caller>,
    context: Option<&Context>,
) -> Option<ArgumentFault> {
    let entry = tool.entry();
    if !entry.resources.is_empty()
        && let Some(fault) = too_many(tool, arguments, slots)
    {
        return Some(fault);
    }
    let age = Age::new();
    let scene = Scene {
        compiled: tool.compiled(),
        tool: entry,
        arguments,
        slots,
        caller,
        context,
        resource: None,
        age: &age,
        memo: None,
    };
    for (argument, place) in entry.arguments.iter().zip(slots) {
        let value = match arguments.as_json().element(*place) {
            Some(value) if *place != 0 => value,
            _ if argument.optional => continue,
            _ => return Some(missing(argument)),
        };
        if argument.test.holds_of(value, &scene) != Truth::Yes {
            return Some(refused(argument, value, &scene));
        }
    }
    None
}

#[inline(never)]
fn too_many(tool: ToolRef<'_>, arguments: &Arguments, slots: &[u32]) -> Option<ArgumentFault> {
    let names = ResourceNames::new(tool.entry(), tool.compiled(), arguments, slots);
    let count = names.count_up_to(MAX_RESOURCES);
    (count > MAX_RESOURCES).then_some(ArgumentFault::TooManyResources {
        limit: MAX_RESOURCES,
    })
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
pub(super) fn locate<'a>(
    tool: ToolRef<'a>,
    arguments: &'a Arguments,
) -> Result<Bound<'a>, ArgumentFault> {
    let entry = tool.entry();
    let slots = match entry.learned.place(arguments.as_json()) {
        Some(slots) => Slots::Learned(slots),
        None => Slots::Found(search(entry, arguments)?),
    };
    let bound = Bound {
        tool,
        arguments,
        slots,
    };
    match too_many(tool, arguments, bound.slots()) {
        Some(fault) => Err(fault),
        None => Ok(bound),
    }
}

/// Looks for every key.
fn search(entry: &CompiledTool, arguments: &Arguments) -> Result<List<16>, ArgumentFault> {
    let mut found = List::zeros(entry.arguments.len());
    let slots = found.as_mut_slice();
    if let Some(outermost) = entry.levels.first()
        && let Some(misplaced) = place(entry, outermost, arguments.root(), slots)
    {
        return Err(misplaced.fault());
    }
    entry.learned.learn(arguments.as_json(), slots);
    Ok(found)
}
