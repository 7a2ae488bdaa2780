//! The record of a decision.

use callgate_types::{
    Caller, Code, Context, DecisionKind, Digest, Fact, Factor, Facts, Friction, Resource,
    ResourceName, RiskTier, ToolCall,
};
use chrono::{DateTime, Utc};

use super::caller::write_caller;
use super::extent::Extent;
use super::keep::{number, write_arguments, write_text};
use super::write::{time_or_null, write_friction};
use super::{Apart, Durability, Keep};
use crate::encode::{
    Object, key, push_bool, push_display, push_hex, push_list, push_name, push_name_or_null,
    push_null, push_number_or_null, push_word, push_word_or_null,
};

/// Longest value of one fact, in bytes as written, that a record keeps.
const MAX_FACT: usize = 16 << 10;

/// What was decided on one call, and on what grounds.
///
/// What the decision did not get to is left as [`DecisionRecord::new`] sets it, and is null in
/// the record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct DecisionRecord<'a> {
    /// When it was decided.
    pub time: DateTime<Utc>,
    /// The call.
    pub call: &'a ToolCall,
    /// Who made it, on whose behalf.
    pub caller: &'a Caller,
    /// What else was true of it.
    pub context: &'a Context,
    /// The decision.
    pub decision: DecisionKind,
    /// What decided.
    pub code: Code,
    /// The digest of the policy.
    pub policy: Digest,
    /// How far this record must be safe before the call may go on.
    pub durability: Durability,
    /// The digest of the tool's definition.
    pub definition: Option<Digest>,
    /// What is kept of the arguments.
    pub arguments: Keep,
    /// The digest of the arguments, where it is known already.
    pub arguments_digest: Option<Digest>,
    /// Those arguments that are kept in another way.
    pub apart: &'a [Apart<'a>],
    /// What is kept of the prompt fragment.
    pub prompt: Keep,
    /// The resources that the arguments name, and what was known of them.
    pub resources: &'a [RecordedResource<'a>],
    /// The rule that decided.
    pub rule: Option<&'a str>,
    /// All rules that matched.
    pub matched: &'a [&'a str],
    /// Whether the call was let through although this is the decision.
    pub observed: bool,
    /// Rules that are only watched, and would have matched.
    pub observed_rules: &'a [&'a str],
    /// How dangerous the call is.
    pub tier: Option<RiskTier>,
    /// Why.
    pub factors: &'a [Factor<'a>],
    /// What is demanded before the call may run.
    pub friction: Option<&'a Friction>,
    /// The approvals that are asked for, or by which the call may run, by their ids.
    pub approvals: &'a [&'a str],
    /// What the host must do with the call.
    pub obligations: &'a [&'a str],
    /// The record of the decision that this one judges again.
    pub rejudges: Option<u64>,
    /// Why, for people; it names arguments, rules and principals, and no values.
    pub message: Option<&'a str>,
}

impl<'a> DecisionRecord<'a> {
    /// The decision on `call`; everything else is unknown, empty or kept by digest.
    pub const fn new(
        time: DateTime<Utc>,
        call: &'a ToolCall,
        caller: &'a Caller,
        context: &'a Context,
        decision: DecisionKind,
        code: Code,
        policy: Digest,
    ) -> Self {
        Self {
            time,
            call,
            caller,
            context,
            decision,
            code,
            policy,
            durability: Durability::Durable,
            definition: None,
            arguments: Keep::Digest,
            arguments_digest: None,
            apart: &[],
            prompt: Keep::Digest,
            resources: &[],
            rule: None,
            matched: &[],
            observed: false,
            observed_rules: &[],
            tier: None,
            factors: &[],
            friction: None,
            approvals: &[],
            obligations: &[],
            rejudges: None,
            message: None,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        self.write_answer(extent, object.out());
        write_caller(object, extent, self.caller);
        self.write_call(extent, object.out());
        self.write_context(extent, object);
    }

    fn write_answer(&self, extent: Extent, out: &mut Vec<u8>) {
        let most = extent.items();
        let push_names = |out: &mut Vec<u8>, key: &str, names: &[&str]| {
            push_list(out, key, most, names.iter(), |out, name| {
                push_name(out, name);
            });
        };
        key!(out, "decision");
        push_word(out, self.decision.as_str());
        key!(out, "code");
        push_word(out, self.code.as_str());
        key!(out, "rule");
        push_name_or_null(out, self.rule);
        key!(out, "matched");
        push_names(out, "matched", self.matched);
        key!(out, "observed");
        push_bool(out, self.observed);
        key!(out, "observed_rules");
        push_names(out, "observed_rules", self.observed_rules);
        key!(out, "tier");
        push_word_or_null(out, self.tier.map(RiskTier::as_str));
        key!(out, "factors");
        push_list(out, "factors", most, self.factors.iter(), write_factor);
        key!(out, "friction");
        match self.friction {
            Some(friction) => write_friction(friction, most, out),
            None => push_null(out),
        }
        if !self.approvals.is_empty() {
            key!(out, "approvals");
            push_names(out, "approvals", self.approvals);
        }
        key!(out, "obligations");
        push_names(out, "obligations", self.obligations);
        key!(out, "policy");
        push_hex(out, self.policy);
        key!(out, "durability");
        push_word(out, self.durability.as_str());
        key!(out, "rejudges");
        push_number_or_null(out, self.rejudges);
        key!(out, "message");
        push_name_or_null(out, self.message);
    }

    fn write_call(&self, extent: Extent, out: &mut Vec<u8>) {
        key!(out, "call");
        push_name_or_null(out, self.call.call_id());
        key!(out, "tool");
        push_name(out, self.call.tool());
        key!(out, "call_error");
        match self.call.fault() {
            Some(fault) => push_display(out, &fault),
            None => push_null(out),
        }
        key!(out, "definition");
        match self.definition {
            Some(digest) => push_hex(out, digest),
            None => push_null(out),
        }
        key!(out, "arguments");
        let digest = self.arguments_digest;
        write_arguments(self.call, self.arguments, digest, self.apart, extent, out);
        key!(out, "resources");
        let resources = self.resources.iter();
        push_list(
            out,
            "resources",
            extent.items(),
            resources,
            |out, resource| {
                resource.write(extent, out);
            },
        );
    }

    fn write_context(&self, extent: Extent, object: &mut Object<'_>) {
        let out = object.out();
        key!(out, "environment");
        push_name_or_null(out, self.context.environment_name());
        key!(out, "session");
        push_name_or_null(out, self.context.session_id());
        key!(out, "task");
        push_name_or_null(out, self.context.task_id());
        key!(out, "trace");
        push_name_or_null(out, self.context.trace_id());
        time_or_null(object, "context_time", self.context.time_now());
        match self.context.prompt_fragment() {
            Some(prompt) => write_text(prompt, self.prompt, extent, object.key("prompt")),
            None => object.null("prompt"),
        }
        write_facts(object, extent, self.context.facts());
    }
}

fn write_factor(out: &mut Vec<u8>, factor: &Factor<'_>) {
    out.extend_from_slice(b"{\"source\":");
    push_word(out, factor.source.as_str());
    key!(out, "name");
    push_name(out, factor.name);
    key!(out, "tier");
    push_word(out, factor.tier.as_str());
    out.push(b'}');
}

/// A resource that the arguments name, and what was known of it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecordedResource<'a> {
    /// Kind and id.
    pub name: ResourceName<'a>,
    /// What the host vouched for; `None` where nothing was known.
    pub known: Option<&'a Resource>,
}

impl<'a> RecordedResource<'a> {
    /// The resource `name`, of which `known` was known.
    pub const fn new(name: ResourceName<'a>, known: Option<&'a Resource>) -> Self {
        Self { name, known }
    }

    fn write(&self, extent: Extent, out: &mut Vec<u8>) {
        let mut object = Object::begin(out);
        object.name("kind", Some(self.name.kind));
        object.name("id", self.name.id);
        object.bool("known", self.known.is_some());
        if let Some(resource) = self.known {
            object.name("tenant", resource.tenant_name());
            write_facts(&mut object, extent, resource.facts());
        }
        object.end();
    }
}

/// Facts are a list: their names come from outside, and no two keys of an object may be equal.
fn write_facts(object: &mut Object<'_>, extent: Extent, facts: &Facts) {
    object.list(
        "facts",
        extent.items(),
        facts.iter(),
        |out, (name, fact)| {
            let mut object = Object::begin(out);
            object.name("name", Some(name));
            match fact {
                Fact::Known(value) => write_value(&mut object, extent, value),
                Fact::Unusable(error) => object.word("error", error.as_str()),
                _ => object.null("value"),
            }
            object.end();
        },
    );
}

fn write_value(object: &mut Object<'_>, extent: Extent, value: &callgate_types::Json) {
    if extent.texts() && value.text().len() <= MAX_FACT {
        value.root().write_minified(object.key("value"));
    } else {
        object.hex("digest", value.digest());
        object.number("bytes", number(value.text().len()));
    }
}
