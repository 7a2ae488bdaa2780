//! Logs and clear texts in SQLite files.

use crate::run::{callgate, folder};

#[cfg(not(feature = "sqlite"))]
#[test]
fn program_that_cannot_read_them() {
    let folder = folder();
    std::fs::write(folder.path().join("audit.db"), "SQLite format 3\0and so on").unwrap();
    let call = b"{\"tool\":\"look\"}\n";
    let arguments = ["eval", "policy.toml", "-", "--audit", "log"];
    assert_eq!(callgate(folder.path(), &arguments, call).code, 0);
    for arguments in [
        ["verify", "audit.db", "--format", "text"],
        ["log", "audit.db", "--format", "text"],
        ["verify", "log", "--texts", "audit.db"],
        ["log", "log", "--texts", "audit.db"],
    ] {
        let ran = callgate(folder.path(), &arguments, b"");
        assert_eq!((ran.code, &*ran.out), (2, ""), "{arguments:?}");
        let why = "audit.db: an SQLite file; this program was built without the feature `sqlite`";
        assert!(ran.err.contains(why), "{}", ran.err);
    }
}

#[cfg(feature = "sqlite")]
mod there {
    use std::path::Path;

    use callgate::audit::texts::{Erasure, ErasureScope};
    use callgate::{Caller, Context, Decision, Gate, Principal, ToolCall};
    use callgate_store_sqlite::{SqliteSinkOptions, SqliteTexts};
    use serde_json::Value;

    use super::{callgate, folder};

    /// A gate with its log, in the chain of this name, and its texts in `audit.db`.
    fn gate(folder: &Path, chain: &str) -> Gate {
        let file = folder.join("audit.db");
        let sink = SqliteSinkOptions::new().chain(chain.parse().unwrap());
        let gate = Gate::builder()
            .policy(callgate::load_policy(folder.join("policy.toml")).unwrap())
            .audit(sink.open(&file).unwrap())
            .texts(SqliteTexts::open(&file).unwrap())
            .handles("mask");
        gate.build().unwrap()
    }

    fn call(gate: &Gate, amount: u8) {
        let alice = Principal::asserted("user:alice".parse().unwrap());
        let caller = Caller::of(alice.member_of("acme", ["support"]));
        let caller = caller.in_tenant("acme").unwrap();
        let arguments = format!(r#"{{"amount":{amount},"note":"call back"}}"#);
        let call = ToolCall::from_text("change", arguments);
        let decision = gate.authorize(&caller, call, &Context::new());
        assert!(matches!(decision, Decision::Allow(_)), "{decision:?}");
    }

    fn verified(folder: &Path) -> (i32, Vec<Value>) {
        let arguments = [
            "verify", "audit.db", "--texts", "audit.db", "--format", "json",
        ];
        let ran = callgate(folder, &arguments, b"");
        (ran.code, ran.json())
    }

    #[test]
    fn read_and_verified() {
        let folder = folder();
        let folder = folder.path();
        let ours = gate(folder, "main");
        call(&ours, 10);
        ours.flush().unwrap();
        let theirs = gate(folder, "other");
        call(&theirs, 20);
        drop(theirs);

        let (code, answers) = verified(folder);
        assert_eq!((code, answers.len()), (0, 2));
        assert_eq!(answers[0]["records"], 3);
        assert!(answers[0].get("chain").is_none());
        assert_eq!(answers[0]["texts"]["present"], 1);
        assert_eq!(answers[0]["texts"]["unnamed"], 1);
        assert_eq!(answers[1]["chain"], "other");
        assert!(answers[1].get("texts").is_none());

        let told = callgate(folder, &["log", "audit.db", "--texts", "audit.db"], b"");
        assert_eq!(told.code, 0, "{}", told.err);
        assert!(
            told.out
                .contains(r#"change {"amount":10,"note":"call back"}"#),
            "{}",
            told.out
        );
        assert!(
            told.out
                .contains("note: `other` is the log of another writer")
        );

        let officer = Principal::asserted("user:officer".parse().unwrap());
        let erasure = Erasure::new(ErasureScope::Subject("user:alice"), &officer);
        assert_eq!(ours.erase(&erasure).unwrap().texts, 1);
        drop(ours);
        let (code, answers) = verified(folder);
        assert_eq!(code, 0);
        assert_eq!(answers[0]["texts"]["present"], 0);
        assert_eq!(answers[0]["texts"]["erased"], 1);
    }

    #[test]
    fn log_in_which_a_byte_was_changed() {
        let folder = folder();
        let folder = folder.path();
        call(&gate(folder, "main"), 10);
        let file = folder.join("audit.db");
        let mut bytes = std::fs::read(&file).unwrap();
        let part = b"\"tool\":\"change\"";
        let at = bytes.windows(part.len()).position(|it| it == part).unwrap();
        bytes[at + 8] = b'x';
        std::fs::write(&file, bytes).unwrap();
        let (code, answers) = verified(folder);
        assert_eq!(code, 1);
        assert_eq!(answers[0]["integrity"], "broken");
    }
}
