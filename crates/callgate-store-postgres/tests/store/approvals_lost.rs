//! Approvals when answers are lost, settings change on the way, and servers die: no step is taken twice.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callgate_approval::{Allowance, Approval, ApprovalId, ApprovalStore, Opened, State, Taken};
use callgate_store_postgres::{PostgresApprovals, migrate_approvals};

use crate::approvals::{approved, asked, cancelled, cause, database, id, open, question};
use crate::proxy::Proxy;
use crate::rig::{execute, hasty, patient, server, start, with_client};

fn through_a_proxy() -> Option<(String, Proxy, String)> {
    let database = database()?;
    let proxy = Proxy::before(server()?.socket());
    let way = proxy.way(&database);
    Some((database, proxy, way))
}

/// The line is cut once it is done: the store asks over another one, and learns that it was.
#[test]
fn answers_lost_with_the_connection() {
    let Some((_, proxy, way)) = through_a_proxy() else {
        return;
    };
    let store = PostgresApprovals::connect_with(&way, &patient()).unwrap();
    for number in 0..5 {
        let new = question(&store, number, number);
        let allowed = Allowance::new(u64::from(number) + 1, Duration::from_secs(3_600));
        proxy.cut_at_the_next_answer();
        assert_eq!(store.open(&new, Some(allowed)).unwrap(), Opened::New);
        // Who asks once more finds its own.
        let again = store.open(&new, Some(allowed)).unwrap();
        assert_eq!(again, Opened::There(Box::new(new.clone())));
        let step = cancelled(&new);
        proxy.cut_at_the_next_answer();
        assert_eq!(store.take(&step).unwrap(), Taken::Yes);
        assert_eq!(store.take(&step).unwrap(), Taken::Moved);
        proxy.cut_at_the_next_answer();
        assert_eq!(store.load(new.id).unwrap().approval, Some(step.next));
    }
    proxy.has_lost_something();
}

/// The line stays, and nothing comes over it: an error, and `load` tells what became of it.
#[test]
fn answers_that_do_not_come() {
    let Some((database, proxy, way)) = through_a_proxy() else {
        return;
    };
    let store = PostgresApprovals::connect_with(&way, &hasty()).unwrap();
    let step = cancelled(&asked(&store, 1));
    proxy.lose_answers();
    let told = cause(&store.take(&step).unwrap_err());
    assert_eq!(told, "cannot keep an approval: no answer in time");
    proxy.has_lost_something();
    let found = store.load(id(1)).or_else(|_| store.load(id(1)));
    assert_eq!(found.unwrap().approval, Some(step.next.clone()));
    assert_eq!(open(&database).take(&step).unwrap(), Taken::Moved);
}

/// What arrives late finds the revision moved, and does nothing.
#[test]
fn step_that_arrives_after_another_one() {
    let Some((database, proxy, way)) = through_a_proxy() else {
        return;
    };
    let store = PostgresApprovals::connect_with(&way, &hasty()).unwrap();
    let approved = approved(&store, 1);
    let now = store.load(approved.id).unwrap().now;
    let claim = |by: u8| {
        let by = ApprovalId::from_bytes([by; 16]);
        approved.claim(now, by, Duration::from_secs(60)).unwrap()
    };
    proxy.hold_questions();
    store.take(&claim(8)).unwrap_err();
    assert_eq!(open(&database).take(&claim(9)).unwrap(), Taken::Yes);
    proxy.let_go();
    thread::sleep(Duration::from_millis(300));
    let found = store.load(approved.id).unwrap().approval;
    assert_eq!(found, Some(claim(9).next));
}

/// What the server says of a step that is asked again, by what stands there.
#[test]
fn step_that_is_asked_again() {
    let Some(database) = database() else { return };
    let asked = asked(&open(&database), 1);
    let told = |again: bool, revision: i64, body: &str| {
        with_client(&database, async |client| {
            let sql = "SELECT told FROM callgate.approvals_take( \
                         $1, NULL, NULL, $2, $3, true, 0, 0, convert_to($4, 'UTF8'))";
            let id = asked.id.as_bytes().as_slice();
            let row = client
                .query_one(sql, &[&again, &id, &revision, &body])
                .await;
            row.unwrap().get::<_, String>(0)
        })
    };
    for (again, revision, body, expected) in [
        // Ahead of what is there.
        (true, 3, "a", "moved"),
        (true, 1, "a", "yes"),
        // It stands there as it was meant.
        (true, 1, "a", "yes"),
        (false, 1, "a", "moved"),
        // Somebody else's stands there.
        (true, 1, "b", "moved"),
        (false, 2, "c", "yes"),
        // It may have been taken before the one that stands there.
        (true, 1, "a", "unknown"),
        (false, 1, "a", "moved"),
    ] {
        assert_eq!(
            told(again, revision, body),
            expected,
            "{again} {revision} {body}"
        );
    }
    execute(&database, "DELETE FROM callgate.approval");
    assert_eq!(told(true, 3, "d"), "unknown");
    assert_eq!(told(false, 3, "d"), "moved");
}

/// As a pool does that hands a session on: the next statement finds out, and does nothing.
#[test]
fn settings_that_are_changed_on_the_way() {
    for (setting, value, told) in [
        (
            "synchronous_commit",
            "off",
            "`synchronous_commit` is `off`, expected `on`, `remote_write` or `remote_apply`",
        ),
        (
            "default_transaction_isolation",
            "repeatable read",
            "`transaction_isolation` is `repeatable read`, expected `read committed`",
        ),
    ] {
        let Some(database) = database() else { return };
        let store = open(&database);
        let first = asked(&store, 1);
        execute(
            &database,
            &format!(
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                   PERFORM set_config('{setting}', '{value}', false); RETURN NEW; END $$; \
                 CREATE TRIGGER t BEFORE INSERT ON callgate.approval \
                   FOR EACH ROW EXECUTE FUNCTION f()"
            ),
        );
        let second = asked(&store, 2);
        assert_eq!(cause(&store.take(&cancelled(&first)).unwrap_err()), told);
        execute(&database, "DROP TRIGGER t ON callgate.approval");
        assert_eq!(store.load(first.id).unwrap().approval, Some(first.clone()));
        // Over a new connection all is well.
        assert_eq!(store.take(&cancelled(&second)).unwrap(), Taken::Yes);
    }
}

#[test]
fn warning_of_the_server() {
    let Some(database) = database() else { return };
    let store = open(&database);
    let asked = asked(&store, 1);
    execute(
        &database,
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql \
         AS $$ BEGIN RAISE WARNING 'on demand'; RETURN NEW; END $$; \
         CREATE TRIGGER t BEFORE UPDATE ON callgate.approval FOR EACH ROW EXECUTE FUNCTION f()",
    );
    // As when it gives up waiting for a replica: it is stored, and that is all that is known.
    let step = cancelled(&asked);
    let told = cause(&store.take(&step).unwrap_err());
    assert_eq!(told, "the server did it, with a warning");
    execute(&database, "DROP TRIGGER t ON callgate.approval");
    assert_eq!(store.load(asked.id).unwrap().approval, Some(step.next));
}

/// Takes hold of the approval `number` and consumes it, if that can be known: who did it.
fn use_up(store: &PostgresApprovals, number: u32, by: ApprovalId) -> Option<ApprovalId> {
    let loaded = store.load(id(number)).ok()?;
    let step = loaded
        .approval?
        .claim(loaded.now, by, Duration::from_secs(2))
        .ok()?;
    if store.take(&step).ok()? != Taken::Yes {
        return None;
    }
    let step = step.next.consume(by).ok()?;
    (store.take(&step).ok()? == Taken::Yes).then_some(by)
}

/// A server that dies in the middle of steps and comes back: what was acknowledged is there, nothing was used
/// twice, and nothing is held for ever.
#[test]
fn server_that_is_killed() {
    const APPROVALS: u32 = 400;
    let Some(mut server) = start(&[]) else { return };
    let socket = server.socket().display();
    let database = format!("host={socket} user=gate dbname=postgres");
    migrate_approvals(&database).unwrap();
    let store = PostgresApprovals::connect_with(&database, &hasty()).unwrap();
    for number in 0..APPROVALS {
        approved(&store, number);
    }
    let acknowledged = Mutex::new(BTreeMap::<u32, Vec<ApprovalId>>::new());
    let (over, next) = (AtomicBool::new(false), AtomicU32::new(0));
    let work = |own: u32, store: &PostgresApprovals| {
        while !over.load(Ordering::Relaxed) {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let number = turn % APPROVALS;
            let mut by = [0; 16];
            by[..8].copy_from_slice(&(u64::from(own) << 32 | u64::from(turn)).to_be_bytes());
            if let Some(by) = use_up(store, number, ApprovalId::from_bytes(by)) {
                let mut acknowledged = acknowledged.lock().unwrap();
                acknowledged.entry(number).or_default().push(by);
            }
            // Two approvals' worth of time: all of them are in the middle of something when it dies.
            thread::sleep(Duration::from_millis(1));
        }
    };
    thread::scope(|scope| {
        for own in 1..=6 {
            let store = PostgresApprovals::connect_with(&database, &hasty()).unwrap();
            let work = &work;
            scope.spawn(move || work(own, &store));
        }
        for round in 0..4 {
            thread::sleep(Duration::from_millis(120));
            if round % 2 == 0 {
                server.kill().unwrap();
                assert!(store.load(id(0)).is_err());
            } else {
                server.stop_immediately().unwrap();
            }
            server.restart().unwrap();
        }
        // Whatever was held has lapsed some time.
        let consumed = |number| {
            let found: Option<Approval> = store.load(id(number)).ok()?.approval;
            matches!(found?.state, State::Consumed(_)).then_some(())
        };
        let since = Instant::now();
        while !(0..APPROVALS).all(|number| consumed(number).is_some()) {
            let late = since.elapsed() > Duration::from_secs(120);
            if late {
                over.store(true, Ordering::Relaxed);
            }
            assert!(!late, "some are held for ever");
            thread::sleep(Duration::from_millis(100));
        }
        over.store(true, Ordering::Relaxed);
    });
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    for (number, by) in &acknowledged {
        let State::Consumed(claim) = store.load(id(*number)).unwrap().approval.unwrap().state
        else {
            panic!("{number} is not consumed");
        };
        // One user at most, and the one that the store names.
        assert_eq!(by.as_slice(), [claim.by], "{number}");
    }
    let told = acknowledged.len();
    println!("4 crashes: {APPROVALS} consumed, {told} acknowledged, 0 lost, 0 twice");
}
