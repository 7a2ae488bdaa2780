//! Standing approvals in a file: the kit, files of before, many processes.

use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callgate_approval::standing::{
    Given, Spent, StandingApproval, StandingApprovalStore, StandingBounds, testkit,
};
use callgate_approval::{Answer, ApprovalId, Listing, Question, preview};
use callgate_store_sqlite::{SqliteApprovals, SqliteStandingApprovals};
use callgate_types::{
    Approver, ApproverGroup, Caller, Context, Friction, Principal, StandingBound, ToolCall,
};

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let parent = folder.path().to_owned();
    let count = AtomicUsize::new(0);
    testkit::check(|| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        SqliteStandingApprovals::open(parent.join(format!("{number}.db")))
    })
    .unwrap();
}

fn caller(id: &str, role: &str) -> Caller {
    let who = Principal::asserted(id.parse().unwrap()).member_of("acme", [role]);
    Caller::of(who).in_tenant("acme").unwrap()
}

/// One that is good for so many calls.
fn given(store: &SqliteStandingApprovals, uses: u64) -> StandingApproval {
    let hour = Duration::from_secs(3_600);
    let mut friction = Friction::NONE;
    friction.approvals = vec![ApproverGroup::new(vec![Approver::Role("lead".into())], 1)];
    friction.standing = Some(Box::new(StandingBound::new(uses, hour)));
    let (alice, bob) = (caller("user:alice", "support"), caller("user:bob", "lead"));
    let call = ToolCall::from_text("pay", r#"{"number": 1}"#);
    let context = Context::new();
    let shown = preview(&alice, &call, &context, &[], &|_| false).unwrap();
    let question = Question::new(&alice, &call, &context, &friction, Vec::new(), &shown).unwrap();
    let now = store.list(&Listing::new()).unwrap().now;
    let [id, from] = [[1; 16], [2; 16]].map(ApprovalId::from_bytes);
    let bounds = StandingBounds::new(uses, hour);
    let mut new = StandingApproval::new(id, from, &question, &bounds, now).unwrap();
    let yes = Answer::approve(new.approval.question.preview_digest());
    let step = new.answer(now, &bob, &|_| false, yes).unwrap();
    new.approval = step.next;
    assert_eq!(store.give(&new).unwrap(), Given::New);
    new
}

#[test]
fn survives_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let kept = given(&SqliteStandingApprovals::open(&path).unwrap(), 3);
    let id = kept.approval.id;
    let store = SqliteStandingApprovals::open_existing(&path).unwrap();
    assert_eq!(store.spend(id).unwrap(), Spent::Left(2));
    let store = SqliteStandingApprovals::open_existing(&path).unwrap();
    let found = store.load(id).unwrap().standing;
    let mut expected = kept;
    expected.used = 1;
    assert_eq!(found, Some(expected));
}

#[test]
fn file_of_before_takes_them_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let before = SqliteApprovals::open(&path).unwrap();
    let format = || -> i64 {
        let foreign = rusqlite::Connection::open(&path).unwrap();
        foreign
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap()
    };
    assert!(SqliteStandingApprovals::find(&path).unwrap().is_none());
    assert_eq!(format(), 1);
    let store = SqliteStandingApprovals::open(&path).unwrap();
    assert_eq!(format(), 2);
    given(&store, 3);
    let found = SqliteStandingApprovals::find(&path).unwrap().unwrap();
    assert_eq!(found.list(&Listing::new()).unwrap().standing.len(), 1);
    // Whoever has it open goes on, and it can be opened by those who know nothing of them.
    assert!(callgate_approval::ApprovalStore::list(&before, &Listing::new()).is_ok());
    drop(SqliteApprovals::open(&path).unwrap());
}

#[test]
fn row_that_was_changed_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let store = SqliteStandingApprovals::open(&path).unwrap();
    let id = given(&store, 3).approval.id;
    let foreign = rusqlite::Connection::open(&path).unwrap();
    let sql = "UPDATE standing_approval SET body = replace(body, '\"unrecorded\"', '\"x\"')";
    foreign.execute_batch(sql).unwrap();
    assert!(store.load(id).is_err());
    assert!(store.spend(id).is_err());
    assert!(store.list(&Listing::new()).is_err());
}

/// How many processes spend at once.
const PROCESSES: usize = 8;
/// In how many threads each.
const THREADS: usize = 2;
/// How many uses there are.
const USES: u64 = 200;

#[test]
fn never_more_uses_than_there_are_by_many_processes() {
    if let Ok(path) = env::var("CALLGATE_TEST_SPENDS") {
        spend_all(Path::new(&path));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("approvals.db");
    let store = SqliteStandingApprovals::open(&path).unwrap();
    let id = given(&store, USES).approval.id;
    let start = || -> Child {
        Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "standing_approvals::never_more_uses_than_there_are_by_many_processes",
                "--nocapture",
            ])
            .env("CALLGATE_TEST_SPENDS", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let mut children: Vec<Child> = (0..PROCESSES).map(|_| start()).collect();
    // One dies somewhere in the middle: what it spent stays spent.
    let mut killed = children.pop().unwrap();
    std::thread::sleep(Duration::from_millis(30));
    killed.kill().unwrap();
    let mut told = String::from_utf8(killed.wait_with_output().unwrap().stdout).unwrap();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        told.push_str(&String::from_utf8(output.stdout).unwrap());
    }
    let mut left: Vec<u64> = told
        .lines()
        .filter_map(|line| line.strip_prefix("left "))
        .map(|left| left.parse().unwrap())
        .collect();
    left.sort_unstable();
    let spent = left.len();
    left.dedup();
    assert_eq!(left.len(), spent, "a use was spent twice");
    // One that was killed may have spent uses without saying so.
    assert!(spent as u64 <= USES && spent as u64 + 20 >= USES, "{spent}");
    assert_eq!(store.load(id).unwrap().standing.unwrap().used, USES);
    assert_eq!(store.spend(id).unwrap(), Spent::UsedUp);
}

#[expect(
    clippy::print_stdout,
    reason = "the process that started this one reads it"
)]
fn spend_all(path: &Path) {
    let store = &SqliteStandingApprovals::open_existing(path).unwrap();
    let id = ApprovalId::from_bytes([1; 16]);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Spent::Left(left) = store.spend(id).unwrap() {
                    println!("left {left}");
                }
            });
        }
    });
}
