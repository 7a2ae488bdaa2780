//! Which resources the arguments name.

use callgate_types::{Arguments, Items, JsonKind, JsonRef, ResourceName};

use super::Value;
use super::bind::in_slot;
use crate::compile::{Compiled, CompiledTool, IdPlace, NamedBy, Source};

/// The resources that the arguments of a call name; see
/// [`ToolRef::resource_names`](super::ToolRef::resource_names).
#[derive(Clone, Debug)]
pub struct ResourceNames<'b, 'a> {
    compiled: &'a Compiled,
    specs: std::slice::Iter<'a, NamedBy>,
    arguments: &'a Arguments,
    slots: &'b [u32],
    /// The specification with several resources, of which the rest is still to come.
    several: Option<(&'a NamedBy, Items<'a>)>,
}

impl<'b, 'a> ResourceNames<'b, 'a> {
    pub(super) fn new(
        tool: &'a CompiledTool,
        compiled: &'a Compiled,
        arguments: &'a Arguments,
        slots: &'b [u32],
    ) -> Self {
        Self {
            compiled,
            specs: tool.resources.iter(),
            arguments,
            slots,
            several: None,
        }
    }

    /// How many there are; of more than `limit` only that there are.
    pub(super) fn count_up_to(self, limit: usize) -> usize {
        let mut count = 0_usize;
        for spec in self.specs.clone() {
            let items = spec.each.and_then(|each| self.array(each));
            count = count.saturating_add(items.map_or(1, JsonRef::len));
            if count > limit {
                break;
            }
        }
        count
    }

    fn read(&self, source: Source) -> Option<JsonRef<'a>> {
        match source {
            Source::Slot(slot) => in_slot(self.arguments, self.slots, slot),
            Source::Argument(pointer) => {
                let root = self.arguments.root();
                match Value::below(root, self.compiled.pointer(pointer)?, 0) {
                    Value::Json(json) => Some(json),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn array(&self, each: Source) -> Option<JsonRef<'a>> {
        self.read(each)
            .filter(|json| json.kind() == JsonKind::Array)
    }

    fn in_item(&self, pointer: u32, item: JsonRef<'a>) -> Option<JsonRef<'a>> {
        match Value::below(item, self.compiled.pointer(pointer)?, 0) {
            Value::Json(json) => Some(json),
            _ => None,
        }
    }
}

impl<'a> Iterator for ResourceNames<'_, 'a> {
    type Item = ResourceName<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((spec, items)) = &mut self.several {
                let spec: &'a NamedBy = spec;
                if let Some(item) = items.next() {
                    let value = match spec.id {
                        IdPlace::InItem(pointer) => self.in_item(pointer, item),
                        IdPlace::At(source) => self.read(source),
                    };
                    return Some(ResourceName::new(&spec.kind, value.and_then(id)));
                }
                self.several = None;
            }
            let spec = self.specs.next()?;
            let value = match (spec.each, spec.id) {
                (None, IdPlace::At(source)) => self.read(source),
                (None, IdPlace::InItem(_)) => None,
                (Some(each), _) => match self.array(each) {
                    Some(array) => {
                        self.several = Some((spec, array.items()));
                        continue;
                    }
                    None => None,
                },
            };
            return Some(ResourceName::new(&spec.kind, value.and_then(id)));
        }
    }
}

/// An id is a text, or the token of an integer; of anything else it is unknown.
fn id(value: JsonRef<'_>) -> Option<&str> {
    match value.as_number() {
        Some(number) => number.is_integer().then(|| number.as_str()),
        None => value.as_str(),
    }
}
