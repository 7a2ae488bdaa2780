//! Approvals in a file: the kit, files that are something else, many processes.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, fs};

use callgate_approval::{
    Answer, Approval, ApprovalId, ApprovalStore, Listing, Opened, Question, State, Taken, preview,
    testkit,
};
use callgate_store_sqlite::{SqliteApprovals, SqliteSink};
use callgate_types::{Approver, ApproverGroup, Caller, Context, Friction, Principal, ToolCall};

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let parent = folder.path().to_owned();
    let count = AtomicUsize::new(0);
    testkit::check(|| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        SqliteApprovals::open(parent.join(format!("{number}.db")))
    })
    .unwrap();
}

fn caller(id: &str, role: &str) -> Caller {
    let who = Principal::asserted(id.parse().unwrap()).member_of("acme", [role]);
    Caller::of(who).in_tenant("acme").unwrap()
}

/// Asks about a call with this number, and has it approved.
fn approved(store: &SqliteApprovals, number: u8) -> Approval {
    let mut friction = Friction::NONE;
    friction.approvals = vec![ApproverGroup::new(vec![Approver::Role("lead".into())], 1)];
    let (alice, bob) = (caller("user:alice", "support"), caller("user:bob", "lead"));
    let call = ToolCall::from_text("pay", format!(r#"{{"number": {number}}}"#));
    let context = Context::new();
    let shown = preview(&alice, &call, &context, &[], &|_| false).unwrap();
    let question = Question::new(&alice, &call, &context, &friction, Vec::new(), &shown).unwrap();
    let id = ApprovalId::from_bytes([number; 16]);
    let now = store.list(&Listing::new()).unwrap().now;
    let asked = Approval::new(id, question, now, Duration::from_secs(600));
    assert_eq!(store.open(&asked, None).unwrap(), Opened::New);
    let yes = Answer::approve(asked.question.preview_digest());
    let step = asked.answer(now, &bob, &|_| false, yes).unwrap();
    assert_eq!(store.take(&step).unwrap(), Taken::Yes);
    step.next
}

#[test]
fn survives_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let kept = approved(&SqliteApprovals::open(&path).unwrap(), 1);
    let store = SqliteApprovals::open_existing(&path).unwrap();
    assert_eq!(store.load(kept.id).unwrap().approval, Some(kept));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[track_caller]
fn refused(path: &Path, expected: &str) {
    let error = SqliteApprovals::open(path).unwrap_err().to_string();
    assert_eq!(error.replace(&path.display().to_string(), "FILE"), expected);
}

#[test]
fn files_that_are_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("text"), "x".repeat(5_000)).unwrap();
    refused(&path("text"), "`FILE` is no store of approvals");
    drop(SqliteSink::open(path("log.db")).unwrap());
    refused(&path("log.db"), "`FILE` is no store of approvals");
    let missing = SqliteApprovals::open_existing(path("none.db")).unwrap_err();
    assert!(missing.to_string().starts_with("cannot open"), "{missing}");
    for (name, sql, expected) in [
        (
            "trigger.db",
            "CREATE TRIGGER t AFTER INSERT ON approval BEGIN DELETE FROM approval; END",
            "`FILE` has another schema than an audit log: `t`",
        ),
        (
            "later.db",
            "PRAGMA user_version = 9",
            "`FILE` has format 9, expected 2 or before: a later version wrote it",
        ),
    ] {
        drop(SqliteApprovals::open(path(name)).unwrap());
        let foreign = rusqlite::Connection::open(path(name)).unwrap();
        foreign.execute_batch(sql).unwrap();
        refused(&path(name), expected);
    }
}

#[test]
fn row_that_was_changed_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let store = SqliteApprovals::open(&path).unwrap();
    let kept = approved(&store, 1);
    let foreign = rusqlite::Connection::open(&path).unwrap();
    let spoil = |sql: &str| foreign.execute_batch(sql).unwrap();
    spoil("UPDATE approval SET body = replace(body, '\"unrecorded\"', '\"x\"')");
    assert!(store.load(kept.id).is_err());
    assert!(store.list(&Listing::new()).is_err());
}

#[test]
fn replaced_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let store = SqliteApprovals::open(&path).unwrap();
    approved(&store, 1);
    fs::rename(&path, folder.path().join("elsewhere.db")).unwrap();
    drop(SqliteApprovals::open(&path).unwrap());
    assert!(store.forget_dead(Duration::ZERO).is_err());
}

/// How many processes try to consume the same approvals.
const PROCESSES: usize = 16;
/// How many approvals there are.
const APPROVALS: u8 = 20;

#[test]
fn consumed_once_by_many_processes() {
    if let Ok(path) = env::var("CALLGATE_TEST_CONSUMES") {
        consume_all(Path::new(&path));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let store = SqliteApprovals::open(&path).unwrap();
    for number in 1..=APPROVALS {
        approved(&store, number);
    }
    let start = || -> Child {
        Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "approvals::consumed_once_by_many_processes",
                "--nocapture",
            ])
            .env("CALLGATE_TEST_CONSUMES", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut children: Vec<Child> = (0..PROCESSES).map(|_| start()).collect();
    // One dies somewhere in the middle: what it held lapses, and nothing is used twice.
    let mut killed = children.pop().unwrap();
    std::thread::sleep(Duration::from_millis(30));
    killed.kill().unwrap();
    let mut consumed = String::from_utf8(killed.wait_with_output().unwrap().stdout).unwrap();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        consumed.push_str(&String::from_utf8(output.stdout).unwrap());
    }
    for number in 1..=APPROVALS {
        let id = ApprovalId::from_bytes([number; 16]);
        let line = format!("consumed {id}\n");
        let times = consumed.matches(&line).count();
        let state = store.load(id).unwrap().approval.unwrap().state;
        // One that was killed may have consumed without saying so.
        assert!(times <= 1, "{id} was consumed {times} times");
        assert!(
            matches!(state, State::Consumed(_)),
            "{id} is {}",
            state.as_str()
        );
    }
}

/// Takes hold of every approval that is free, and consumes it.
#[expect(
    clippy::print_stdout,
    reason = "the process that started this one reads it"
)]
fn consume_all(path: &Path) {
    let store = SqliteApprovals::open_existing(path).unwrap();
    let me = u128::from(std::process::id()).to_be_bytes();
    for number in 1..=APPROVALS {
        loop {
            let loaded = store.load(ApprovalId::from_bytes([number; 16])).unwrap();
            let approval = loaded.approval.unwrap();
            if let State::Consumed(_) = approval.state {
                break;
            }
            let by = ApprovalId::from_bytes(me);
            let hold = Duration::from_millis(500);
            let Ok(step) = approval.claim(loaded.now, by, hold) else {
                continue;
            };
            if store.take(&step).unwrap() != Taken::Yes {
                continue;
            }
            let step = step.next.consume(by).unwrap();
            if store.take(&step).unwrap() == Taken::Yes {
                println!("consumed {}", approval.id);
                break;
            }
        }
    }
}
