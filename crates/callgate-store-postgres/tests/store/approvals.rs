//! Approvals in a database: the kit, databases that are not as they should be, those who ask and step at once.

use std::error::Error as _;
use std::thread;
use std::time::Duration;

use callgate_approval::{
    Answer, Approval, ApprovalId, ApprovalStore, Listing, Look, Opened, Question, State, Step,
    StoreError, Taken, Withdrawn, preview, testkit,
};
use callgate_store_postgres::{PostgresApprovals, migrate_approvals};
use callgate_types::{Approver, ApproverGroup, Caller, Context, Friction, Principal, ToolCall};
use chrono::TimeDelta;

use crate::rig::{empty_database, error_of, execute, held, patient, query, server};

pub(crate) fn database() -> Option<String> {
    let database = empty_database()?;
    migrate_approvals(&database).unwrap();
    Some(database)
}

pub(crate) fn open(database: &str) -> PostgresApprovals {
    PostgresApprovals::connect_with(database, &patient()).unwrap()
}

pub(crate) fn id(number: u32) -> ApprovalId {
    ApprovalId::from_bytes((u128::from(number) << 32).to_be_bytes())
}

fn caller(id: &str, role: &str) -> Caller {
    let who = Principal::asserted(id.parse().unwrap()).member_of("acme", [role]);
    Caller::of(who).in_tenant("acme").unwrap()
}

/// A question about the call `call`, known by `number`, open for ten minutes.
pub(crate) fn question(store: &PostgresApprovals, number: u32, call: u32) -> Approval {
    let mut friction = Friction::NONE;
    friction.approvals = vec![ApproverGroup::new(vec![Approver::Role("lead".into())], 1)];
    let alice = caller("user:alice", "support");
    let call = ToolCall::from_text("pay", format!(r#"{{"number": {call}}}"#));
    let context = Context::new();
    let shown = preview(&alice, &call, &context, &[], &|_| false).unwrap();
    let question = Question::new(&alice, &call, &context, &friction, Vec::new(), &shown).unwrap();
    let now = store.load(id(number)).unwrap().now;
    Approval::new(id(number), question, now, Duration::from_secs(600))
}

/// Asks about a call of its own.
pub(crate) fn asked(store: &PostgresApprovals, number: u32) -> Approval {
    let new = question(store, number, number);
    assert_eq!(store.open(&new, None).unwrap(), Opened::New);
    new
}

/// Asks about a call of its own, and has it approved.
pub(crate) fn approved(store: &PostgresApprovals, number: u32) -> Approval {
    let asked = asked(store, number);
    let bob = caller("user:bob", "lead");
    let yes = Answer::approve(asked.question.preview_digest());
    let step = asked.answer(asked.asked_at, &bob, &|_| false, yes).unwrap();
    assert_eq!(store.take(&step).unwrap(), Taken::Yes);
    step.next
}

pub(crate) fn cancelled(approval: &Approval) -> Step {
    let step = approval.withdraw(approval.asked_at, Withdrawn::Cancelled);
    step.unwrap()
}

pub(crate) fn cause(error: &StoreError) -> String {
    error.source().unwrap().to_string()
}

#[test]
fn conforms() {
    if server().is_none() {
        return;
    }
    testkit::check(|| {
        let database = database().unwrap();
        PostgresApprovals::connect_with(&database, &patient())
    })
    .unwrap();
}

#[test]
fn databases_that_are_not_as_they_should_be() {
    let Some(empty) = empty_database() else {
        return;
    };
    let none = "there is no store of approvals in the schema `callgate`: create it with \
                `migrate_approvals`";
    assert_eq!(error_of(PostgresApprovals::connect(&empty)), none);
    let newer = "the tables in the schema `callgate` have format 9, expected 1 or before: \
                 a later version made them";
    for (change, told) in [
        ("DROP FUNCTION callgate.approvals_open", none),
        ("DROP FUNCTION callgate.approvals_take", none),
        ("DROP TABLE callgate.approval", none),
        (
            "ALTER TABLE callgate.approval SET UNLOGGED",
            "the table `callgate.approval` was changed: a crash would empty it",
        ),
        (
            "ALTER TABLE callgate.approval ENABLE ROW LEVEL SECURITY",
            "the table `callgate.approval` was changed: rows of it may be hidden",
        ),
        (
            "CREATE RULE r AS ON UPDATE TO callgate.approval DO INSTEAD NOTHING",
            "the table `callgate.approval` was changed: it has triggers or rules",
        ),
        (
            "ALTER TABLE callgate.approval DROP CONSTRAINT approval_pkey",
            "the table `callgate.approval` was changed: it is no table, or lacks a unique index",
        ),
        ("UPDATE callgate.approval_format SET version = 9", newer),
    ] {
        let database = database().unwrap();
        execute(&database, change);
        assert_eq!(error_of(PostgresApprovals::connect(&database)), told);
    }
    let database = database().unwrap();
    let off = format!("{database} options='-c synchronous_commit=off'");
    let told = error_of(PostgresApprovals::connect(&off));
    assert!(told.starts_with("`synchronous_commit` is `off`"), "{told}");
    // What is there is left alone.
    let kept = approved(&open(&database), 1);
    migrate_approvals(&database).unwrap();
    let found = open(&database).load(kept.id).unwrap().approval;
    assert_eq!(found, Some(kept));
    // And so is what a later version made, which may need another function.
    execute(
        &database,
        "UPDATE callgate.approval_format SET version = 9; DROP FUNCTION callgate.approvals_take",
    );
    assert_eq!(error_of(migrate_approvals(&database)), newer);
    let functions = "SELECT count(*) FROM pg_proc WHERE proname = 'approvals_take'";
    assert_eq!(query(&database, functions), 0);
}

#[test]
fn role_with_the_least_rights() {
    let Some(database) = database() else { return };
    let role = format!("asker_{}", database.rsplit('_').next().unwrap());
    execute(
        &database,
        &format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA callgate TO {role}; \
             GRANT SELECT ON callgate.approval_format TO {role}; \
             GRANT SELECT, INSERT, UPDATE ON callgate.approval TO {role}"
        ),
    );
    let store = open(&database.replace("user=gate", &format!("user={role}")));
    let kept = approved(&store, 1);
    assert_eq!(store.load(kept.id).unwrap().approval, Some(kept));
    let refused = store.forget_dead(Duration::ZERO).unwrap_err();
    let told = cause(&refused);
    assert_eq!(told, "cannot keep an approval: the server refused it");
    execute(
        &database,
        &format!("GRANT DELETE ON callgate.approval TO {role}"),
    );
    assert_eq!(store.forget_dead(Duration::ZERO).unwrap(), 0);
}

/// Whatever is done to a row behind its back: it is an error.
#[test]
fn rows_that_are_changed() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let (first, second) = (approved(&store, 1), approved(&store, 2));
    let subject = &first.question.subject;
    let look = |of: &Approval| {
        let hour = Duration::from_secs(3_600);
        let look = Look::new(of.question.binding, Some("acme"), subject, hour);
        store.find(&look).map(|found| found.approval)
    };
    let told = "an approval in the store cannot be read";
    let swapped = "UPDATE callgate.approval a SET body = b.body FROM callgate.approval b \
                   WHERE a.id <> b.id";
    for sql in ["UPDATE callgate.approval SET body = '{}'", swapped] {
        execute(&database, sql);
        assert_eq!(cause(&store.load(first.id).unwrap_err()), told);
        assert_eq!(cause(&look(&first).unwrap_err()), told);
        assert_eq!(cause(&store.list(&Listing::new()).unwrap_err()), told);
        let again = store.open(&question(&store, 3, 2), None).unwrap_err();
        assert_eq!(cause(&again), told);
        for kept in [&first, &second] {
            let body = serde_json::to_string(kept).unwrap();
            let sql = format!(
                "UPDATE callgate.approval SET body = convert_to('{body}', 'UTF8') \
                 WHERE id = '\\x{}'",
                kept.id
            );
            execute(&database, &sql);
        }
    }
    let moved = "UPDATE callgate.approval a SET binding = b.binding FROM callgate.approval b \
                 WHERE a.id <> b.id";
    execute(&database, moved);
    assert_eq!(cause(&look(&first).unwrap_err()), told);
    assert_eq!(store.load(first.id).unwrap().approval, Some(first));
}

/// Of those who ask about one call at once, each over a connection of its own, one opens; whatever the database
/// says of how transactions see each other.
#[test]
fn one_call_that_many_ask_about() {
    let Some(database) = database() else { return };
    let name = database.rsplit('=').next().unwrap().to_owned();
    for (first, isolation) in [
        (0, "read committed"),
        (10, "repeatable read"),
        (20, "serializable"),
    ] {
        execute(
            &database,
            &format!("ALTER DATABASE {name} SET default_transaction_isolation = '{isolation}'"),
        );
        let stores: Vec<_> = (0..8).map(|number| (number, open(&database))).collect();
        for call in first..first + 10 {
            let opened: Vec<Opened> = thread::scope(|scope| {
                let mut threads = Vec::new();
                for (number, store) in &stores {
                    let new = question(store, call * 8 + number, call);
                    threads.push(scope.spawn(move || store.open(&new, None).unwrap()));
                }
                threads.into_iter().map(|it| it.join().unwrap()).collect()
            });
            let new = opened.iter().filter(|it| **it == Opened::New).count();
            assert_eq!(new, 1, "{isolation}: {opened:?}");
        }
    }
    assert_eq!(
        query(&database, "SELECT count(*) FROM callgate.approval"),
        30
    );
}

/// What was asked last is what came last, and not what has the latest time.
#[test]
fn question_that_took_its_time() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let slow = question(&store, 1, 7);
    let quick = question(&store, 2, 7);
    assert!(slow.asked_at < quick.asked_at);
    assert_eq!(store.open(&quick, None).unwrap(), Opened::New);
    assert_eq!(store.take(&cancelled(&quick)).unwrap(), Taken::Yes);
    assert_eq!(store.open(&slow, None).unwrap(), Opened::New);
    let third = question(&store, 3, 7);
    let there = store.open(&third, None).unwrap();
    assert_eq!(there, Opened::There(Box::new(slow.clone())));
    let hour = Duration::from_secs(3_600);
    let look = Look::new(
        slow.question.binding,
        Some("acme"),
        &slow.question.subject,
        hour,
    );
    assert_eq!(store.find(&look).unwrap().approval, Some(slow));
}

/// A step that waited for somebody is taken by the time at which it no longer waits.
#[test]
fn step_that_waits_beyond_its_window() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let asked = asked(&store, 1);
    let now = store.load(asked.id).unwrap().now;
    let soon = now.checked_add_signed(TimeDelta::seconds(1));
    let mut step = cancelled(&asked);
    step.before = soon;
    let taken = held(&database, "callgate.approval", || store.take(&step));
    assert_eq!(taken.unwrap(), Taken::OutOfTime);
    assert_eq!(store.load(asked.id).unwrap().approval, Some(asked));
}

/// Those who look do not wait for those who write.
#[test]
fn look_while_somebody_writes() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let asked = asked(&store, 1);
    let step = cancelled(&asked);
    held(&database, "callgate.approval", || {
        thread::scope(|scope| {
            let taking = scope.spawn(|| store.take(&step).unwrap());
            for _ in 0..20 {
                assert_eq!(store.load(asked.id).unwrap().approval, Some(asked.clone()));
            }
            assert!(!taking.is_finished());
            assert_eq!(taking.join().unwrap(), Taken::Yes);
        });
    });
}

/// A statement that is cancelled while it waits for a replica says that it was done: none is.
#[test]
fn role_whose_statements_are_cancelled() {
    let Some(database) = database() else { return };
    let store = open(&format!("{database} options='-c statement_timeout=1000'"));
    let step = cancelled(&asked(&store, 1));
    let taken = held(&database, "callgate.approval", || store.take(&step));
    assert_eq!(taken.unwrap(), Taken::Yes);
}

/// More than are forgotten in one transaction.
#[test]
fn many_that_are_dead() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let kept = asked(&store, 1);
    let columns = "revision, binding, asker, tenant, asked, open, holds_until";
    execute(
        &database,
        &format!(
            "INSERT INTO callgate.approval (id, {columns}, dead_at, body) \
             SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), {columns}, n, body \
             FROM callgate.approval, generate_series(1, 2500) n"
        ),
    );
    assert_eq!(store.forget_dead(Duration::from_secs(1)).unwrap(), 2_500);
    let left = store.list(&Listing::new().with_ended()).unwrap().approvals;
    assert_eq!(left, [kept]);
}

#[test]
fn states_that_come_back_as_they_were() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let approved = approved(&store, 1);
    let by = ApprovalId::from_bytes([9; 16]);
    let minute = Duration::from_secs(60);
    let now = store.load(approved.id).unwrap().now;
    let step = approved.claim(now, by, minute).unwrap();
    assert_eq!(store.take(&step).unwrap(), Taken::Yes);
    let step = step.next.consume(by).unwrap();
    assert_eq!(store.take(&step).unwrap(), Taken::Yes);
    // Over another connection.
    let found = open(&database).load(approved.id).unwrap().approval.unwrap();
    assert_eq!(found, step.next);
    assert!(matches!(found.state, State::Consumed(claim) if claim.by == by));
}
