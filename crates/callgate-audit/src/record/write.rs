//! What several kinds of record write in the same way.

use std::fmt;
use std::time::Duration;

use callgate_types::{Approver, Caller, Decimal, Delegation, Digest, Friction, Principal};
use chrono::{DateTime, Utc};

use super::RecordedPrincipal;
use super::extent::Extent;
use crate::encode::{Object, push_display, push_name, push_time};

pub(super) fn hex_or_null(object: &mut Object<'_>, key: &str, digest: Option<Digest>) {
    match digest {
        Some(digest) => object.hex(key, digest),
        None => object.null(key),
    }
}

pub(super) fn number_or_null(object: &mut Object<'_>, key: &str, number: Option<u64>) {
    match number {
        Some(number) => object.number(key, number),
        None => object.null(key),
    }
}

pub(super) fn display_or_null(
    object: &mut Object<'_>,
    key: &str,
    value: Option<impl fmt::Display>,
) {
    match value {
        Some(value) => push_display(object.key(key), &value),
        None => object.null(key),
    }
}

pub(super) fn time_or_null(object: &mut Object<'_>, key: &str, time: Option<DateTime<Utc>>) {
    match time {
        Some(time) => {
            let out = object.key(key);
            out.push(b'"');
            push_time(out, time);
            out.push(b'"');
        }
        None => object.null(key),
    }
}

/// A list of names, or null where nothing is said.
pub(super) fn names_or_null(
    object: &mut Object<'_>,
    extent: Extent,
    key: &str,
    names: Option<&[&str]>,
) {
    match names {
        Some(names) => object.names(key, extent.items(), names),
        None => object.null(key),
    }
}

/// An exact decimal: a name in the canonical spelling of numbers.
pub(super) fn amount_or_null(object: &mut Object<'_>, key: &str, amount: Option<&Decimal>) {
    let text = amount.map(ToString::to_string);
    object.name(key, text.as_deref());
}

/// Who it is, how that is known, and nothing of what is not.
fn begin_principal<'o>(principal: &Principal, out: &'o mut Vec<u8>) -> Object<'o> {
    begin_known(RecordedPrincipal::from(principal), out)
}

fn begin_known<'o>(principal: RecordedPrincipal<'_>, out: &'o mut Vec<u8>) -> Object<'o> {
    let mut object = Object::begin(out);
    let verification = principal.verification;
    object.name("id", Some(principal.id.as_str()));
    object.word("verified", verification.method().as_str());
    if verification.issuer().is_some() {
        object.name("issuer", verification.issuer());
    }
    for (key, time) in [
        ("at", verification.proved_at()),
        ("until", verification.expires()),
    ] {
        if time.is_some() {
            time_or_null(&mut object, key, time);
        }
    }
    object
}

pub(super) fn principal_or_null(object: &mut Object<'_>, key: &str, principal: Option<&Principal>) {
    match principal {
        Some(principal) => begin_principal(principal, object.key(key)).end(),
        None => object.null(key),
    }
}

pub(super) fn known_or_null(
    object: &mut Object<'_>,
    key: &str,
    principal: Option<RecordedPrincipal<'_>>,
) {
    match principal {
        Some(principal) => begin_known(principal, object.key(key)).end(),
        None => object.null(key),
    }
}

/// What is conferred: a list of names, or null for all there are.
fn write_delegation(object: &mut Object<'_>, extent: Extent, key: &str, conferred: &Delegation) {
    let mut inner = Object::begin(object.key(key));
    match conferred.scope_names() {
        Some(names) => inner.list("scopes", extent.items(), names, push_name),
        None => inner.null("scopes"),
    }
    match conferred.tool_names() {
        Some(names) => inner.list("tools", extent.items(), names, push_name),
        None => inner.null("tools"),
    }
    time_or_null(&mut inner, "until", conferred.expires());
    inner.end();
}

pub(super) fn write_subject(object: &mut Object<'_>, extent: Extent, caller: &Caller) {
    let Some(subject) = caller.subject() else {
        object.null("subject");
        return;
    };
    let mut inner = begin_principal(subject, object.key("subject"));
    if let Some(limit) = subject.limit() {
        write_delegation(&mut inner, extent, "limit", limit);
    }
    inner.end();
}

pub(super) fn write_actors(object: &mut Object<'_>, extent: Extent, caller: &Caller) {
    let actors = caller.actors().iter().enumerate();
    object.list("actors", extent.items(), actors, |out, (place, actor)| {
        let mut inner = begin_principal(actor, out);
        if let Some(limit) = actor.limit() {
            write_delegation(&mut inner, extent, "limit", limit);
        }
        if let Some(handed) = caller.handed_to(place) {
            write_delegation(&mut inner, extent, "delegated", &handed);
        }
        inner.end();
    });
}

/// Subject, actors and tenant: on whose behalf something is.
pub(super) fn write_caller(object: &mut Object<'_>, extent: Extent, caller: &Caller) {
    write_subject(object, extent, caller);
    write_actors(object, extent, caller);
    object.name("tenant", caller.tenant());
}

pub(super) fn write_friction(friction: &Friction, items: usize, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.bool("confirm", friction.confirm);
    object.bool("preview", friction.preview);
    let groups = friction.approvals.iter();
    object.list("approvals", items, groups, |out, group| {
        let mut object = Object::begin(out);
        object.list("from", items, group.from.iter(), write_approver);
        object.number("count", u64::from(group.count));
        if !group.escalate.is_empty() {
            object.list("escalate", items, group.escalate.iter(), |out, rung| {
                let mut object = Object::begin(out);
                object.number("after_ms", millis(rung.after));
                object.list("from", items, rung.from.iter(), write_approver);
                object.end();
            });
        }
        object.end();
    });
    if let Some(step_up) = &friction.step_up {
        let mut inner = Object::begin(object.key("step_up"));
        number_or_null(&mut inner, "max_age_ms", step_up.max_age.map(millis));
        match &step_up.methods {
            Some(methods) => inner.list("methods", items, methods.iter(), |out, method| {
                push_name(out, method.as_str());
            }),
            None => inner.null("methods"),
        }
        inner.end();
    }
    let expires = friction.expires_in.map(millis);
    number_or_null(&mut object, "expires_in_ms", expires);
    object.end();
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn write_approver(out: &mut Vec<u8>, approver: &Approver) {
    let mut object = Object::begin(out);
    match approver {
        Approver::Role(role) => object.name("role", Some(role)),
        Approver::Scope(scope) => object.name("scope", Some(scope)),
        Approver::Principal(id) => object.name("principal", Some(id.as_str())),
        _ => object.null("unknown"),
    }
    object.end();
}

/// A list of digests; the caller bounds it.
pub(super) fn digests(object: &mut Object<'_>, key: &str, digests: &[Digest]) {
    object.list(key, digests.len(), digests.iter(), |out, digest| {
        out.push(b'"');
        out.extend_from_slice(&digest.to_hex());
        out.push(b'"');
    });
}
