//! `callgate log`.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use callgate::audit::{
    AbandonedRecord, ApprovalAnsweredRecord, ApprovalAskedRecord, Ask, DecisionRecord, Durability,
    FileSink, GapRecord, Journal, Keep, Kept, NotBegunReason, NotBegunRecord, OutcomeRecord,
    OutcomeStatus, PolicyLoadedRecord, Record, TaskBegunRecord, Verdict,
};
use callgate::{
    Approver, ApproverGroup, Caller, Code, Context, DecisionKind, Digest, Friction, Principal,
    RiskTier, ToolCall,
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::run::{Ran, callgate};

pub(crate) fn at(millis: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + TimeDelta::milliseconds(millis)
}

pub(crate) fn principal(text: &str) -> Principal {
    Principal::asserted(text.parse().unwrap())
}

pub(crate) fn by(subject: &str) -> Caller {
    Caller::of(principal(subject).member_of("acme", ["support"]))
        .acting(principal("agent:bot"))
        .in_tenant("acme")
        .unwrap()
}

/// A log that is written record by record.
pub(crate) struct Writing(pub(crate) Journal);

impl Writing {
    fn new(folder: &Path) -> Self {
        Self::at(&folder.join("log"))
    }

    pub(crate) fn at(log: &Path) -> Self {
        let sink = FileSink::open(log).unwrap();
        Self(Journal::open(Arc::new(sink)).unwrap())
    }

    pub(crate) fn add(&self, record: &Record<'_>) -> u64 {
        let ask = Ask::new(Durability::Accepted, Duration::from_secs(5));
        self.0.append(record, ask).unwrap().seq
    }

    fn decision(
        &self,
        millis: i64,
        session: &str,
        caller: &Caller,
        call: &ToolCall,
        decided: Decided,
    ) -> u64 {
        self.kept(millis, session, caller, call, decided, Keep::Text)
    }

    /// As a decision of which this is kept of the arguments.
    pub(crate) fn kept(
        &self,
        millis: i64,
        session: &str,
        caller: &Caller,
        call: &ToolCall,
        decided: Decided,
        arguments: Keep,
    ) -> u64 {
        let mut context = Context::new().environment("prod");
        if !session.is_empty() {
            context = context.session(session);
        }
        let (kind, code) = match decided {
            Decided::Allow => (DecisionKind::Allow, Code::Permitted),
            Decided::Ask => (DecisionKind::Ask, Code::Asked),
            Decided::Deny => (DecisionKind::Deny, Code::NoPermit),
            Decided::Again(_) => (DecisionKind::Deny, Code::Forbidden),
        };
        let digest = Digest::of(b"policy");
        let message = match kind {
            DecisionKind::Ask => "needs confirmation by the subject".to_owned(),
            _ => format!("no rule permits `{}`", call.tool()),
        };
        let mut record =
            DecisionRecord::new(at(millis), call, caller, &context, kind, code, digest);
        record.arguments = arguments;
        record.tier = Some(RiskTier::BoundedWrite);
        if let Decided::Again(seq) = decided {
            record.rejudges = Some(seq);
        }
        match kind {
            DecisionKind::Allow => record.rule = Some("credits"),
            _ => record.message = Some(&message),
        }
        self.add(&Record::Decision(&record))
    }

    fn outcome(&self, millis: i64, seq: u64, status: OutcomeStatus, result: Kept<'_>) {
        let took = Duration::from_micros(1500);
        let mut record = OutcomeRecord::new(at(millis), seq, status, took);
        record.result = Some(result);
        self.add(&Record::Outcome(record));
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Decided {
    Allow,
    Ask,
    Deny,
    Again(u64),
}

fn adjust(amount: u32) -> ToolCall {
    ToolCall::from_text("adjust", format!(r#"{{"amount": {amount}}}"#)).id(format!("c{amount}"))
}

/// Two sessions that overlap, with everything that may become of a call.
fn write(folder: &Path) {
    let log = Writing::new(folder);
    let (alice, bob) = (by("user:alice"), by("user:bob"));
    let digest = Digest::of(b"policy");
    log.add(&Record::PolicyLoaded(PolicyLoadedRecord::new(
        at(0),
        "desk",
        digest,
    )));

    let ran = log.decision(10, "s-1", &alice, &adjust(1), Decided::Allow);
    let text = Kept::Text("{\"balance\":\"20\u{202e}\"}");
    log.outcome(20, ran, OutcomeStatus::Ok, text);
    let failed = log.decision(500, "s-2", &bob, &adjust(2), Decided::Allow);
    let late = log.decision(1_000, "s-1", &alice, &adjust(3), Decided::Allow);
    log.add(&Record::Gap(GapRecord::new(at(1_500), 3)));
    log.outcome(2_000, failed, OutcomeStatus::Error, Kept::Digest(digest));
    let not_run = Record::NotBegun(NotBegunRecord::new(at(2_500), late, NotBegunReason::Late));
    log.add(&not_run);
    log.decision(61_000, "s-1", &bob, &adjust(4), Decided::Deny);
    let lost = log.decision(62_000, "s-1", &alice, &adjust(5), Decided::Allow);
    log.add(&Record::Abandoned(AbandonedRecord::new(at(70_000), lost)));

    let asked = log.decision(71_000, "s-2", &bob, &adjust(60), Decided::Ask);
    let mut friction = Friction::CONFIRM;
    let group = vec![
        Approver::Role("lead".into()),
        Approver::Principal("user:eve".parse().unwrap()),
    ];
    friction.approvals = vec![ApproverGroup::new(group, 2)];
    let approval = ApprovalAskedRecord::new(
        at(71_001),
        "apr_1",
        asked,
        &bob,
        "adjust",
        digest,
        digest,
        &friction,
    );
    log.add(&Record::ApprovalAsked(&approval));
    let lead = principal("user:lead");
    let mut answer = ApprovalAnsweredRecord::new(at(80_000), "apr_1", Verdict::Refused);
    answer.approver = Some((&lead).into());
    answer.reason = Some("not today");
    log.add(&Record::ApprovalAnswered(&answer));

    let again = log.decision(90_000, "s-2", &bob, &adjust(6), Decided::Allow);
    log.decision(91_000, "s-2", &bob, &adjust(6), Decided::Again(again));
    let stricter = NotBegunRecord::new(at(91_001), again, NotBegunReason::Stricter);
    log.add(&Record::NotBegun(stricter));
    log.decision(7_300_000, "s-2", &bob, &adjust(7), Decided::Allow);
    let task = TaskBegunRecord::new(at(7_300_001), "t-1", &bob);
    log.add(&Record::TaskBegun(&task));
    log.decision(7_400_000, "", &alice, &adjust(8), Decided::Deny);
}

fn log(folder: &Path, further: &[&str]) -> Ran {
    callgate(folder, &[&["log", "log"], further].concat(), b"")
}

fn segment(folder: &Path) -> PathBuf {
    folder.join("log/00000000000000000000.jsonl")
}

const STORY: &str = r#"20 records, 2 sessions, 9 calls: 6 allowed, 1 asked, 2 denied; of 1 nothing says what became

2026-11-20 12:00:00.000  #0  policy    policy `desk` came into force, 823412d1eacb...

session `s-1`, tenant `acme`, in `prod`, 2026-11-20 12:00:00 UTC
user:alice (asserted) through agent:bot (asserted)

   +0.000s  adjust {"amount":1}  #1 c1
            allow     rule `credits`; bounded-write
            ran       1.5ms, ok: {"balance":"20\u{202e}"}
   +0.990s  adjust {"amount":3}  #4 c3
            allow     rule `credits`; bounded-write
            not run   the log was written too late, and the caller had been told no
   +1.490s  gap       3 records were lost for want of room
    +1m00s  adjust {"amount":4}  #8 c4
            for       user:bob (asserted) through agent:bot (asserted)
            deny      no_permit: no rule permits `adjust`; bounded-write
    +1m01s  adjust {"amount":5}  #9 c5
            allow     rule `credits`; bounded-write
            doubt     it was begun, and nobody told how it ended

session `s-2`, tenant `acme`, in `prod`, 2026-11-20 12:00:00 UTC
user:bob (asserted) through agent:bot (asserted)

   +0.000s  adjust {"amount":2}  #3 c2
            allow     rule `credits`; bounded-write
            ran       1.5ms, failed: (not kept: digest 823412d1eacb...)
   +1.000s  gap       3 records were lost for want of room
    +1m10s  adjust {"amount":60}  #11 c60
            ask       asked: needs confirmation by the subject; bounded-write
            approval  `apr_1` was asked for: a confirmation, 2 of role `lead` or principal `user:eve`
            approval  `apr_1` refused by user:lead: not today
    +1m29s  adjust {"amount":6}  #14 c6
            allow     rule `credits`; bounded-write
            again     forbidden: no rule permits `adjust`; bounded-write (deny)
            not run   it was judged again, more strictly, when it was to begin
    +2h01m  adjust {"amount":7}  #17 c7
            allow     rule `credits`; bounded-write
            open      nothing says what became of it

2026-11-20 14:01:40.001  #18  task      task `t-1`, subject user:bob, actors agent:bot, tenant `acme`

outside of any session, tenant `acme`, in `prod`, 2026-11-20 14:03:20 UTC
user:alice (asserted) through agent:bot (asserted)

   +0.000s  adjust {"amount":8}  #19 c8
            deny      no_permit: no rule permits `adjust`; bounded-write
"#;

#[test]
fn story() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let ran = log(folder.path(), &[]);
    assert_eq!((ran.code, &*ran.err), (0, ""));
    println!("{}", ran.out);
    assert_eq!(ran.out, STORY);
}

/// The numbers of the records that are shown.
#[track_caller]
fn check(folder: &Path, further: &[&str], expected: &[u64]) {
    let ran = log(folder, &[further, &["--format", "json"]].concat());
    assert_eq!((ran.code, &*ran.err), (0, ""), "{further:?}");
    let shown: Vec<u64> = ran
        .json()
        .iter()
        .map(|line| line["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(shown, expected, "{further:?}");
}

#[test]
fn filters() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let check = |further: &[&str], expected: &[u64]| check(folder.path(), further, expected);
    check(&[], &(0..20).collect::<Vec<_>>());
    check(&["--session", "s-1"], &[1, 2, 4, 7, 8, 9, 10]);
    check(&["--principal", "user:alice"], &[1, 2, 4, 7, 9, 10, 19]);
    check(
        &["--principal", "agent:bot", "--decision", "ask"],
        &[11, 12, 13],
    );
    check(&["--principal", "user:lead"], &[13]);
    check(&["--decision", "deny"], &[8, 15, 19]);
    check(&["--tool", "other"], &[]);
    check(
        &["--since", "2026-11-20T12:01:12Z"],
        &[13, 14, 15, 16, 17, 18, 19],
    );
    check(&["--since", "1s", "--tool", "adjust"], &[]);
    check(
        &["--session", "s-2", "--since", "2026-11-20T14:00:00Z"],
        &[17],
    );

    let none = log(folder.path(), &["--tool", "other"]);
    assert_eq!((none.code, &*none.out), (0, "no records\n"));
    for wrong in [["--since", "yesterday"], ["--decision", "maybe"]] {
        assert_eq!(log(folder.path(), &wrong).code, 2, "{wrong:?}");
    }
}

/// A second process has a log of its own in the same folder.
#[test]
fn logs_of_other_writers() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    fs::create_dir(folder.path().join("log/chain-0123456789abcdef")).unwrap();
    let ran = log(folder.path(), &[]);
    let note =
        "\nnote: `chain-0123456789abcdef` is the log of another writer; it is read by itself\n";
    assert_eq!((ran.code, ran.out), (0, format!("{STORY}{note}")));
    let chain = "log/chain-0123456789abcdef";
    let ran = callgate(folder.path(), &["log", chain], b"");
    assert_eq!((ran.code, &*ran.out), (0, "no records\n"));
}

/// A JSON line is the record, byte for byte, but for escapes of what is not ASCII.
#[test]
fn records_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let ran = log(folder.path(), &["--format", "json"]);
    let stored = fs::read_to_string(segment(folder.path())).unwrap();
    assert_eq!(ran.out, stored);
    let ran = callgate(
        folder.path(),
        &["log", "-", "--format", "json"],
        stored.as_bytes(),
    );
    assert_eq!(ran.out, stored);
    let file = "log/00000000000000000000.jsonl";
    let ran = callgate(folder.path(), &["log", file], b"");
    assert_eq!((ran.code, &*ran.out), (0, STORY));
}

/// What somebody wrote into the log is shown, and obeyed by no terminal.
#[test]
fn hostile_lines() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("log")).unwrap();
    let zeros = "0".repeat(64);
    let envelope = |kind: &str, members: &str, seq: u64| {
        format!(
            r#"{{"v":1,"kind":"{kind}","time":"2026-11-20T12:00:0{seq}.000000Z","durable":0,{members},"seq":{seq},"prev":"{zeros}"}}"#
        )
    };
    let lines = [
        envelope(
            "decision",
            "\"decision\":\"allow\",\"tool\":\"a\u{202e}\u{9b}2J\",\"session\":\"\\u001b[31m\"",
            0,
        ),
        "no record".to_owned(),
        envelope(
            "from_tomorrow",
            r#""what":"new","of":{"a":[1,2]},"nothing":null"#,
            1,
        ),
        envelope(
            "outcome",
            r#""decision_seq":77,"status":{},"result":[],"duration_us":-1"#,
            2,
        ),
        envelope("decision", r#""decision":"perhaps","tool":7"#, 3),
        "{\"v\":1".to_owned(),
    ];
    let text = lines.join("\n");
    fs::write(segment(folder.path()), &text).unwrap();
    fs::write(folder.path().join("log/1.txt"), "").unwrap();
    let ran = log(folder.path(), &[]);
    assert_eq!((ran.code, &*ran.err), (1, ""));
    let expected = r#"4 records, 1 session, 1 call: 1 allowed, 0 asked, 0 denied; of 1 nothing says what became

session `\u{1b}[31m`, 2026-11-20 12:00:00 UTC
nobody known

   +0.000s  a\u{202e}\u{9b}2J  #0
            allow
            open      nothing says what became of it

                         #1  broken    no record at `00000000000000000000.jsonl`, byte 217: not JSON at byte 0 of the line
2026-11-20 12:00:01.000  #1  record    from_tomorrow: what `new`, of {"a":[1,2]}
2026-11-20 12:00:02.000  #2  ran       call of record 77: it is not said how: []
2026-11-20 12:00:03.000  #3  record    decision: decision `perhaps`, tool 7
                         #4  broken    no record at `1.txt`, byte 0: the file is not named like a file of the log
                         #4  broken    the last line does not end, 6 bytes are left over
"#;
    assert_eq!(ran.out, expected);
    let ran = log(folder.path(), &["--format", "json"]);
    assert_eq!((ran.code, ran.json().len()), (1, 4));
    assert!(ran.err.starts_with("callgate: no record at"), "{}", ran.err);
}

#[test]
fn nothing_to_read() {
    let folder = tempfile::tempdir().unwrap();
    let ran = log(folder.path(), &[]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    let ran = log(folder.path(), &["--follow"]);
    assert_eq!((ran.code, &*ran.out), (2, ""));
    fs::create_dir(folder.path().join("log")).unwrap();
    let ran = log(folder.path(), &[]);
    assert_eq!((ran.code, &*ran.out), (0, "no records\n"));
}

/// Records that are appended, in this file of the log and in the next one, are shown as they come.
#[test]
fn followed() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let stored = fs::read_to_string(segment(folder.path())).unwrap();
    let lines: Vec<&str> = stored.split_inclusive('\n').collect();
    let (half, rest) = lines[1].split_at(40);
    fs::write(segment(folder.path()), [lines[0], half].concat()).unwrap();

    let mut child = Command::new(env!("CARGO_BIN_EXE_callgate"))
        .args(["log", "log", "--follow"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || out.next().unwrap().unwrap();
    assert_eq!(
        next(),
        "2026-11-20 12:00:00.000  #0  policy    policy `desk` came into force, 823412d1eacb..."
    );
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(segment(folder.path()))
        .unwrap();
    file.write_all(rest.as_bytes()).unwrap();
    assert_eq!(
        next(),
        "2026-11-20 12:00:00.010  #1  s-1  user:alice (asserted) through agent:bot (asserted)  \
         adjust {\"amount\":1}  allow     rule `credits`; bounded-write"
    );
    let second = folder.path().join("log/00000000000000000002.jsonl");
    fs::write(second, lines[2]).unwrap();
    assert_eq!(
        next(),
        "2026-11-20 12:00:00.020  #2  call #1  ran       1.5ms, ok: {\"balance\":\"20\\u{202e}\"}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}
