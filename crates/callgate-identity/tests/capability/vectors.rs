//! Every vector of `docs/spec/capability.md`.

use std::collections::BTreeMap;

use callgate_identity::capability::{
    Bound, Capability, CapabilityToken, Challenge, Challenges, Grant, Possession, PublicKey,
    Restrictions, Roots, Scalar, SecretKey, Signature, Use,
};
use callgate_types::{Decimal, ResourceName, ToolCall};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    roots: Vec<Root>,
    issued: Vec<Issued>,
    read: Vec<Read>,
    uses: Vec<Used>,
    challenges: Vec<Asked>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    id: u32,
    seed: String,
    public: String,
    tenants: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issued {
    name: String,
    #[serde(rename = "about")]
    _about: String,
    subject: String,
    tenant: String,
    task: String,
    root: u32,
    next: Vec<String>,
    blocks: Vec<Block>,
    token: String,
    digest: String,
    revocation_ids: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Block {
    tools: Vec<String>,
    arguments: Vec<Argument>,
    resources: BTreeMap<String, Value>,
    before: Option<i64>,
    not_before: Option<i64>,
    holder: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Argument {
    tool: String,
    pointer: String,
    r#in: Option<Vec<Value>>,
    at_most: Option<String>,
    at_least: Option<String>,
    starts_with: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    about: String,
    token: String,
    now: i64,
    gets: String,
    block: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Used {
    about: String,
    token: String,
    now: i64,
    tenant: Option<String>,
    task: Option<String>,
    tool: String,
    arguments: String,
    resources: Vec<(String, Option<String>)>,
    #[serde(default)]
    proved: Vec<String>,
    gets: String,
    block: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    about: String,
    text: String,
    gets: String,
    seed: Option<String>,
    proof: Option<String>,
}

fn vectors() -> Vectors {
    let text = include_str!("../../../../docs/spec/vectors/capability.json");
    serde_json::from_str(text).unwrap()
}

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    assert_eq!(hex.len(), 2 * N);
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}

fn secret(seed: &str) -> SecretKey {
    SecretKey::from_seed(bytes(seed)).unwrap()
}

fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn roots(vectors: &Vectors) -> Roots {
    let trust = |roots: Roots, root: &Root| {
        let key: PublicKey = root.public.parse().unwrap();
        assert_eq!(secret(&root.seed).public(), key);
        match &root.tenants {
            None => roots.trust(root.id, key),
            Some(tenants) => roots.trust_in(root.id, key, tenants.iter().map(|name| &**name)),
        }
    };
    vectors.roots.iter().fold(Roots::new(), trust)
}

impl Block {
    fn restrictions(&self) -> Restrictions {
        let mut made = Restrictions::new();
        for tool in &self.tools {
            made = made.tool(tool);
        }
        for argument in &self.arguments {
            made = made.argument(&argument.tool, &argument.pointer, argument.bound());
        }
        for (kind, ids) in &self.resources {
            made = match ids {
                Value::Bool(true) => made.resources_of(kind),
                ids => {
                    let ids = ids.as_array().unwrap().iter();
                    ids.fold(made, |made, id| made.resource(kind, id.as_str().unwrap()))
                }
            };
        }
        if let Some(seconds) = self.before {
            made = made.before(moment(seconds));
        }
        if let Some(seconds) = self.not_before {
            made = made.not_before(moment(seconds));
        }
        match &self.holder {
            Some(key) => made.holder(key.parse().unwrap()),
            None => made,
        }
    }
}

impl Argument {
    fn bound(&self) -> Bound {
        match (&self.r#in, &self.at_most, &self.at_least, &self.starts_with) {
            (Some(values), None, None, None) => Bound::one_of(values.iter().map(scalar)),
            (None, Some(most), None, None) => Bound::AtMost(most.parse().unwrap()),
            (None, None, Some(least), None) => Bound::AtLeast(least.parse().unwrap()),
            (None, None, None, Some(prefix)) => Bound::StartsWith(prefix.as_str().into()),
            _ => panic!("expected one bound"),
        }
    }
}

fn scalar(value: &Value) -> Scalar {
    match value {
        Value::Null => Scalar::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => number.to_string().parse::<Decimal>().unwrap().into(),
        Value::String(text) => text.as_str().into(),
        _ => panic!("expected a value without parts"),
    }
}

#[test]
fn issued_tokens() {
    let vectors = vectors();
    for issued in &vectors.issued {
        let root = vectors.roots.iter().find(|root| root.id == issued.root);
        let root = secret(&root.unwrap().seed);
        let mut blocks = issued.blocks.iter().zip(&issued.next);
        let (first, next) = blocks.next().unwrap();
        let capability = Capability::new(
            issued.subject.parse().unwrap(),
            issued.tenant.as_str(),
            issued.task.as_str(),
            first.restrictions(),
        );
        let mut token = capability.issue(issued.root, &root, &secret(next)).unwrap();
        for (block, next) in blocks {
            token = token
                .attenuate(&block.restrictions(), &secret(next))
                .unwrap();
        }
        assert_eq!(token.as_str(), issued.token, "{}", issued.name);
        assert_eq!(token.digest().to_string(), issued.digest);
        let ids = token.revocation_ids().iter().map(ToString::to_string);
        assert_eq!(ids.collect::<Vec<_>>(), issued.revocation_ids);
    }
}

#[test]
fn read_tokens() {
    let vectors = vectors();
    let roots = roots(&vectors);
    assert!(vectors.read.len() >= 150);
    for read in &vectors.read {
        let verified = CapabilityToken::parse(&read.token)
            .and_then(|token| token.verify(&roots, moment(read.now)));
        let (gets, block) = match &verified {
            Ok(_) => ("ok", None),
            Err(fault) => (fault.as_str(), fault.block()),
        };
        assert_eq!((gets, block), (&*read.gets, read.block), "{}", read.about);
        if let Err(fault) = verified {
            assert_message(&fault.to_string(), &read.token);
        }
    }
}

/// Messages are one line, and nothing of the token is in them.
#[track_caller]
fn assert_message(message: &str, token: &str) {
    assert!(message.starts_with(|first: char| first.is_ascii_lowercase()));
    assert!(!message.contains('\n') && !message.ends_with('.'));
    assert!(token.len() < 20 || !message.contains(&token[..20]));
}

#[test]
fn uses() {
    let vectors = vectors();
    let roots = roots(&vectors);
    assert!(vectors.uses.len() >= 55);
    for used in &vectors.uses {
        let issued = vectors.issued.iter().find(|it| it.name == used.token);
        let token = CapabilityToken::parse(&issued.unwrap().token).unwrap();
        let grant = token.verify(&roots, moment(1_796_115_600)).unwrap();
        let proofs: Vec<Possession> = used
            .proved
            .iter()
            .map(|key| proof(&grant, key, used.now))
            .collect();
        let call = ToolCall::from_text(used.tool.as_str(), used.arguments.as_str());
        let resources: Vec<ResourceName<'_>> = used
            .resources
            .iter()
            .map(|(kind, id)| ResourceName::new(kind, id.as_deref()))
            .collect();
        let mut asked = Use::new(&call, moment(used.now))
            .naming(&resources)
            .proved_by(&proofs);
        if let Some(tenant) = &used.tenant {
            asked = asked.in_tenant(tenant);
        }
        if let Some(task) = &used.task {
            asked = asked.for_task(task);
        }
        let (gets, block) = match grant.allows(&asked) {
            Ok(()) => ("ok", None),
            Err(fault) => (fault.as_str(), fault.block()),
        };
        assert_eq!((gets, block), (&*used.gets, used.block), "{}", used.about);
    }
}

/// The proof of the holder whose public key this is: one of the keys of the tests.
fn proof(grant: &Grant, public: &str, now: i64) -> Possession {
    let public: PublicKey = public.parse().unwrap();
    let seeds = (0..=255_u8)
        .map(|number| std::array::from_fn(|at| u8::try_from(at).unwrap().wrapping_mul(7) ^ number));
    let keys = seeds.map(|seed| SecretKey::from_seed(seed).unwrap());
    let key = keys.into_iter().find(|key| key.public() == public).unwrap();
    let challenges = Challenges::new("billing-gate").unwrap();
    let challenge = challenges.ask(grant, [9; 32], moment(now)).unwrap();
    let proof = challenge.answer(&key);
    challenges
        .redeem(grant, &challenge, public, &proof, moment(now))
        .unwrap()
}

#[test]
fn challenges() {
    for asked in vectors().challenges {
        let read = Challenge::parse(&asked.text);
        let gets = read.as_ref().map_or_else(|fault| fault.as_str(), |_| "ok");
        assert_eq!(gets, asked.gets, "{}", asked.about);
        if let (Ok(challenge), Some(seed)) = (read, asked.seed) {
            assert_eq!(challenge.to_string(), asked.text);
            let proof = challenge.answer(&secret(&seed));
            assert_eq!(proof, Signature::from_bytes(bytes(&asked.proof.unwrap())));
        }
    }
}
