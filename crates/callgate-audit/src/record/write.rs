//! What several kinds of record write in the same way.

use std::fmt;

use callgate_types::{Approver, Caller, Decimal, Digest, Friction, Principal};
use chrono::{DateTime, Utc};

use super::extent::Extent;
use crate::encode::{Object, push_display, push_time};

pub(super) fn word_or_null(object: &mut Object<'_>, key: &str, word: Option<&str>) {
    match word {
        Some(word) => object.word(key, word),
        None => object.null(key),
    }
}

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

pub(super) fn write_principal(principal: &Principal, out: &mut Vec<u8>) {
    let mut object = Object::begin(out);
    object.name("id", Some(principal.id().as_str()));
    object.word("verified", principal.verification().as_str());
    object.end();
}

pub(super) fn principal_or_null(object: &mut Object<'_>, key: &str, principal: Option<&Principal>) {
    match principal {
        Some(principal) => write_principal(principal, object.key(key)),
        None => object.null(key),
    }
}

pub(super) fn write_subject(object: &mut Object<'_>, caller: &Caller) {
    principal_or_null(object, "subject", caller.subject());
}

pub(super) fn write_actors(object: &mut Object<'_>, extent: Extent, caller: &Caller) {
    let actors = caller.actors().iter();
    object.list("actors", extent.items(), actors, |out, actor| {
        write_principal(actor, out);
    });
}

/// Subject, actors and tenant: on whose behalf something is.
pub(super) fn write_caller(object: &mut Object<'_>, extent: Extent, caller: &Caller) {
    write_subject(object, caller);
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
        object.end();
    });
    let expires = friction
        .expires_in
        .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
    number_or_null(&mut object, "expires_in_ms", expires);
    object.end();
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
