//! Standing approvals in a database: the kit, databases that are not as they should be, answers that are lost.

use std::thread;
use std::time::Duration;

use callgate_approval::standing::{
    Given, Spent, StandingApproval, StandingApprovalStore, StandingBounds, Whose, testkit,
};
use callgate_approval::{Answer, ApprovalId, Listing, Question, Step, Taken, preview};
use callgate_store_postgres::{PostgresStandingApprovals, migrate_standing_approvals};
use callgate_types::{
    Approver, ApproverGroup, Caller, Context, Friction, Principal, StandingBound, ToolCall,
};
use chrono::TimeDelta;

use crate::approvals::{cause, id};
use crate::proxy::Proxy;
use crate::rig::{empty_database, error_of, execute, hasty, held, patient, query, server};

pub(crate) fn database() -> Option<String> {
    let database = empty_database()?;
    migrate_standing_approvals(&database).unwrap();
    Some(database)
}

pub(crate) fn open(database: &str) -> PostgresStandingApprovals {
    PostgresStandingApprovals::connect_with(database, &patient()).unwrap()
}

fn caller(id: &str, role: &str) -> Caller {
    let who = Principal::asserted(id.parse().unwrap()).member_of("acme", [role]);
    Caller::of(who).in_tenant("acme").unwrap()
}

/// One that is good for so many calls, and that somebody agreed to; nobody keeps it yet.
fn agreed(store: &PostgresStandingApprovals, number: u32, uses: u64) -> StandingApproval {
    let hour = Duration::from_secs(3_600);
    let mut friction = Friction::NONE;
    friction.approvals = vec![ApproverGroup::new(vec![Approver::Role("lead".into())], 1)];
    friction.standing = Some(Box::new(StandingBound::new(10_000, hour)));
    let (alice, bob) = (caller("user:alice", "support"), caller("user:bob", "lead"));
    let call = ToolCall::from_text("pay", r#"{"number": 1}"#);
    let context = Context::new();
    let shown = preview(&alice, &call, &context, &[], &|_| false).unwrap();
    let question = Question::new(&alice, &call, &context, &friction, Vec::new(), &shown).unwrap();
    let now = store.load(id(number)).unwrap().now;
    let bounds = StandingBounds::new(uses, hour).because("the parcel strike");
    let from = ApprovalId::from_bytes([2; 16]);
    let mut new = StandingApproval::new(id(number), from, &question, &bounds, now).unwrap();
    let yes = Answer::approve(new.approval.question.preview_digest());
    new.approval = new.answer(now, &bob, &|_| false, yes).unwrap().next;
    new
}

/// One that is good for so many calls.
pub(crate) fn given(store: &PostgresStandingApprovals, number: u32, uses: u64) -> StandingApproval {
    let new = agreed(store, number, uses);
    assert_eq!(store.give(&new).unwrap(), Given::New);
    new
}

/// Bob takes it back.
fn revoked(standing: &StandingApproval) -> Step {
    let (bob, now) = (caller("user:bob", "lead"), standing.approval.asked_at);
    standing.revoke(now, &bob, &|_| false, None).unwrap()
}

#[test]
fn conforms() {
    if server().is_none() {
        return;
    }
    testkit::check(|| {
        let database = database().unwrap();
        PostgresStandingApprovals::connect_with(&database, &patient())
    })
    .unwrap();
}

#[test]
fn databases_that_are_not_as_they_should_be() {
    let Some(empty) = empty_database() else {
        return;
    };
    let none = "there is no store of standing approvals in the schema `callgate`: create it with \
                `migrate_standing_approvals`";
    assert_eq!(error_of(PostgresStandingApprovals::connect(&empty)), none);
    let newer = "the tables in the schema `callgate` have format 9, expected 1 or before: \
                 a later version made them";
    for (change, told) in [
        ("DROP FUNCTION callgate.standing_approvals_give", none),
        ("DROP FUNCTION callgate.standing_approvals_take", none),
        ("DROP FUNCTION callgate.standing_approvals_spend", none),
        ("DROP TABLE callgate.standing_approval", none),
        (
            "ALTER TABLE callgate.standing_approval SET UNLOGGED",
            "the table `callgate.standing_approval` was changed: a crash would empty it",
        ),
        (
            "CREATE RULE r AS ON UPDATE TO callgate.standing_approval DO INSTEAD NOTHING",
            "the table `callgate.standing_approval` was changed: it has triggers or rules",
        ),
        (
            "UPDATE callgate.standing_approval_format SET version = 9",
            newer,
        ),
    ] {
        let database = database().unwrap();
        execute(&database, change);
        assert_eq!(
            error_of(PostgresStandingApprovals::connect(&database)),
            told
        );
    }
    let database = database().unwrap();
    let off = format!("{database} options='-c synchronous_commit=off'");
    let told = error_of(PostgresStandingApprovals::connect(&off));
    assert!(told.starts_with("`synchronous_commit` is `off`"), "{told}");
    // What is there is left alone.
    let kept = given(&open(&database), 1, 3);
    migrate_standing_approvals(&database).unwrap();
    let found = open(&database).load(id(1)).unwrap().standing;
    assert_eq!(found, Some(kept));
}

#[test]
fn role_with_the_least_rights() {
    let Some(database) = database() else { return };
    let role = format!("spender_{}", database.rsplit('_').next().unwrap());
    execute(
        &database,
        &format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA callgate TO {role}; \
             GRANT SELECT ON callgate.standing_approval_format TO {role}; \
             GRANT SELECT, INSERT, UPDATE ON callgate.standing_approval TO {role}"
        ),
    );
    let store = open(&database.replace("user=gate", &format!("user={role}")));
    given(&store, 1, 3);
    assert_eq!(store.spend(id(1)).unwrap(), Spent::Left(2));
    let told = cause(&store.forget_dead(Duration::ZERO).unwrap_err());
    assert_eq!(told, "cannot keep an approval: the server refused it");
}

/// Whatever is done to a row behind its back: it is an error, and grants nothing.
#[test]
fn rows_that_are_changed() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let told = "an approval in the store cannot be read";
    for (number, change) in [
        "terms = '{}'",
        "approval = '{}'",
        "used = -1",
        // What is beside the body says more than the body does.
        "uses = 900, used = 3",
        "terms = convert_to(replace(convert_from(terms, 'UTF8'), '{', '{\"used\":0,'), 'UTF8')",
    ]
    .into_iter()
    .enumerate()
    {
        let number = u32::try_from(number).unwrap();
        given(&store, number, 3);
        let sql = format!(
            "UPDATE callgate.standing_approval SET {change} WHERE id = '\\x{}'",
            id(number)
        );
        execute(&database, &sql);
        assert_eq!(
            cause(&store.spend(id(number)).unwrap_err()),
            told,
            "{change}"
        );
    }
    assert_eq!(cause(&store.list(&Listing::new()).unwrap_err()), told);
    // One that was revoked, and whose column says that it was not.
    let kept = given(&store, 20, 3);
    let step = revoked(&kept);
    assert_eq!(store.take(&step).unwrap(), Taken::Yes);
    execute(
        &database,
        "UPDATE callgate.standing_approval SET approved = true",
    );
    assert_eq!(cause(&store.spend(id(20)).unwrap_err()), told);
    // One that is moved to other calls.
    let database = self::database().unwrap();
    let store = open(&database);
    let kept = given(&store, 1, 3);
    let other = agreed(&store, 2, 3);
    let whose = Whose::new(Some("acme"), &other.approval.question.subject, "refund");
    assert_eq!(store.find(&Whose::of(&kept)).unwrap().standing, [kept]);
    assert_eq!(store.find(&whose).unwrap().standing, []);
    execute(
        &database,
        "UPDATE callgate.standing_approval SET whose = ''",
    );
    assert_eq!(store.find(&Whose::of(&other)).unwrap().standing, []);
}

/// A use that waited for somebody is spent by the time at which it no longer waits; nor does a step land late.
#[test]
fn use_and_step_that_wait() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let mut short = agreed(&store, 1, 3);
    let soon = short.approval.asked_at + TimeDelta::milliseconds(1_500);
    short.approval.expires_at = soon;
    assert_eq!(store.give(&short).unwrap(), Given::New);
    let spent = held(&database, "callgate.standing_approval", || {
        store.spend(id(1))
    });
    assert_eq!(spent.unwrap(), Spent::OutOfTime);
    let kept = given(&store, 2, 3);
    let mut step = revoked(&kept);
    step.before = Some(store.load(id(2)).unwrap().now + TimeDelta::seconds(1));
    let taken = held(&database, "callgate.standing_approval", || {
        store.take(&step)
    });
    assert_eq!(taken.unwrap(), Taken::OutOfTime);
    assert_eq!(store.load(id(2)).unwrap().standing, Some(kept));
}

/// From the moment at which a revocation is taken no use is spent, over any connection.
#[test]
fn use_that_waits_for_a_revocation() {
    let Some(database) = database() else { return };
    let (store, other) = (open(&database), open(&database));
    let kept = given(&store, 1, 3);
    let step = revoked(&kept);
    assert_eq!(other.spend(id(1)).unwrap(), Spent::Left(2));
    assert_eq!(store.take(&step).unwrap(), Taken::Yes);
    assert_eq!(other.spend(id(1)).unwrap(), Spent::NotInForce);
    let found = other.load(id(1)).unwrap().standing.unwrap();
    assert_eq!((found.used, found.approval), (1, step.next));
}

/// The line is cut once it is done: what is given and taken is found to be, and a use is an error that was spent once.
#[test]
fn answers_lost_with_the_connection() {
    let Some(database) = database() else { return };
    let proxy = Proxy::before(server().unwrap().socket());
    let way = proxy.way(&database);
    let store = PostgresStandingApprovals::connect_with(&way, &patient()).unwrap();
    for number in 0..5 {
        let new = agreed(&store, number, 3);
        proxy.cut_at_the_next_answer();
        assert_eq!(store.give(&new).unwrap(), Given::New);
        proxy.cut_at_the_next_answer();
        let told = cause(&store.spend(id(number)).unwrap_err());
        assert_eq!(
            told,
            "it cannot be told any more what became of a step of an approval"
        );
        let used = store.load(id(number)).unwrap().standing.unwrap().used;
        assert_eq!(used, 1);
        let step = revoked(&new);
        proxy.cut_at_the_next_answer();
        assert_eq!(store.take(&step).unwrap(), Taken::Yes);
        assert_eq!(store.take(&step).unwrap(), Taken::Moved);
    }
    proxy.has_lost_something();
}

/// Nothing comes over the line: an error within the time that a call has, and no use is spent twice.
#[test]
fn answers_that_do_not_come() {
    let Some(database) = database() else { return };
    let proxy = Proxy::before(server().unwrap().socket());
    let way = proxy.way(&database);
    let store = PostgresStandingApprovals::connect_with(&way, &hasty()).unwrap();
    given(&store, 1, 3);
    proxy.lose_answers();
    let told = cause(&store.spend(id(1)).unwrap_err());
    assert_eq!(told, "cannot keep an approval: no answer in time");
    thread::sleep(Duration::from_millis(300));
    let used = open(&database).load(id(1)).unwrap().standing.unwrap().used;
    assert_eq!(used, 1);
    proxy.has_lost_something();
}

/// As a pool does that hands a session on: the next statement finds out, and does nothing.
#[test]
fn setting_that_is_changed_on_the_way() {
    let Some(database) = database() else { return };
    let store = open(&database);
    given(&store, 1, 3);
    let functions = "SELECT count(*) FROM callgate.standing_approvals_spend(''::bytea) \
                     WHERE told = 'synchronous_commit'";
    let off = format!("{database} options='-c synchronous_commit=off'");
    assert_eq!(query(&off, functions), 1);
    assert_eq!(query(&database, functions), 0);
}
