//! `"/…"`: an object in which declared values stand and nothing else.
//!
//! Protects tools that take lists of instructions: a member that nobody declared does not ride
//! along.

use callgate_types::{JsonKind, JsonRef};

use super::{Scene, Truth, Value, of_another_type};
use crate::compile::{CompiledArgument, Field, Level};
use crate::evaluate::List;

#[derive(Debug)]
pub(crate) struct Closed {
    levels: Box<[Level]>,
    fields: Box<[CompiledArgument]>,
}

impl Closed {
    pub(crate) fn new(
        levels: Box<[Level]>,
        fields: impl Iterator<Item = CompiledArgument>,
    ) -> Self {
        Self {
            levels,
            fields: fields.collect(),
        }
    }

    pub(super) fn holds(&self, value: Value<'_>, scene: &Scene<'_>) -> Truth {
        let object = match value {
            Value::Json(json) if json.kind() == JsonKind::Object => json,
            other => return of_another_type(other),
        };
        let mut seen = List::<16>::zeros(self.fields.len());
        let mut walk = Walk {
            closed: self,
            scene,
            seen: seen.as_mut_slice(),
            holds: Truth::Yes,
        };
        walk.level(0, object);
        let holds = walk.holds;
        let mut fields = self.fields.iter().zip(seen.as_slice());
        if fields.all(|(field, seen)| *seen != 0 || field.optional) {
            holds
        } else {
            Truth::No
        }
    }

    pub(super) fn cost(&self) -> u32 {
        let inner = self.fields.iter().map(|field| field.test.cost());
        inner.fold(4, u32::saturating_add)
    }
}

struct Walk<'w, 'a> {
    closed: &'w Closed,
    scene: &'w Scene<'a>,
    /// For each field whether it was there.
    seen: &'w mut [u32],
    holds: Truth,
}

impl Walk<'_, '_> {
    /// The depth of the declarations bounds the recursion.
    fn level(&mut self, level: u32, object: JsonRef<'_>) {
        let closed = self.closed;
        let Some(level) = closed.levels.get(level as usize) else {
            return;
        };
        if level.pointer.is_empty() && level.open {
            self.see_outermost();
        }
        let mut guess = 0;
        for (key, value) in object.members() {
            match level.field(&mut guess, key.as_bytes()) {
                Some(Field::Leaf(slot)) => self.see(slot, value),
                Some(Field::Level(inner)) if value.kind() == JsonKind::Object => {
                    let own = closed.levels.get(inner as usize);
                    if let Some(slot) = own.and_then(|level| level.slot) {
                        self.see(slot, value);
                    }
                    self.level(inner, value);
                }
                None if level.open => {}
                Some(Field::Level(_)) | None => self.holds = Truth::No,
            }
            if self.holds == Truth::No {
                return;
            }
        }
    }

    fn see(&mut self, slot: u32, value: JsonRef<'_>) {
        let field = self.closed.fields.get(slot as usize);
        let (Some(field), Some(seen)) = (field, self.seen.get_mut(slot as usize)) else {
            return;
        };
        *seen = 1;
        let holds = field.test.holds(Value::Json(value), self.scene);
        self.holds = self.holds.min(holds);
    }

    /// The object itself is declared, and always there.
    fn see_outermost(&mut self) {
        if let Some(seen) = self.seen.first_mut() {
            *seen = 1;
        }
    }
}
