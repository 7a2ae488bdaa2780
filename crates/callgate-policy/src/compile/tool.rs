//! One tool of the catalogue.

use callgate_types::{Digest, RiskTier};

use super::conditions::{ConditionsBuilder, Source};
use super::offset::offset;
use crate::document::{Access, Pointer, Recording, ScopeDemand, Tool};
use crate::evaluate::Test;

/// A tool, with its closed world laid out for one walk over the arguments.
#[derive(Debug)]
pub(crate) struct CompiledTool {
    pub(crate) name: Box<str>,
    pub(crate) access: Access,
    pub(crate) scope: ScopeDemand,
    pub(crate) tier: RiskTier,
    pub(crate) definition: Option<Digest>,
    pub(crate) obligations: Box<[Box<str>]>,
    pub(crate) record: Recording,
    /// The declared arguments; their places are their slots.
    pub(crate) arguments: Box<[CompiledArgument]>,
    /// The declared arguments among the pointers of the policy: a pointer and a slot each.
    pub(crate) slots: Box<[(u32, u32)]>,
    /// The objects in which declared arguments stand, the outermost first.
    pub(crate) levels: Box<[Level]>,
    pub(crate) resources: Box<[NamedBy]>,
}

#[derive(Debug)]
pub(crate) struct CompiledArgument {
    pub(crate) pointer: Box<str>,
    pub(crate) test: Test,
    pub(crate) optional: bool,
}

/// An object whose members are declared.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) pointer: Box<str>,
    /// Whether it may hold what is not declared.
    pub(crate) open: bool,
    /// The slot of the object itself, where it is an open argument.
    pub(crate) slot: Option<u32>,
    /// In order of the bytes of the keys.
    fields: Vec<(Box<str>, Field)>,
    /// The head of each key with what it is, in the same order.
    heads: Vec<(Head, Field)>,
}

/// How long a key is, and how it begins: enough to tell most keys apart, and short ones for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    len: usize,
    bytes: u64,
}

impl Head {
    /// Longest key of which the head leaves nothing out.
    const WHOLE: usize = 8;

    #[inline]
    fn of(key: &[u8]) -> Self {
        let half =
            |half: Option<&[u8; 4]>| u64::from(half.map_or(0, |half| u32::from_le_bytes(*half)));
        let bytes = match key.first_chunk::<8>() {
            Some(head) => u64::from_le_bytes(*head),
            None if key.len() < 4 => key
                .iter()
                .fold(0, |all, byte| (all << 8) | u64::from(*byte)),
            // Both halves hold the middle of the key.
            None => (half(key.first_chunk()) << 32) | half(key.last_chunk()),
        };
        Self {
            len: key.len(),
            bytes,
        }
    }
}

/// What a member is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field {
    /// A declared argument, with its slot.
    Leaf(u32),
    /// An object with declared arguments inside: its level.
    Level(u32),
}

/// How arguments name resources.
#[derive(Debug)]
pub(crate) struct NamedBy {
    pub(crate) kind: Box<str>,
    pub(crate) each: Option<Source>,
    pub(crate) id: IdPlace,
}

/// Where the id of a resource stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IdPlace {
    /// In the arguments.
    At(Source),
    /// In an item of the array.
    InItem(u32),
}

impl Level {
    fn new(pointer: &str, open: bool) -> Self {
        Self {
            pointer: pointer.into(),
            open,
            slot: None,
            fields: Vec::new(),
            heads: Vec::new(),
        }
    }

    /// What the member `key` is, where it is declared.
    #[inline]
    pub(crate) fn field(&self, key: &[u8]) -> Option<Field> {
        const FEW: usize = 8;
        if self.heads.len() <= FEW {
            let head = Head::of(key);
            let mut heads = self.heads.iter();
            if head.len <= Head::WHOLE {
                return heads.find_map(|(known, field)| (*known == head).then_some(*field));
            }
            let mut fields = self.fields.iter().zip(heads);
            return fields.find_map(|((known, field), (start, _))| {
                (*start == head && known.as_bytes() == key).then_some(*field)
            });
        }
        let place = self
            .fields
            .binary_search_by(|(known, _)| known.as_bytes().cmp(key))
            .ok()?;
        self.fields.get(place).map(|(_, field)| *field)
    }
}

impl CompiledTool {
    pub(super) fn new(name: &str, tool: &Tool, conditions: &mut ConditionsBuilder) -> Self {
        let arguments = tool.arguments.iter().map(|argument| CompiledArgument {
            pointer: argument.pointer.as_str().into(),
            test: conditions.compile_test(&argument.matcher, Some(tool)),
            // The outermost object is always there.
            optional: argument.optional || argument.pointer.as_str().is_empty(),
        });
        let arguments = arguments.collect();
        let resources = tool.resources.iter().map(|spec| NamedBy {
            kind: spec.kind.clone(),
            each: spec
                .each
                .as_ref()
                .map(|each| conditions.argument(each, Some(tool))),
            id: match spec.each {
                None => IdPlace::At(conditions.argument(&spec.id, Some(tool))),
                Some(_) => IdPlace::InItem(conditions.keep_pointer(&spec.id)),
            },
        });
        Self {
            name: name.into(),
            access: tool.access,
            scope: tool.scope.clone(),
            tier: tool.tier,
            definition: tool.definition,
            obligations: tool.obligations.clone().into(),
            record: tool.record,
            arguments,
            resources: resources.collect(),
            levels: levels(tool.arguments.iter().map(|one| &one.pointer)),
            slots: Box::default(),
        }
    }

    /// Finds the slots of pointers, once all pointers of the policy are known.
    pub(super) fn find_slots(&mut self, number: impl Fn(&str) -> Option<u32>) {
        let arguments = self.arguments.iter().enumerate();
        let slots = arguments
            .filter_map(|(slot, argument)| Some((number(&argument.pointer)?, offset(slot))));
        self.slots = slots.collect();
    }

    /// The slot of the argument that the pointer with this number names.
    #[inline]
    pub(crate) fn slot_of(&self, pointer: u32) -> Option<u32> {
        let mut slots = self.slots.iter();
        slots.find_map(|(known, slot)| (*known == pointer).then_some(*slot))
    }
}

/// The objects in which `pointers` stand, ordered by their bytes. One that is declared itself is
/// open, with all objects inside.
pub(super) fn levels<'p>(pointers: impl Iterator<Item = &'p Pointer>) -> Box<[Level]> {
    let mut levels = vec![Level::new("", false)];
    for (slot, pointer) in pointers.enumerate() {
        let slot = offset(slot);
        let mut at = 0;
        let mut tokens = pointer.tokens().peekable();
        let mut around = Vec::new();
        if tokens.len() == 0 {
            for level in &mut levels {
                level.open = true;
            }
        }
        while let Some(token) = tokens.next() {
            around.push(token);
            let next = offset(levels.len());
            let Some(level) = levels.get_mut(at as usize) else {
                break;
            };
            let known = level.fields.iter_mut().find(|(known, _)| **known == *token);
            match (tokens.peek(), known) {
                (None, _) => level.fields.push((token.into(), Field::Leaf(slot))),
                (Some(_), Some((_, Field::Level(inner)))) => at = *inner,
                (Some(_), Some((_, field @ Field::Leaf(_)))) => {
                    let mut inner = Level::new(&written(&around), true);
                    if let Field::Leaf(own) = *field {
                        inner.slot = Some(own);
                    }
                    *field = Field::Level(next);
                    levels.push(inner);
                    at = next;
                }
                (Some(_), None) => {
                    level.fields.push((token.into(), Field::Level(next)));
                    let inner = Level::new(&written(&around), level.open);
                    levels.push(inner);
                    at = next;
                }
            }
        }
    }
    for level in &mut levels {
        level.fields.sort_by(|one, other| one.0.cmp(&other.0));
        level.fields.shrink_to_fit();
        let heads = level.fields.iter();
        level.heads = heads
            .map(|(key, field)| (Head::of(key.as_bytes()), *field))
            .collect();
    }
    levels.into()
}

/// Tokens as a pointer is written.
fn written(tokens: &[&str]) -> String {
    let mut pointer = String::new();
    for token in tokens {
        pointer.push('/');
        pointer.push_str(&token.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}
