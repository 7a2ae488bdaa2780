//! Random restrictions, and the calls that may or may not be within them.

use callgate_identity::capability::{Bound, Restrictions, Scalar, Use};
use callgate_types::{Decimal, ResourceName, ToolCall};
use chrono::{DateTime, Utc};
use proptest::prelude::*;

use crate::tokens::later;

const TOOLS: [&str; 3] = ["a", "b", "c"];
const POINTERS: [&str; 2] = ["/x", "/y/0"];
const KINDS: [&str; 2] = ["k", "l"];
const IDS: [&str; 3] = ["1", "2", "3"];
const NUMBERS: [&str; 6] = ["-1", "0", "0.5", "1", "9007199254740993", "1e30"];
const TEXTS: [&str; 5] = ["", "p", "p-1", "p_2", "p/1"];

/// A call, with all that is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) call: ToolCall,
    pub(crate) at: DateTime<Utc>,
    pub(crate) resources: Vec<(&'static str, Option<&'static str>)>,
}

impl Asked {
    pub(crate) fn names(&self) -> Vec<ResourceName<'_>> {
        let names = self.resources.iter();
        names
            .map(|(kind, id)| ResourceName::new(kind, *id))
            .collect()
    }

    pub(crate) fn put<'a>(&'a self, names: &'a [ResourceName<'a>]) -> Use<'a> {
        Use::new(&self.call, self.at)
            .in_tenant("acme")
            .for_task("task-7")
            .naming(names)
    }
}

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        Just(Scalar::Null),
        any::<bool>().prop_map(Scalar::from),
        prop::sample::select(&NUMBERS).prop_map(|text| decimal(text).into()),
        prop::sample::select(&TEXTS).prop_map(Scalar::from),
    ]
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn bound() -> impl Strategy<Value = Bound> {
    let number = || prop::sample::select(&NUMBERS).prop_map(decimal);
    prop_oneof![
        prop::collection::vec(scalar(), 1..5).prop_map(Bound::one_of),
        number().prop_map(Bound::AtMost),
        number().prop_map(Bound::AtLeast),
        prop::sample::select(&["p", "p-", "q"][..]).prop_map(|text| Bound::StartsWith(text.into())),
    ]
}

/// Restrictions that can stand in a token; `authority` has what block 0 needs.
pub(crate) fn restrictions(authority: bool) -> impl Strategy<Value = Restrictions> {
    let least = usize::from(authority);
    let tools = prop::sample::subsequence(&TOOLS, least..=TOOLS.len());
    let argument = (
        prop::sample::select(&TOOLS),
        prop::sample::select(&POINTERS),
        bound(),
    );
    let arguments = prop::collection::vec(argument, 0..3);
    let resource = (
        prop::sample::select(&KINDS),
        prop::option::of(prop::sample::select(&IDS)),
    );
    let resources = prop::collection::vec(resource, 0..4);
    let ends = prop::option::of(1_i64..40);
    let begins = prop::option::of(-20_i64..=0);
    (tools, arguments, resources, ends, begins).prop_map(
        move |(tools, arguments, resources, ends, begins)| {
            let mut made = Restrictions::new();
            for tool in &tools {
                made = made.tool(tool);
            }
            let mut seen = Vec::new();
            for (tool, pointer, bound) in arguments {
                let sort = (tool, pointer, std::mem::discriminant(&bound));
                // Block 0 bounds no argument of a tool that it does not list.
                if !seen.contains(&sort) && (!authority || tools.contains(&tool)) {
                    seen.push(sort);
                    made = made.argument(tool, pointer, bound);
                }
            }
            for (kind, id) in resources {
                made = match id {
                    Some(id) => made.resource(kind, id),
                    None => made.resources_of(kind),
                };
            }
            if authority || ends.is_some() {
                made = made.before(later(ends.unwrap_or(30)));
            }
            match begins {
                Some(begins) => made.not_before(later(begins)),
                None => made,
            }
        },
    )
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        scalar().prop_map(|scalar| scalar.to_string()),
        Just("[1]".to_owned()),
        Just("1.0".to_owned()),
    ]
}

pub(crate) fn asked() -> impl Strategy<Value = Asked> {
    let resource = (
        prop::sample::select(&KINDS),
        prop::option::of(prop::sample::select(&IDS)),
    );
    let tool = prop::sample::select(&TOOLS);
    let resources = prop::collection::vec(resource, 0..3);
    (tool, value(), value(), -25_i64..45, resources).prop_map(|(tool, x, y, at, resources)| {
        let arguments = format!(r#"{{"x": {x}, "y": [{y}]}}"#);
        Asked {
            call: ToolCall::from_text(tool, arguments),
            at: later(at),
            resources,
        }
    })
}
