//! Judging a value.
//!
//! An answer is an error where the work runs out: it is then unknown as a whole, whatever stands
//! around it.

use callgate_types::{JsonKind, JsonRef};

use super::keywords::{
    ArrayKeywords, Combined, Id, Keywords, Node, NumberKeywords, ObjectKeywords, TextKeywords,
};
use super::unique::are_distinct;
use crate::document::Bounds;

/// The most steps: schemas asked of values, members and items looked at, and long texts by length.
const MAX_STEPS: u32 = 1 << 18;
/// The most schemas that are asked within one another.
const MAX_DEPTH: u32 = 256;
/// So many bytes that are compared or counted are a step.
const COMPARED: usize = 64;
/// So many bytes that an expression is looked for in are a step.
const SEARCHED: usize = 16;

/// Whether the first of `nodes` holds of `value`; `None` where that takes too much work.
pub(super) fn holds(nodes: &[Node], value: JsonRef<'_>) -> Option<bool> {
    let mut run = Run {
        nodes,
        steps: MAX_STEPS,
        depth: MAX_DEPTH,
    };
    run.holds(Id(0), value).ok()
}

/// The work ran out.
struct Spent;

type Answer = Result<bool, Spent>;

struct Run<'s> {
    nodes: &'s [Node],
    /// So many steps are left.
    steps: u32,
    /// So many schemas may still be asked within this one.
    depth: u32,
}

impl Run<'_> {
    /// Recurses [`MAX_DEPTH`] deep at most.
    fn holds(&mut self, id: Id, value: JsonRef<'_>) -> Answer {
        self.pay(1)?;
        match self.nodes.get(id.0).ok_or(Spent)? {
            Node::Boolean(answer) => Ok(*answer),
            Node::Keywords(keywords) => {
                self.depth = self.depth.checked_sub(1).ok_or(Spent)?;
                let answer = self.meets(keywords, value);
                self.depth = self.depth.saturating_add(1);
                answer
            }
        }
    }

    fn meets(&mut self, keywords: &Keywords, value: JsonRef<'_>) -> Answer {
        if keywords.types.is_some_and(|types| !types.contain(value)) {
            return Ok(false);
        }
        for list in &keywords.listed {
            let mut found = false;
            for one in list {
                // Values of different sizes are soon told apart.
                self.pay_for(one.text().len(), COMPARED)?;
                found = found || one.root().equals(value);
            }
            if !found {
                return Ok(false);
            }
        }
        let of_its_type = match value.kind() {
            JsonKind::Number => self.number(&keywords.number, value)?,
            JsonKind::Text => self.text(&keywords.text, value)?,
            JsonKind::Array => self.array(&keywords.array, value)?,
            JsonKind::Object => self.object(&keywords.object, value)?,
            _ => true,
        };
        Ok(of_its_type && self.combined(&keywords.combined, value)?)
    }

    fn number(&mut self, asked: &NumberKeywords, value: JsonRef<'_>) -> Answer {
        let Some(number) = value.as_number() else {
            return Ok(false);
        };
        self.pay_for(number.as_str().len(), COMPARED)?;
        let Bounds {
            above,
            at_least,
            below,
            at_most,
        } = &asked.bounds;
        let is_within = above.as_ref().is_none_or(|it| it.compare(number).is_gt())
            && at_least
                .as_ref()
                .is_none_or(|it| it.compare(number).is_ge())
            && below.as_ref().is_none_or(|it| it.compare(number).is_lt())
            && at_most.as_ref().is_none_or(|it| it.compare(number).is_le());
        let divisor = asked.multiple_of.as_ref();
        Ok(is_within && divisor.is_none_or(|divisor| divisor.divides(number)))
    }

    fn text(&mut self, asked: &TextKeywords, value: JsonRef<'_>) -> Answer {
        let Some(text) = value.as_str() else {
            return Ok(false);
        };
        self.pay_for(text.len(), COMPARED)?;
        if !asked.chars.contains(text.chars().count() as u64) {
            return Ok(false);
        }
        let Some(pattern) = &asked.pattern else {
            return Ok(true);
        };
        self.pay_for(text.len(), SEARCHED)?;
        Ok(pattern.is_match(text))
    }

    fn array(&mut self, asked: &ArrayKeywords, value: JsonRef<'_>) -> Answer {
        if !asked.count.contains(value.len() as u64) {
            return Ok(false);
        }
        let mut items = value.items();
        for (id, item) in asked.prefix.iter().zip(items.by_ref()) {
            if !self.holds(*id, item)? {
                return Ok(false);
            }
        }
        if let Some(id) = asked.items {
            for item in value.items().skip(asked.prefix.len()) {
                if !self.holds(id, item)? {
                    return Ok(false);
                }
            }
        }
        if let Some(id) = asked.contains {
            let mut found = false;
            for item in value.items() {
                found = self.holds(id, item)?;
                if found {
                    break;
                }
            }
            if !found {
                return Ok(false);
            }
        }
        if !asked.unique {
            return Ok(true);
        }
        self.pay_for(value.raw().len(), SEARCHED)?;
        self.pay(value.len().saturating_mul(4))?;
        Ok(are_distinct(value))
    }

    fn object(&mut self, asked: &ObjectKeywords, value: JsonRef<'_>) -> Answer {
        if !asked.count.contains(value.len() as u64) {
            return Ok(false);
        }
        let mut required = 0_usize;
        for (key, member) in value.pairs() {
            let name = key.as_str().unwrap_or_default();
            self.pay_for(name.len(), COMPARED)?;
            let named = asked.find(name);
            required = required.saturating_add(named.is_some_and(|one| one.required).into());
            let schema = named.and_then(|one| one.schema);
            let mut is_known = schema.is_some();
            if let Some(id) = schema
                && !self.holds(id, member)?
            {
                return Ok(false);
            }
            for (pattern, id) in &asked.patterns {
                self.pay_for(name.len(), SEARCHED)?;
                if pattern.is_match(name) {
                    is_known = true;
                    if !self.holds(*id, member)? {
                        return Ok(false);
                    }
                }
            }
            let others = asked.others.filter(|_| !is_known);
            if let Some(id) = others
                && !self.holds(id, member)?
            {
                return Ok(false);
            }
            if let Some(id) = asked.names
                && !self.holds(id, key)?
            {
                return Ok(false);
            }
        }
        // No key stands twice.
        Ok(required == asked.required)
    }

    fn combined(&mut self, asked: &Combined, value: JsonRef<'_>) -> Answer {
        for id in &asked.all {
            if !self.holds(*id, value)? {
                return Ok(false);
            }
        }
        if let Some(any) = &asked.any
            && self.count(any, 1, value)? == 0
        {
            return Ok(false);
        }
        if let Some(one) = &asked.one
            && self.count(one, 2, value)? != 1
        {
            return Ok(false);
        }
        if let Some(id) = asked.not
            && self.holds(id, value)?
        {
            return Ok(false);
        }
        let Some((condition, then, other)) = asked.branch else {
            return Ok(true);
        };
        let branch = if self.holds(condition, value)? {
            then
        } else {
            other
        };
        branch.map_or(Ok(true), |id| self.holds(id, value))
    }

    /// How many of `ids` hold, counted up to `enough`.
    fn count(&mut self, ids: &[Id], enough: u32, value: JsonRef<'_>) -> Result<u32, Spent> {
        let mut count = 0_u32;
        for id in ids {
            count = count.saturating_add(self.holds(*id, value)?.into());
            if count == enough {
                break;
            }
        }
        Ok(count)
    }

    /// A step, and one more for each `unit` of `bytes`.
    fn pay_for(&mut self, bytes: usize, unit: usize) -> Result<(), Spent> {
        let more = bytes.checked_div(unit).unwrap_or(bytes);
        self.pay(more.saturating_add(1))
    }

    fn pay(&mut self, steps: usize) -> Result<(), Spent> {
        let steps = u32::try_from(steps).map_err(|_| Spent)?;
        self.steps = self.steps.checked_sub(steps).ok_or(Spent)?;
        Ok(())
    }
}
