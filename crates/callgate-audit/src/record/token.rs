//! Authority that was handed out, and taken back. No secret stands in any of these.

use callgate_types::{Caller, Digest, Principal};
use chrono::{DateTime, Utc};

use super::extent::Extent;
use super::write::{hex_or_null, names_or_null, principal_or_null, time_or_null, write_caller};
use crate::encode::Object;

/// A capability token was issued. The record holds its id, never its text.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenIssuedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the token, by which it is revoked.
    pub token: &'a str,
    /// The id of the token that it is a narrower copy of.
    pub parent: Option<&'a str>,
    /// Who issued it.
    pub issuer: Option<&'a Principal>,
    /// Who may use it, and on whose behalf.
    pub caller: &'a Caller,
    /// The digest of the key that its holder must prove to have.
    pub holder_key: Option<Digest>,
    /// The task for which it is good.
    pub task: Option<&'a str>,
    /// The scopes that it confers; `None` does not narrow those of its caller.
    pub scopes: Option<&'a [&'a str]>,
    /// The tools for which it is good; `None` does not narrow them.
    pub tools: Option<&'a [&'a str]>,
    /// The digest of further bounds: on arguments and resources.
    pub bounds: Option<Digest>,
    /// From when on it is good for nothing.
    pub expires: Option<DateTime<Utc>>,
}

impl<'a> TokenIssuedRecord<'a> {
    /// The token `token`, which `caller` may use.
    pub const fn new(time: DateTime<Utc>, token: &'a str, caller: &'a Caller) -> Self {
        Self {
            time,
            token,
            parent: None,
            issuer: None,
            caller,
            holder_key: None,
            task: None,
            scopes: None,
            tools: None,
            bounds: None,
            expires: None,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        object.name("token", Some(self.token));
        object.name("parent", self.parent);
        principal_or_null(object, "issuer", self.issuer);
        write_caller(object, extent, self.caller);
        hex_or_null(object, "holder_key", self.holder_key);
        object.name("task", self.task);
        names_or_null(object, extent, "scopes", self.scopes);
        names_or_null(object, extent, "tools", self.tools);
        hex_or_null(object, "bounds", self.bounds);
        time_or_null(object, "expires", self.expires);
    }
}

/// A capability token was revoked, and with it every narrower copy.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct TokenRevokedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the token.
    pub token: &'a str,
    /// Who did it; `None` where it happened by itself, at the end of a task, say.
    pub by: Option<&'a Principal>,
    /// Why.
    pub reason: Option<&'a str>,
}

impl<'a> TokenRevokedRecord<'a> {
    /// The token `token` was revoked.
    pub const fn new(time: DateTime<Utc>, token: &'a str) -> Self {
        Self {
            time,
            token,
            by: None,
            reason: None,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.name("token", Some(self.token));
        principal_or_null(object, "by", self.by);
        object.name("reason", self.reason);
    }
}

/// The short-lived credential that a tool needs was fetched for one call. The secret stands
/// nowhere.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CredentialIssuedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the credential, by which it is revoked.
    pub credential: &'a str,
    /// The record of the decision that lets the call run.
    pub decision_seq: u64,
    /// Who issued it.
    pub issuer: &'a str,
    /// For whom it is good: the service behind the tool.
    pub audience: Option<&'a str>,
    /// What it confers, in the issuer's words.
    pub scopes: &'a [&'a str],
    /// From when on it is good for nothing.
    pub expires: Option<DateTime<Utc>>,
}

impl<'a> CredentialIssuedRecord<'a> {
    /// `issuer` issued `credential` for the call decided in record `decision_seq`.
    pub const fn new(
        time: DateTime<Utc>,
        credential: &'a str,
        decision_seq: u64,
        issuer: &'a str,
    ) -> Self {
        Self {
            time,
            credential,
            decision_seq,
            issuer,
            audience: None,
            scopes: &[],
            expires: None,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        object.name("credential", Some(self.credential));
        object.number("decision_seq", self.decision_seq);
        object.name("issuer", Some(self.issuer));
        object.name("audience", self.audience);
        object.names("scopes", extent.items(), self.scopes);
        time_or_null(object, "expires", self.expires);
    }
}
