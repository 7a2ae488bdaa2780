//! The vectors: every case of the specification, with its code.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use callgate_identity::jwt::{ClaimMap, JwtVerifier, KeySet, Verified};
use callgate_identity::{CredentialError, UnverifiedCredential};
use callgate_types::{Fact, Facts, PrincipalId, PrincipalKind};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(rename = "note")]
    _note: String,
    issuer: String,
    audience: String,
    #[serde(rename = "test_keys")]
    _test_keys: Value,
    key_sets: BTreeMap<String, Value>,
    verifiers: BTreeMap<String, Settings>,
    refused_key_sets: Vec<Refused>,
    pub(crate) cases: Vec<Case>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    keys: String,
    replaced_by: Option<String>,
    overlap: Option<DateTime<Utc>>,
    types: Option<Vec<String>>,
    skew: Option<u64>,
    lives_at_most: Option<u64>,
    issued_to: Vec<String>,
    map: Map,
    trust_domain: Option<String>,
    paths: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Map {
    id: Option<String>,
    prefix: Option<String>,
    tenant: Option<String>,
    always_of: Option<String>,
    kind_where: Option<(String, String, String)>,
    roles: Option<String>,
    roles_by_tenant: Option<String>,
    crossing_roles: Option<String>,
    renamed: BTreeMap<String, String>,
    scopes: Option<String>,
    tools: Option<String>,
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    about: String,
    text: String,
    expect: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) id: String,
    about: String,
    pub(crate) verifier: String,
    pub(crate) now: DateTime<Utc>,
    token: Option<String>,
    repeat: Option<Repeat>,
    header: Option<String>,
    claims: Option<String>,
    expect: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    text: String,
    times: usize,
}

impl Case {
    pub(crate) fn text(&self) -> String {
        match (&self.token, &self.repeat) {
            (Some(token), _) => token.clone(),
            (None, Some(repeat)) => repeat.text.repeat(repeat.times),
            (None, None) => String::new(),
        }
    }
}

impl File {
    pub(crate) fn read() -> Self {
        let text = include_str!("../../../../docs/spec/vectors/identity.json");
        serde_json::from_str(text).unwrap()
    }

    pub(crate) fn key_set(&self, name: &str) -> String {
        self.key_sets[name].to_string()
    }

    /// The id of the case that is about this.
    pub(crate) fn id_of(&self, about: &str) -> String {
        let case = self.cases.iter().find(|case| case.about == about);
        case.unwrap().id.clone()
    }

    fn keys(&self, name: &str, is_spiffe: bool) -> KeySet {
        let text = self.key_sets[name].to_string();
        if is_spiffe {
            KeySet::parse_spiffe_bundle(&text).unwrap()
        } else {
            KeySet::parse(&text).unwrap()
        }
    }

    pub(crate) fn verifier(&self, name: &str) -> JwtVerifier {
        let settings = &self.verifiers[name];
        let keys = self.keys(&settings.keys, settings.trust_domain.is_some());
        let audience = self.audience.as_str();
        let mut builder = match &settings.trust_domain {
            Some(domain) => JwtVerifier::spiffe(domain.as_str(), audience, keys),
            None => JwtVerifier::builder(self.issuer.as_str(), audience, keys)
                .claims(settings.map.build()),
        };
        if let Some(types) = &settings.types {
            builder = builder.types(types.iter().map(|word| &**word));
        }
        if let Some(skew) = settings.skew {
            builder = builder.skew(Duration::from_secs(skew));
        }
        if let Some(most) = settings.lives_at_most {
            builder = builder.lives_at_most(Duration::from_secs(most));
        }
        for party in &settings.issued_to {
            builder = builder.issued_to(party.as_str());
        }
        for path in &settings.paths {
            builder = builder.path(path.as_str());
        }
        let verifier = builder.build().unwrap();
        if let Some(next) = &settings.replaced_by {
            verifier.replace_keys(self.keys(next, false), settings.overlap);
        }
        verifier
    }
}

impl Map {
    fn build(&self) -> ClaimMap {
        let mut map = ClaimMap::new();
        if let Some(pointer) = &self.id {
            map = map.id(pointer.as_str());
        }
        if let Some(prefix) = &self.prefix {
            map = map.id_prefix(prefix.as_str());
        }
        if let Some(pointer) = &self.tenant {
            map = map.tenant(pointer.as_str());
        }
        if let Some(tenant) = &self.always_of {
            map = map.always_of(tenant.as_str());
        }
        if let Some((pointer, value, kind)) = &self.kind_where {
            let kind = PrincipalKind::ALL
                .into_iter()
                .find(|known| known.as_str() == kind);
            map = map.kind_where(pointer.as_str(), value.as_str(), kind.unwrap());
        }
        if let Some(pointer) = &self.roles {
            map = map.roles(pointer.as_str());
        }
        if let Some(pointer) = &self.roles_by_tenant {
            map = map.roles_by_tenant(pointer.as_str());
        }
        if let Some(pointer) = &self.crossing_roles {
            map = map.crossing_roles(pointer.as_str());
        }
        for (claimed, role) in &self.renamed {
            map = map.role(claimed.as_str(), role.as_str());
        }
        if let Some(pointer) = &self.scopes {
            map = map.scopes(pointer.as_str());
        }
        if let Some(pointer) = &self.tools {
            map = map.tools(pointer.as_str());
        }
        for (name, pointer) in &self.attributes {
            map = map.attribute(name.as_str(), pointer.as_str());
        }
        map
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// What a token says, in the words of the vectors.
fn said(verified: &Verified) -> Value {
    let principal = verified.principal();
    let limit = principal.limit();
    let attribute = |(name, fact): (&str, &Fact)| match fact {
        Fact::Known(value) => (name.to_owned(), json!(value.text())),
        _ => (name.to_owned(), Value::Null),
    };
    let attributes = principal.attributes().into_iter().flat_map(Facts::iter);
    let mut roles: Vec<&str> = principal.roles_in(verified.tenant()).collect();
    roles.sort_unstable();
    // Of whom could it be said that they may act? Of those that the vectors name.
    let may_act: Vec<&str> = ["agent:bot", "agent:other"]
        .into_iter()
        .filter(|id| principal.may_be_acted_for_by(&id.parse::<PrincipalId>().unwrap()))
        .collect();
    let everybody = may_act.len() == 2;
    let mut said = json!({
        "principal": principal.id().as_str(),
        "tenant": verified.tenant(),
        "roles": roles,
        "actors": verified.actors().iter().map(|actor| actor.id().as_str()).collect::<Vec<_>>(),
        "scopes": limit.and_then(|limit| limit.scope_names()).map(Iterator::collect::<Vec<_>>),
        "tools": limit.and_then(|limit| limit.tool_names()).map(Iterator::collect::<Vec<_>>),
        "proved_at": principal.verification().proved_at().map(time),
        "until": time(verified.expires()),
        "attributes": attributes.map(attribute).collect::<serde_json::Map<_, _>>(),
        "may_act": if everybody { Vec::new() } else { may_act },
    });
    // Of which tenants could it be? Of those that the vectors name.
    let others = ["acme", "globex", "initech"].into_iter();
    let others =
        others.filter(|tenant| Some(*tenant) != verified.tenant() && principal.is_of(tenant));
    let elsewhere: BTreeMap<&str, Vec<&str>> = others
        .map(|tenant| (tenant, principal.roles_in(Some(tenant)).collect()))
        .collect();
    if !elsewhere.is_empty() {
        said["elsewhere"] = json!(elsewhere);
    }
    said
}

#[track_caller]
fn check(case: &Case, verifiers: &BTreeMap<&str, JwtVerifier>) {
    let text = case.text();
    let credential = UnverifiedCredential::new(&text);
    let got = match verifiers[&*case.verifier].verify(&credential, case.now) {
        Ok(verified) => said(&verified),
        Err(error) => json!({ "code": error.as_str() }),
    };
    assert_eq!(got, case.expect, "{} {}", case.id, case.about);
}

#[test]
fn every_case() {
    let file = File::read();
    let names = file.verifiers.keys();
    let verifiers = names.map(|name| (&**name, file.verifier(name))).collect();
    for case in &file.cases {
        check(case, &verifiers);
    }
    assert!(file.cases.len() >= 120);
}

/// A token of the vectors is what its case spells out.
#[test]
fn tokens_say_what_their_cases_spell_out() {
    let file = File::read();
    let mut seen = 0;
    for case in &file.cases {
        let (Some(header), Some(claims)) = (&case.header, &case.claims) else {
            continue;
        };
        let text = case.text();
        let parts: Vec<String> = text.split('.').map(decoded).collect();
        assert_eq!((&parts[0], &parts[1]), (header, claims), "{}", case.id);
        seen += 1;
    }
    assert!(seen > 100);
}

/// A part of a token as text; in the tests, the vectors are trusted.
fn decoded(part: &str) -> String {
    let bytes = Base64UrlUnpadded::decode_vec(part).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn key_sets() {
    let file = File::read();
    for set in &file.refused_key_sets {
        let got = match KeySet::parse(&set.text) {
            Ok(keys) => format!("{} keys", keys.len()),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, set.expect, "{}", set.about);
    }
    let long = format!(
        "{{\"keys\": [], \"x\": \"{}\"}}",
        "y".repeat(KeySet::MAX_BYTES)
    );
    assert_eq!(
        KeySet::parse(&long).unwrap_err().to_string(),
        "expected at most 262144 bytes of keys"
    );
}

/// Every code has a case, but for those that only a resolver gives.
#[test]
fn every_code_is_seen() {
    let file = File::read();
    let seen: BTreeSet<&str> = file
        .cases
        .iter()
        .filter_map(|case| case.expect["code"].as_str())
        .collect();
    let unseen: Vec<&str> = CredentialError::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !seen.contains(code))
        .collect();
    assert_eq!(unseen, ["unknown_issuer", "revoked", "clock_moved_back"]);
}

/// Every code has a row on the page, and no row has none.
#[test]
fn every_code_is_specified() {
    let page = include_str!("../../../../docs/spec/identity.md");
    let codes = page
        .split("\n## ")
        .find(|part| part.starts_with("7. Codes"));
    let rows: BTreeSet<&str> = codes
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let known: BTreeSet<&str> = CredentialError::ALL
        .iter()
        .map(|code| code.as_str())
        .collect();
    assert_eq!(rows, known);
}
