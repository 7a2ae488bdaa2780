//! Texts that are kept apart: `docs/spec/vectors/audit-texts.json`, and the records.

use std::fs;
use std::path::Path;
use std::time::Duration;

use callgate_audit::texts::{
    ClearText, FileTexts, MemoryTexts, Salt, StoredText, TextStore, argument_text, arguments_text,
    string_text,
};
use callgate_audit::{
    Apart, DecisionRecord, Durability, Keep, Kept, OutcomeRecord, OutcomeStatus, Record,
};
use callgate_types::{Caller, Code, Context, DecisionKind, Digest, ToolCall};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::rig::noon;

const VECTORS: &str = include_str!("../../../../docs/spec/vectors/audit-texts.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    #[serde(rename = "about")]
    _about: String,
    commitments: Vec<Commitment>,
    lines: Vec<StoreLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commitment {
    name: String,
    #[serde(rename = "why")]
    _why: String,
    salt: Digest32,
    text: String,
    hash: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreLine {
    name: String,
    #[serde(rename = "why")]
    _why: String,
    line: String,
    holds: String,
}

/// 32 bytes in hex.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Digest32(Digest);

impl TryFrom<String> for Digest32 {
    type Error = callgate_types::ParseDigestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

fn vectors() -> Vectors {
    serde_json::from_str(VECTORS).unwrap()
}

#[test]
fn commitments() {
    for case in vectors().commitments {
        let salt = Salt::from_bytes(*case.salt.0.as_bytes());
        let text = ClearText::new(salt, &case.text).unwrap();
        assert_eq!(text.commitment().to_string(), case.hash, "{}", case.name);
        assert!(StoredText::new(salt, &*case.text).matches(text.commitment()));
    }
}

#[test]
fn lines_of_a_store() {
    for case in vectors().lines {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("00000000000000000000.texts");
        fs::write(file, format!("{}\n", case.line)).unwrap();
        let texts = FileTexts::open_to_read(folder.path()).unwrap();
        let found = texts.list(None, 9).unwrap();
        let holds = match &*found {
            [] => "nothing",
            [one] if texts.find(*one).unwrap().unwrap().text().is_empty() => "damaged",
            _ => "text",
        };
        assert_eq!(holds, case.holds, "{}", case.name);
    }
}

/// What the record of a call keeps of its arguments.
fn kept(arguments: &str, keep: Keep, apart: &[Apart<'_>]) -> Value {
    let call = ToolCall::from_text("t", arguments);
    let (caller, context) = (Caller::unknown(), Context::new());
    let kind = DecisionKind::Deny;
    let mut record = DecisionRecord::new(
        noon(),
        &call,
        &caller,
        &context,
        kind,
        Code::NoPermit,
        Digest::ZERO,
    );
    record.arguments = keep;
    record.apart = apart;
    let mut body = Vec::new();
    Record::Decision(&record).encode(0, &mut body);
    body.push(b'}');
    let value: Value = serde_json::from_slice(&body).unwrap();
    value["arguments"].clone()
}

#[test]
fn arguments_in_parts() {
    let arguments = r#"{ "id": "a1", "note": "call back", "inner": {"card": 4111, "list": [1]} }"#;
    let commitment = Salt::from_bytes([7; 32]).commit_to("\"call back\"");
    let card = Digest::of(b"4111");
    let apart = [
        Apart::new("/note", Keep::Commitment(commitment)),
        Apart::new("/inner/card", Keep::Digest),
        Apart::new("/absent", Keep::Commitment(Digest::ZERO)),
    ];
    let digest = ToolCall::from_text("t", r#"{"a":4111}"#);
    let digest = digest
        .arguments()
        .unwrap()
        .get("a")
        .unwrap()
        .digest()
        .to_string();
    assert_ne!(digest, card.to_string(), "the canonical digest");
    let parts = json!({
        "/note": { "commitment": commitment.to_string() },
        "/inner/card": { "digest": digest },
    });
    let text = json!({ "id": "a1", "note": null, "inner": { "card": null, "list": [1] } });
    assert_eq!(
        kept(arguments, Keep::Text, &apart),
        json!({ "text": text, "apart": parts })
    );
    let rest = ToolCall::from_text("t", text.to_string());
    let rest = rest.arguments().unwrap().digest().to_string();
    assert_eq!(
        kept(arguments, Keep::Digest, &apart),
        json!({ "digest": rest, "apart": parts })
    );
    assert_eq!(
        kept(arguments, Keep::Commitment(Digest::ZERO), &apart),
        json!({ "commitment": "0".repeat(64), "apart": parts })
    );
    assert_eq!(
        kept(arguments, Keep::Lost, &apart),
        json!({ "digest": rest, "lost": true, "apart": parts })
    );
}

/// A record that would be too long has digests of what is left, and not of what is kept apart.
#[test]
fn long_arguments_in_parts() {
    let long = "x".repeat(300 << 10);
    let arguments = format!(r#"{{"long":"{long}","pin":"1234"}}"#);
    let apart = [Apart::new("/pin", Keep::Commitment(Digest::ZERO))];
    let found = kept(&arguments, Keep::Text, &apart);
    let rest = ToolCall::from_text("t", format!(r#"{{"long":"{long}","pin":null}}"#));
    let rest = rest.arguments().unwrap().digest().to_string();
    let expected = json!({
        "digest": rest, "too_long": true,
        "apart": { "/pin": { "commitment": "0".repeat(64) } },
    });
    assert_eq!(found, expected);
}

#[test]
fn outcomes_kept_in_every_way() {
    for (kept, expected) in [
        (
            Kept::Commitment(Digest::ZERO),
            json!({ "commitment": "0".repeat(64) }),
        ),
        (
            Kept::TooLong(Digest::ZERO),
            json!({ "digest": "0".repeat(64), "too_long": true }),
        ),
        (
            Kept::Lost(Digest::ZERO),
            json!({ "digest": "0".repeat(64), "lost": true }),
        ),
    ] {
        let mut record = OutcomeRecord::new(noon(), 0, OutcomeStatus::Ok, Duration::ZERO);
        record.result = Some(kept);
        let mut body = Vec::new();
        Record::Outcome(record).encode(0, &mut body);
        body.push(b'}');
        let value: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(value["result"], expected);
        assert!(!format!("{kept:?}").is_empty());
    }
}

#[test]
fn texts_that_are_none() {
    let salt = Salt::from_bytes([7; 32]);
    assert!(ClearText::new(salt, "\"a\nb\"").is_none());
    assert!(ClearText::new(salt, &"1".repeat(ClearText::MAX_BYTES)).is_some());
    assert!(ClearText::new(salt, &"1".repeat(ClearText::MAX_BYTES + 1)).is_none());
    let text = ClearText::new(salt, "\"secret\"").unwrap();
    let stored = StoredText::new(salt, "\"secret\"");
    for shown in [
        format!("{text:?}"),
        format!("{stored:?}"),
        format!("{salt:?}"),
    ] {
        assert!(
            !shown.contains("secret") && !shown.contains("0707"),
            "{shown}"
        );
    }
}

/// An unsalted digest of a PIN says which one it was; a commitment does not, once its salt is gone.
#[test]
fn guessing() {
    let pins = || (0..10_000).map(|pin| format!("\"{pin:04}\""));
    let digest = Digest::of(b"\"4711\"");
    assert_eq!(
        pins()
            .find(|pin| Digest::of(pin.as_bytes()) == digest)
            .unwrap(),
        "\"4711\""
    );
    let salt = Salt::from_bytes(*Digest::of(b"a good source").as_bytes());
    let commitment = salt.commit_to("\"4711\"");
    assert!(!pins().any(|pin| Digest::of(pin.as_bytes()) == commitment));
    // Whoever guesses needs the salt; the salt of another text is no help.
    let other = Salt::from_bytes([8; 32]);
    assert!(!pins().any(|pin| other.commit_to(&pin) == commitment));
    assert!(pins().any(|pin| salt.commit_to(&pin) == commitment));
}

/// Both stores do the same.
fn check(texts: &dyn TextStore) {
    let json = ["\"a\"", "{\"b\":[1]}", "1"];
    let salts = [1, 2, 3].map(|salt| Salt::from_bytes([salt; 32]));
    let clear: Vec<_> = salts
        .iter()
        .zip(json)
        .map(|(salt, json)| ClearText::new(*salt, json).unwrap())
        .collect();
    texts
        .put(&clear, Durability::Durable, Duration::from_secs(5))
        .unwrap();
    texts
        .put(&[], Durability::Accepted, Duration::ZERO)
        .unwrap();
    let mut all: Vec<_> = clear.iter().map(ClearText::commitment).collect();
    all.sort();
    assert_eq!(texts.list(None, 9).unwrap(), all);
    assert_eq!(texts.list(Some(all[0]), 1).unwrap(), [all[1]]);
    let found = texts.find(clear[1].commitment()).unwrap().unwrap();
    assert_eq!(found.text(), json[1]);
    texts.erase(&[all[0], all[0], Digest::ZERO]).unwrap();
    texts.erase(&[all[0]]).unwrap();
    assert!(texts.find(all[0]).unwrap().is_none());
    assert_eq!(texts.list(None, 9).unwrap(), all[1..]);
    let many = vec![clear[0]; 257];
    assert!(
        texts
            .put(&many, Durability::Accepted, Duration::ZERO)
            .is_err()
    );
}

#[test]
fn stores() {
    check(&MemoryTexts::new());
    let folder = tempfile::tempdir().unwrap();
    check(&FileTexts::open(folder.path()).unwrap());
    let again = FileTexts::open(folder.path()).unwrap();
    assert_eq!(again.list(None, 9).unwrap().len(), 2);
    assert!(fs::exists(Path::new(folder.path()).join("lock")).unwrap());
}

proptest! {
    /// What is committed to is what the record would hold.
    #[test]
    fn texts_are_as_a_record_holds_them(text in any::<String>(), note in "[a-z\u{202e}\"\\\\ ]{0,9}") {
        let arguments = json!({ "a": text, "note": note }).to_string();
        let call = ToolCall::from_text("t", arguments.replace(':', " : "));
        let Ok(arguments) = call.arguments() else {
            return Ok(());
        };
        let value = arguments.get("note");
        prop_assume!(value.is_some());
        let value = value.unwrap();
        let apart = [Apart::new("/note", Keep::Text)];
        let (caller, context) = (Caller::unknown(), Context::new().prompt(text));
        let mut record = DecisionRecord::new(
            noon(), &call, &caller, &context, DecisionKind::Deny, Code::NoPermit, Digest::ZERO,
        );
        record.arguments = Keep::Text;
        record.apart = &apart;
        record.prompt = Keep::Text;
        let mut body = Vec::new();
        Record::Decision(&record).encode(0, &mut body);
        let line = String::from_utf8(body).unwrap();
        let rest = arguments_text(arguments, &[value.index()]);
        let prompt = string_text(context.prompt_fragment().unwrap());
        for expected in [
            format!(r#""arguments":{{"text":{rest},"apart":{{"/note":{{"text":{}}}}}}}"#, argument_text(value)),
            format!(r#""prompt":{{"text":{prompt}}}"#),
        ] {
            prop_assert!(line.contains(&expected), "{line}");
        }
        for text in [&*rest, &*prompt] {
            prop_assert!(ClearText::new(Salt::from_bytes([0; 32]), text).is_some());
        }
    }
}
