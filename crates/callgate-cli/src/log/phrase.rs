//! What a record says, in a sentence.

use std::time::Duration;

use callgate::DecisionKind;
use callgate::audit::read::{DecisionView, NameView, PrincipalView, RecordView, ValueView};
use chrono::{DateTime, Utc};

use super::clear::Clear;
use crate::output::{Tone, shown};

/// A sentence, and how it is set off.
#[derive(Clone, Debug)]
pub(super) struct Phrase {
    pub(super) tone: Tone,
    /// What happened, in one word.
    pub(super) head: &'static str,
    pub(super) text: String,
}

impl Phrase {
    pub(super) fn new(tone: Tone, head: &'static str, text: impl Into<String>) -> Self {
        Self {
            tone,
            head,
            text: text.into(),
        }
    }
}

/// Who made a call: the subject, and through whom.
pub(super) fn who(record: &RecordView<'_>) -> String {
    let mut text = record.principal("subject").map_or_else(
        || "nobody known".to_owned(),
        |subject| format!("{} ({})", subject.id, subject.verified),
    );
    for actor in record.actors() {
        let actor = format!(" through {} ({})", actor.id, actor.verified);
        text.push_str(&actor);
    }
    shown(&text)
}

/// What was called, with what arguments, on what.
pub(super) fn call(decision: &DecisionView<'_>, clear: &Clear) -> String {
    let tool = name(&decision.record, "tool").unwrap_or_else(|| "no tool".into());
    let mut text = if tool.is_empty() {
        "no call".into()
    } else {
        tool
    };
    if let Some(arguments) = decision.arguments() {
        text.push(' ');
        text.push_str(&clear.of(arguments));
    }
    let resources = decision.record.field("resources").map(ValueView::items);
    for (place, resource) in resources.into_iter().flatten().enumerate() {
        let part = |key| resource.get(key).and_then(ValueView::as_text);
        let kind = shown(&part("kind").unwrap_or_default());
        let id = part("id").map_or_else(|| "unknown".into(), |id| format!("`{}`", shown(&id)));
        let join = if place == 0 { " on" } else { "," };
        text.extend([join, " ", &kind, " ", &id]);
    }
    text
}

/// What was decided, and why.
pub(super) fn decision(decision: &DecisionView<'_>) -> Phrase {
    let code = decision.code().unwrap_or_default();
    let rule = name(&decision.record, "rule");
    let message = name(&decision.record, "message");
    let tier = decision.record.word("tier");
    let mut parts = Vec::new();
    match (&message, &rule) {
        (Some(message), _) => parts.push(format!("{}: {message}", shown(&code))),
        // What asked did not let it run; people did, and the approval says which.
        (None, Some(rule)) if matches!(&*code, "approved" | "standing_approved") => {
            let by = decision.record.field("approvals").map(ValueView::items);
            let by: Vec<String> = by.into_iter().flatten().filter_map(id).collect();
            parts.push(format!("{}: by {}", shown(&code), by.join(", ")));
            parts.push(format!("rule `{rule}` asks"));
        }
        (None, Some(rule)) => parts.push(format!("rule `{rule}`")),
        (None, None) => parts.push(shown(&code)),
    }
    if let Some(tier) = tier {
        parts.push(shown(&tier));
    }
    if decision.is_observed() {
        parts.push("let through all the same: the gate only observed".into());
    }
    let tone = match decision.decision {
        DecisionKind::Allow => Tone::Good,
        DecisionKind::Ask => Tone::Care,
        DecisionKind::Deny => Tone::Bad,
    };
    let head = decision.decision.as_str();
    Phrase::new(tone, head, parts.join("; "))
}

/// An id in a list of them.
fn id(value: ValueView<'_>) -> Option<String> {
    Some(format!("`{}`", shown(&value.as_text()?)))
}

/// What became of a call, or what happened beside the calls.
pub(super) fn of(record: &RecordView<'_>, clear: &Clear) -> Phrase {
    match record.kind() {
        "outcome" => outcome(record, clear),
        "not_begun" => not_begun(record),
        "abandoned" => {
            let text = "it was begun, and nobody told how it ended";
            Phrase::new(Tone::Care, "doubt", text)
        }
        "approval_asked" => Phrase::new(Tone::Care, "approval", asked(record, clear)),
        "approval_answered" => answered(record),
        "approval_consumed" => {
            let left = record.number("left");
            let left = left.map_or_else(String::new, |left| match left {
                1 => ", 1 use left".to_owned(),
                left => format!(", {left} uses left"),
            });
            let text = format!("{} was used{left}", quoted(record, "approval"));
            Phrase::new(Tone::Plain, "approval", text)
        }
        "policy_loaded" => {
            let digest = short(record, "digest");
            let text = format!(
                "policy {} came into force, {digest}",
                quoted(record, "name")
            );
            Phrase::new(Tone::Plain, "policy", text)
        }
        "gap" => {
            let lost = counted(record.number("lost"));
            let text = format!("{lost} records were lost for want of room");
            Phrase::new(Tone::Bad, "gap", text)
        }
        "recovered" => {
            let bytes = counted(record.number("bytes"));
            let file = quoted(record, "file");
            let text = format!("a crash left {bytes} bytes of a torn end; they are in {file}");
            Phrase::new(Tone::Care, "torn", text)
        }
        "erased" => erased(record),
        "task_begun" | "task_ended" => Phrase::new(Tone::Plain, "task", told(record, clear)),
        "token_issued" | "token_revoked" => Phrase::new(Tone::Plain, "token", told(record, clear)),
        "limit_reached" => Phrase::new(Tone::Care, "limit", told(record, clear)),
        "revoked" => Phrase::new(Tone::Care, "revoked", told(record, clear)),
        "review_decided" => Phrase::new(Tone::Plain, "review", told(record, clear)),
        "credential_issued" => Phrase::new(Tone::Plain, "issued", told(record, clear)),
        "checkpoint" => Phrase::new(Tone::Faint, "signed", told(record, clear)),
        kind => {
            let text = format!("{kind}: {}", told(record, clear));
            Phrase::new(Tone::Plain, "record", text)
        }
    }
}

fn outcome(record: &RecordView<'_>, clear: &Clear) -> Phrase {
    let took = record.number("duration_us").map(Duration::from_micros);
    let took = took.map_or_else(String::new, |took| format!("{took:.1?}, "));
    let status = record.word("status");
    let (tone, status) = match status.as_deref() {
        Some("ok") => (Tone::Good, "ok".into()),
        Some("error") => (Tone::Care, "failed".into()),
        other => (Tone::Care, shown(other.unwrap_or("it is not said how"))),
    };
    let mut text = format!("{took}{status}");
    if let Some(result) = record.kept("result") {
        text.push_str(": ");
        text.push_str(&clear.of(result));
    }
    for (key, what) in [("effects", "it did "), ("masked", "masked ")] {
        if let Some(list) = record
            .field(key)
            .filter(|list| list.items().next().is_some())
        {
            text.push_str("; ");
            text.push_str(what);
            text.push_str(&value(list, clear));
        }
    }
    Phrase::new(tone, "ran", text)
}

fn not_begun(record: &RecordView<'_>) -> Phrase {
    let reason = record.word("reason").unwrap_or_default();
    let text = match &*reason {
        "dropped" => "the permit was dropped".into(),
        "expired" => "the permit was held too long".into(),
        "revoked" => "what it rested on was revoked".into(),
        "stricter" => "it was judged again, more strictly, when it was to begin".into(),
        "late" => "the log was written too late, and the caller had been told no".into(),
        other => shown(other),
    };
    Phrase::new(Tone::Care, "not run", text)
}

fn asked(record: &RecordView<'_>, clear: &Clear) -> String {
    let mut text = format!("{} was asked for", quoted(record, "approval"));
    if let Some(demands) = record.field("friction") {
        text.extend([": ", &friction(demands, clear)]);
    }
    if let Some(expires) = record.moment("expires") {
        text.extend([", until ", &clock(expires)]);
    }
    text
}

fn answered(record: &RecordView<'_>) -> Phrase {
    let verdict = record.word("verdict").unwrap_or_default();
    let mut text = match record.field("standing").filter(|given| !given.is_null()) {
        None => format!("{} {}", quoted(record, "approval"), shown(&verdict)),
        Some(given) => standing(record, given, &shown(&verdict)),
    };
    if let Some(approver) = record.principal("approver") {
        text.extend([" by ", &shown(&approver.id.to_string())]);
    }
    if let Some(reason) = name(record, "reason") {
        text.extend([": ", &reason]);
    }
    if record.field("settled").and_then(ValueView::as_bool) == Some(false) {
        text.push_str(", and further answers are needed");
    }
    let tone = match &*verdict {
        "approved" => Tone::Good,
        "refused" => Tone::Bad,
        _ => Tone::Care,
    };
    Phrase::new(tone, "approval", text)
}

/// An answer to a standing approval, which was given on the question that the record names.
fn standing(record: &RecordView<'_>, given: ValueView<'_>, verdict: &str) -> String {
    let id = given.get("id").and_then(id).unwrap_or_default();
    let uses = counted(given.get("uses").and_then(ValueView::as_u64));
    let until = given.get("until").and_then(ValueView::as_text);
    let until = shown(&until.unwrap_or_default());
    let on = quoted(record, "approval");
    format!("standing approval {id}, given on {on}, for {uses} calls until {until}: {verdict}")
}

fn erased(record: &RecordView<'_>) -> Phrase {
    let texts = record
        .field("texts")
        .map_or(0, |texts| texts.items().count());
    let plural = if texts == 1 { "" } else { "s" };
    let by = record.principal("by");
    let by = by.map_or_else(String::new, |by| format!(", by {}", by.id));
    let of = name(record, "subject").map_or_else(String::new, |of| format!(" of {of}"));
    let why = name(record, "reason").map_or_else(String::new, |why| format!(": {why}"));
    let text = format!("{texts} text{plural}{of}{}{why}", shown(&by));
    Phrase::new(Tone::Care, "erased", text)
}

/// All that a record says, member by member; what is null says nothing.
fn told(record: &RecordView<'_>, clear: &Clear) -> String {
    let mut parts = Vec::new();
    for (key, member) in ValueView::members(record.whole()) {
        let envelope = matches!(&*key, "v" | "kind" | "time" | "durable" | "seq" | "prev");
        if envelope || member.is_null() || member.raw() == "[]" {
            continue;
        }
        let text = match &*key {
            "purpose" => record.kept("purpose").map(|kept| clear.of(kept)),
            _ => Some(value(member, clear)),
        };
        parts.push(format!("{} {}", shown(&key), text.unwrap_or_default()));
    }
    parts.join(", ")
}

/// A value for people: names in backticks, digests short, lists without brackets where they hold
/// one thing.
fn value(value: ValueView<'_>, clear: &Clear) -> String {
    if let Some(name) = NameView::of(value) {
        let text = name.to_string();
        return if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            shorter(&text)
        } else {
            format!("`{}`", shown(&text))
        };
    }
    if let Some(principal) = PrincipalView::of(value) {
        return shown(&principal.id.to_string());
    }
    if value.items().next().is_some() {
        let items: Vec<_> = value.items().map(|item| self::value(item, clear)).collect();
        return items.join(" and ");
    }
    clear.cut(value.raw())
}

/// What is demanded of an asked call.
fn friction(value: ValueView<'_>, clear: &Clear) -> String {
    let is = |key| value.get(key).and_then(ValueView::as_bool) == Some(true);
    let mut parts = Vec::new();
    parts.extend(is("confirm").then(|| "a confirmation".to_owned()));
    parts.extend(is("preview").then(|| "a preview".to_owned()));
    let groups = value.get("approvals").map(ValueView::items);
    for group in groups.into_iter().flatten() {
        let count = group.get("count").and_then(ValueView::as_u64);
        let from = group
            .get("from")
            .map(ValueView::items)
            .into_iter()
            .flatten();
        let from: Vec<_> = from
            .flat_map(ValueView::members)
            .map(|(kind, who)| format!("{} {}", shown(&kind), self::value(who, clear)))
            .collect();
        let from = from.join(" or ");
        parts.push(format!("{} of {from}", counted(count)));
    }
    parts.join(", ")
}

/// How many, where the record says it. A record that somebody else wrote may not: that is not none.
fn counted(number: Option<u64>) -> String {
    number.map_or_else(
        || "an unknown number of".to_owned(),
        |number| number.to_string(),
    )
}

/// A name, safe to show.
pub(super) fn name(record: &RecordView<'_>, key: &str) -> Option<String> {
    record.name(key).map(|name| shown(&name.to_string()))
}

fn quoted(record: &RecordView<'_>, key: &str) -> String {
    format!("`{}`", name(record, key).unwrap_or_default())
}

fn short(record: &RecordView<'_>, key: &str) -> String {
    shorter(&record.word(key).unwrap_or_default())
}

/// The beginning of a digest, which is enough to tell it from others by eye.
pub(super) fn shorter(digest: &str) -> String {
    format!("{}...", shown(digest.get(..12).unwrap_or(digest)))
}

/// A time of the wall.
pub(super) fn clock(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
