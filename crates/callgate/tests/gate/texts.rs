//! What the log keeps of texts, and a store for the clear ones.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::audit::read::LogReader;
use callgate::audit::texts::{
    ClearText, EraseError, Erasure, ErasureScope, MemoryTexts, StoredText, TextError, TextStore,
};
use callgate::audit::{Durability, verify_texts};
use callgate::{BuildError, Context, Decision, Digest, Gate, Principal, SetPolicyError, ToolCall};
use serde_json::{Value, json};

use crate::support::{Faulty, POLICY, alice, allowed, builder, context, refused};

/// The policy with `record` for the tool `change`, which takes a note and a PIN besides.
fn policy(record: &str) -> String {
    let arguments = "\"/account\" = { text = { max_chars = 20 } }\n\
                     \"/note\" = { text = { max_chars = 400000 }, optional = true }\n\
                     \"/pin\" = { open = true, optional = true }";
    let known = "\"/account\" = { text = { max_chars = 20 } }";
    POLICY
        .replace(
            "record = { arguments = \"text\", result = \"text\" }",
            record,
        )
        .replace(known, arguments)
}

/// A store in memory that fails on demand, and looks at the log whenever something is put.
struct Watching {
    memory: MemoryTexts,
    log: Arc<Faulty>,
    fails: Mutex<Option<TextError>>,
    /// How many records there were, how many texts came, and how safe they had to be.
    puts: Mutex<Vec<(usize, usize, Durability)>>,
}

impl Watching {
    fn new(log: &Arc<Faulty>) -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryTexts::new(),
            log: Arc::clone(log),
            fails: Mutex::new(None),
            puts: Mutex::new(Vec::new()),
        })
    }

    fn fail(&self, error: Option<TextError>) {
        *self.fails.lock().unwrap() = error;
    }

    /// The text of which a record keeps `kept`, as JSON.
    #[track_caller]
    fn text(&self, kept: &Value) -> Value {
        let commitment = kept["commitment"].as_str().unwrap().parse().unwrap();
        let text = self.memory.find(commitment).unwrap().unwrap();
        assert!(text.matches(commitment));
        serde_json::from_str(text.text()).unwrap()
    }
}

impl TextStore for Watching {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        let records = self.log.records().len();
        self.puts
            .lock()
            .unwrap()
            .push((records, texts.len(), durability));
        let fails = self.fails.lock().unwrap().clone();
        match fails {
            Some(TextError::Poisoned(_)) => panic!("the store panics, as it was told to"),
            Some(error) => Err(error),
            None => self.memory.put(texts, durability, deadline),
        }
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        self.memory.find(commitment)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        self.memory.erase(commitments)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        self.memory.list(after, most)
    }
}

fn gate(record: &str) -> (Arc<Faulty>, Arc<Watching>, Gate) {
    let sink = Faulty::new();
    let texts = Watching::new(&sink);
    let gate = builder(&policy(record), sink.clone()).texts_shared(texts.clone());
    (sink, texts, gate.build().unwrap())
}

fn change(note: &str) -> ToolCall {
    ToolCall::from_text(
        "change",
        json!({ "account": "a1", "note": note, "pin": [4711] }).to_string(),
    )
}

fn prompted() -> Context {
    context().prompt("give \"it\" back")
}

fn run(gate: &Gate, call: ToolCall) {
    let permit = allowed(gate.authorize(&alice(), call, &prompted()));
    let ran = permit
        .run(|_| Ok::<_, io::Error>(json!({ "balance": 20 })))
        .unwrap();
    assert!(ran.recorded.is_ok());
}

#[test]
fn commitments_where_there_is_a_store() {
    let (sink, texts, gate) = gate("");
    run(&gate, change("call back"));
    let records = sink.records();
    let arguments = json!({ "account": "a1", "note": "call back", "pin": [4711] });
    assert_eq!(texts.text(&records[1]["arguments"]), arguments);
    assert_eq!(texts.text(&records[1]["prompt"]), "give \"it\" back");
    assert_eq!(texts.text(&records[2]["result"]), "{\"balance\":20}");
    // Before the record, all at once, and as safe as the record.
    let puts = texts.puts.lock().unwrap();
    assert_eq!(
        *puts,
        [(1, 2, Durability::Durable), (2, 1, Durability::Accepted)]
    );
    sink.verifies();
}

/// The same text twice is two commitments, of which nobody sees that they are one text.
#[test]
fn same_text_twice() {
    let (sink, _texts, gate) = gate("");
    run(&gate, change("call back"));
    run(&gate, change("call back"));
    let records = sink.records();
    assert_ne!(records[1]["arguments"], records[3]["arguments"]);
    assert_ne!(records[2]["result"], records[4]["result"]);
}

#[test]
fn digests_where_there_is_none() {
    let sink = Faulty::new();
    let gate = builder(&policy(""), sink.clone()).build().unwrap();
    run(&gate, change("call back"));
    let records = sink.records();
    for kept in [
        &records[1]["arguments"],
        &records[1]["prompt"],
        &records[2]["result"],
    ] {
        assert_eq!(kept["digest"].as_str().unwrap().len(), 64, "{kept}");
    }
}

#[test]
fn unknown_tools_and_refused_text() {
    let (sink, texts, gate) = gate("");
    let unknown = ToolCall::from_text("nobody_knows", r#"{"a":1}"#);
    refused(
        &gate.authorize(&alice(), unknown, &prompted()),
        "unknown_tool",
    );
    let broken = ToolCall::from_text("change", r#"{"a":1,"a":2}"#);
    refused(
        &gate.authorize(&alice(), broken, &context()),
        "invalid_arguments",
    );
    let records = sink.records();
    assert!(records[1]["arguments"]["digest"].is_string());
    assert!(records[1]["prompt"]["digest"].is_string());
    assert_eq!(records[2]["arguments"]["refused"]["error"], "duplicate_key");
    assert_eq!(texts.list(None, 9).unwrap(), []);
}

#[test]
fn argument_by_argument() {
    let record = r#"record = { arguments = "text", result = "digest", prompt = "text", "/note" = "commitment", "/pin" = "digest" }"#;
    let (sink, texts, gate) = gate(record);
    run(&gate, change("call back"));
    let records = sink.records();
    let arguments = &records[1]["arguments"];
    let text = json!({ "account": "a1", "note": null, "pin": null });
    assert_eq!(arguments["text"], text);
    assert_eq!(texts.text(&arguments["apart"]["/note"]), "call back");
    assert!(arguments["apart"]["/pin"]["digest"].is_string());
    assert_eq!(records[1]["prompt"]["text"], "give \"it\" back");
    assert!(records[2]["result"]["digest"].is_string());

    let call = ToolCall::from_text("change", r#"{"account":"a1"}"#);
    run(&gate, call);
    let arguments = &sink.records()[3]["arguments"];
    assert_eq!(*arguments, json!({ "text": { "account": "a1" } }));
}

#[test]
fn the_rest_apart_and_one_in_clear() {
    let (sink, texts, gate) = gate(r#"record = { "/account" = "text" }"#);
    run(&gate, change("call back"));
    let arguments = &sink.records()[1]["arguments"];
    let rest = json!({ "account": null, "note": "call back", "pin": [4711] });
    assert_eq!(texts.text(arguments), rest);
    assert_eq!(arguments["apart"]["/account"], json!({ "text": "a1" }));
}

#[test]
fn texts_that_are_too_long() {
    let (sink, texts, gate) = gate(r#"record = { "/note" = "commitment" }"#);
    run(&gate, change(&"x".repeat(300 << 10)));
    let arguments = &sink.records()[1]["arguments"];
    assert_eq!(arguments["apart"]["/note"]["too_long"], true);
    assert_eq!(texts.text(arguments)["note"], Value::Null);
}

#[test]
fn no_store_for_a_policy_that_asks_for_one() {
    let asks = policy(r#"record = { "/note" = "commitment" }"#);
    let sink = Faulty::new();
    let error = builder(&asks, sink.clone()).build().unwrap_err();
    assert!(matches!(error, BuildError::NoTexts(_)));
    let message = "tool `change` keeps commitments in the log: a store for clear texts is needed";
    assert_eq!(error.to_string(), message);

    let gate = builder(&policy(""), sink.clone()).build().unwrap();
    let asks = callgate::parse_policy(&asks, "desk.toml").unwrap();
    let error = gate.set_policy(asks).unwrap_err();
    assert!(matches!(error, SetPolicyError::NoTexts(_)));
    run(&gate, change("call back"));
    assert_eq!(
        sink.records().len(),
        3,
        "no record of a policy that is not in force"
    );
}

/// What runs needs its texts; what does not run is recorded without them, and says so.
#[expect(
    clippy::indexing_slicing,
    reason = "a record that is not there fails its test"
)]
#[track_caller]
fn check(error: TextError, code: &str) {
    let (sink, texts, gate) = gate("");
    texts.fail(Some(error.clone()));
    let decision = gate.authorize(&alice(), change("call back"), &prompted());
    refused(&decision, code);
    let Decision::Deny(denial) = decision else {
        panic!("{decision:?}");
    };
    assert_eq!(denial.record(), Some(1));
    let other = Context::new().resource(callgate::Resource::new("account", "a1").tenant("other"));
    refused(
        &gate.authorize(&alice(), change("call back"), &other),
        "forbidden",
    );
    texts.fail(None);
    let permit = allowed(gate.authorize(&alice(), change("call back"), &prompted()));
    texts.fail(Some(error));
    let ran = permit.run(|_| Ok::<_, io::Error>(20)).unwrap();
    assert!(ran.recorded.is_ok(), "the outcome is recorded all the same");

    let records = sink.records();
    let story = [
        format!("decision {code}"),
        "decision forbidden".into(),
        "decision permitted".into(),
        "outcome ok".into(),
    ];
    assert_eq!(sink.story(), story);
    let lost = [
        &records[1]["arguments"],
        &records[1]["prompt"],
        &records[2]["arguments"],
        &records[4]["result"],
    ];
    for kept in lost {
        assert_eq!(kept["lost"], true, "{kept}");
        assert!(kept["digest"].is_string(), "{kept}");
    }
    sink.verifies();
}

#[test]
fn store_that_fails() {
    check(TextError::TimedOut, "audit_timeout");
    check(
        TextError::failed(io::Error::other("broken")),
        "audit_failed",
    );
    // It panics.
    check(
        TextError::poisoned(io::Error::other("broken")),
        "audit_failed",
    );
}

#[test]
fn erased() {
    let (sink, texts, gate) = gate("");
    let officer = Principal::asserted("user:officer".parse().unwrap());
    let of_alice = Erasure::new(ErasureScope::Subject("user:alice"), &officer);
    run(&gate, change("call back"));
    let erased = gate.erase(&of_alice.reason("she asked")).unwrap();
    assert_eq!((erased.texts, erased.records, erased.unreadable), (3, 1, 0));
    assert_eq!(texts.list(None, 9).unwrap(), []);
    let report = verify_texts(|| LogReader::sink(&*sink), &*texts).unwrap();
    assert!(report.is_good());
    assert_eq!((report.present, report.erased), (0, 3));
    assert_eq!(gate.complete_erasures().unwrap(), 0);
    run(&gate, change("call back"));
    assert_eq!(texts.list(None, 9).unwrap().len(), 3);
    sink.verifies();

    let without = builder(&policy(""), Faulty::new()).build().unwrap();
    assert!(matches!(without.erase(&of_alice), Err(EraseError::NoStore)));
    assert!(matches!(
        without.complete_erasures(),
        Err(EraseError::NoStore)
    ));
}
