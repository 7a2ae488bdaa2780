//! One tool of the catalogue.

use std::collections::HashMap;
use std::sync::Arc;

use callgate_types::quick_hash::Build;
use callgate_types::{Digest, Factor, RiskTier, push_pointer_token, quick_hash};

use super::conditions::Source;
use super::drafts::ConditionsBuilder;
use super::offset::offset;
use crate::document::{Access, Pointer, Recording, ScopeDemand, Tool};
use crate::evaluate::{Learned, Test};

/// A tool, with its closed world laid out for one walk over the arguments.
#[derive(Debug)]
pub(crate) struct CompiledTool {
    pub(crate) name: Box<str>,
    pub(crate) access: Access,
    pub(crate) scope: ScopeDemand,
    pub(crate) tier: RiskTier,
    pub(crate) stated_tier: RiskTier,
    pub(crate) raised: Option<Box<Raised>>,
    pub(crate) definition: Option<Digest>,
    pub(crate) credential: Option<Box<str>>,
    pub(crate) obligations: Box<[Box<str>]>,
    pub(crate) record: Recording,
    /// The declared arguments; their places are their slots.
    pub(crate) arguments: Arc<[CompiledArgument]>,
    /// The declared arguments among the pointers of the policy: a pointer and a slot each.
    pub(crate) slots: Box<[(u32, u32)]>,
    /// The objects in which declared arguments stand, the outermost first.
    pub(crate) levels: Arc<[Level]>,
    pub(crate) resources: Box<[NamedBy]>,
    /// In which layouts its arguments came before.
    pub(crate) learned: Learned,
}

/// What raises the tier of all calls of a tool. Few tools have any, and every call looks: so there is one
/// pointer to it among what every call looks at.
#[derive(Debug)]
pub(crate) struct Raised(pub(crate) Box<[Factor<'static>]>);

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
        }
    }

    /// What the member `key` is, where it is declared. `guess` is where to look first: it is left
    /// behind the member that was found, for most texts keep to an order.
    #[expect(
        clippy::inline_always,
        reason = "the members of every call are found here"
    )]
    #[inline(always)]
    pub(crate) fn field(&self, guess: &mut usize, key: &[u8]) -> Option<Field> {
        let field = match self.fields.get(*guess) {
            Some((known, field)) if quick_hash::same(known.as_bytes(), key) => *field,
            _ => {
                let (found, field) = self.find(key)?;
                *guess = found;
                field
            }
        };
        *guess = guess.wrapping_add(1);
        Some(field)
    }

    #[inline(never)]
    fn find(&self, key: &[u8]) -> Option<(usize, Field)> {
        /// So many are quicker compared one by one: lengths tell most keys apart.
        const FEW: usize = 8;
        let fields = &self.fields;
        let place = if fields.len() <= FEW {
            let mut keys = fields.iter();
            keys.position(|(known, _)| quick_hash::same(known.as_bytes(), key))?
        } else {
            let found = fields.binary_search_by(|(known, _)| known.as_bytes().cmp(key));
            found.ok()?
        };
        fields.get(place).map(|(_, field)| (place, *field))
    }
}

impl CompiledTool {
    pub(super) fn new(
        name: &str,
        tool: &Tool,
        conditions: &mut ConditionsBuilder,
        known: &mut KnownArguments,
    ) -> Self {
        let (arguments, levels) = known.of(tool, conditions);
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
        let factors: Box<[Factor<'static>]> = tool.factors().collect();
        Self {
            name: name.into(),
            access: tool.access,
            scope: tool.scope.clone(),
            tier: tool.tier,
            stated_tier: tool.stated_tier,
            raised: (!factors.is_empty()).then(|| Box::new(Raised(factors))),
            definition: tool.definition,
            credential: tool.credential.clone(),
            obligations: tool.obligations.clone().into(),
            record: tool.record.clone(),
            arguments,
            resources: resources.collect(),
            levels,
            slots: Box::default(),
            learned: Learned::default(),
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

type Declared = (Arc<[CompiledArgument]>, Arc<[Level]>);

/// The arguments that tools declare: tools that declare the same share them.
#[derive(Debug, Default)]
pub(super) struct KnownArguments(HashMap<Box<[u8]>, Declared, Build>);

impl KnownArguments {
    fn of(&mut self, tool: &Tool, conditions: &mut ConditionsBuilder) -> Declared {
        let declared = self.0.entry(conditions.arguments_key(tool));
        let declared = declared.or_insert_with(|| {
            let arguments = tool.arguments.iter().map(|argument| CompiledArgument {
                pointer: argument.pointer.as_str().into(),
                test: conditions.compile_test(&argument.matcher, Some(tool)),
                // The outermost object is always there.
                optional: argument.optional || argument.pointer.as_str().is_empty(),
            });
            let levels = levels(tool.arguments.iter().map(|one| &one.pointer));
            (arguments.collect(), levels.into())
        });
        declared.clone()
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
    }
    levels.into()
}

/// Tokens as a pointer is written.
fn written(tokens: &[&str]) -> String {
    let mut pointer = String::new();
    for token in tokens {
        push_pointer_token(&mut pointer, token);
    }
    pointer
}
