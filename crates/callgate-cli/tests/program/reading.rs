//! The guide to reading a log shows what happens.

use std::path::Path;
use std::time::Duration;

use callgate::audit::read::LogReader;
use callgate::audit::texts::{
    ClearText, Erasure, ErasureScope, FileTexts, Salt, TextStore as _, erase,
};
use callgate::audit::{
    Durability, Keep, Kept, OutcomeRecord, OutcomeStatus, PolicyLoadedRecord, Record,
};
use callgate::{Digest, ToolCall};

use crate::log::{Decided, Writing, at, by, principal};
use crate::run::callgate;

const GUIDE: &str = include_str!("../../../../docs/guides/read-the-log.md");
const SOON: Duration = Duration::from_secs(5);

/// Stores `json` under a salt that is the same in every run.
fn put(texts: &FileTexts, number: u8, json: &str) -> Digest {
    let text = ClearText::new(Salt::from_bytes([number; 32]), json).unwrap();
    texts.put(&[text], Durability::Durable, SOON).unwrap();
    text.commitment()
}

/// The log of the guide: two sessions, and an erasure.
fn write(folder: &Path) {
    let log = Writing::at(&folder.join("audit"));
    let texts = FileTexts::open(folder.join("texts")).unwrap();
    let (alice, bob) = (by("user:alice"), by("user:bob"));
    let digest = Digest::of(b"policy");
    log.add(&Record::PolicyLoaded(PolicyLoadedRecord::new(
        at(0),
        "support-desk",
        digest,
    )));
    let mut number = 0;
    let mut call = |millis, session, caller, tool, arguments: &str, decided| {
        number += 1;
        let kept = put(&texts, number, arguments);
        let call = ToolCall::from_text(tool, arguments).id(format!("call_{number}"));
        log.kept(
            millis,
            session,
            caller,
            &call,
            decided,
            Keep::Commitment(kept),
        )
    };
    let look = call(
        200,
        "s-1",
        &alice,
        "lookup_profile",
        r#"{"customer":"cus_1"}"#,
        Decided::Allow,
    );
    let credit = r#"{"account":"acc_1","amount":20.00}"#;
    let credited = call(
        1_400,
        "s-1",
        &alice,
        "adjust_billing",
        credit,
        Decided::Allow,
    );
    call(
        2_000,
        "s-2",
        &bob,
        "lookup_profile",
        r#"{"customer":"cus_2"}"#,
        Decided::Allow,
    );
    call(
        9_000,
        "s-1",
        &alice,
        "suspend_account",
        r#"{"account":"acc_1"}"#,
        Decided::Deny,
    );
    let large = r#"{"account":"acc_2","amount":900}"#;
    call(62_000, "s-2", &bob, "adjust_billing", large, Decided::Ask);
    for (seq, number, millis, text) in [
        (look, 101, 1_201, r#""{\"name\":\"Carla\"}""#),
        (credited, 102, 1_500, r#""{\"balance\":\"-20.00\"}""#),
    ] {
        let took = Duration::from_micros(1_500);
        let mut outcome = OutcomeRecord::new(at(millis), seq, OutcomeStatus::Ok, took);
        outcome.result = Some(Kept::Commitment(put(&texts, number, text)));
        log.add(&Record::Outcome(outcome));
    }
    let officer = principal("user:officer");
    let erasure = Erasure::new(ErasureScope::Subject("user:alice"), &officer).reason("ticket 4711");
    let mut reader = LogReader::folder(folder.join("audit"));
    erase(&log.0, &texts, &mut reader, &erasure, at(90_000), SOON).unwrap();
}

#[test]
fn commands_print_what_the_guide_shows() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let blocks = GUIDE.split("```console\n").skip(1);
    let mut commands = 0;
    for block in blocks {
        let block = block.split("```").next().unwrap();
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let command = line.strip_prefix("$ callgate ").unwrap();
            let mut expected = String::new();
            while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
                expected.push_str(line);
                expected.push('\n');
            }
            let arguments: Vec<&str> = command.split(' ').collect();
            let ran = callgate(folder.path(), &arguments, b"");
            assert_eq!((ran.code, &*ran.err), (0, ""), "{command}");
            assert_eq!(ran.out, expected, "{command}");
            commands += 1;
        }
    }
    assert_eq!(commands, 5);
}
