//! A permit that was given out before a revocation does not begin after it.
//!
//! `CALLGATE_REVOCATION_ROUNDS` sets how many rounds there are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use callgate::audit::{Batch, Head};
use callgate::standing::{MemoryStanding, Quarantine, Quarantined, Revocation};
use callgate::{
    AuditSink, Caller, Context, Decision, Gate, NotBegunReason, Permit, Principal, SinkError,
    ToolCall,
};
use chrono::{DateTime, TimeDelta, Utc};

use super::rig::{id, officer};
use crate::support::{POLICY, allowed};

const THREADS: u64 = 8;
const ROUNDS: &str = "CALLGATE_REVOCATION_ROUNDS";

fn rounds() -> u64 {
    std::env::var(ROUNDS).map_or(2_000, |rounds| rounds.parse().unwrap())
}

/// What is taken back in one round, and how calls name it.
#[derive(Clone, Copy, Debug)]
enum Way {
    Principal,
    Session,
    Task,
    Quarantine,
}

struct Round {
    caller: Caller,
    context: Context,
    way: Way,
    number: u64,
}

impl Round {
    fn new(number: u64) -> Self {
        let way = match number % 4 {
            0 => Way::Principal,
            1 => Way::Session,
            2 => Way::Task,
            _ => Way::Quarantine,
        };
        let name = format!("user:{number}");
        let subject = Principal::asserted(id(&name)).member_of("acme", ["support"]);
        let context = Context::new().session(format!("s-{number}"));
        Self {
            caller: Caller::of(subject).in_tenant("acme").unwrap(),
            context: match way {
                Way::Task => context.task(format!("t-{number}")),
                _ => context,
            },
            way,
            number,
        }
    }

    fn begin(&self, gate: &Gate) {
        if matches!(self.way, Way::Task) {
            let end = Utc::now().checked_add_signed(TimeDelta::hours(1)).unwrap();
            let name = format!("t-{}", self.number);
            let task = callgate::standing::Task::builder(name, end);
            gate.begin_task(&self.caller, task).unwrap();
        }
    }

    fn take_back(&self, gate: &Gate) {
        let number = self.number;
        let who = || id(&format!("user:{number}"));
        let target = match self.way {
            Way::Principal => Revocation::principal(Some("acme"), who()),
            Way::Session => Revocation::session(Some("acme"), &format!("s-{number}")),
            Way::Task => Revocation::task(Some("acme"), &format!("t-{number}")),
            Way::Quarantine => {
                let target = Quarantined::principal(Some("acme"), who()).unwrap();
                let quarantine = Quarantine::of(target);
                return gate.quarantine(&quarantine, &officer(), "round").unwrap();
            }
        };
        gate.revoke(&target.unwrap(), &officer(), "round").unwrap();
    }
}

/// A log that nobody reads: it remembers its end.
#[derive(Default)]
struct Nowhere(Mutex<Option<Head>>);

impl AuditSink for Nowhere {
    fn head(&self) -> Result<Head, SinkError> {
        Ok(self.0.lock().unwrap().unwrap_or(Head::EMPTY))
    }

    fn append(&self, _: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        *self.0.lock().unwrap() = Some(batch.end());
        Ok(())
    }

    fn sync(&self, _: Head) -> Result<(), SinkError> {
        Ok(())
    }

    fn read(&self, _: u64, _: usize) -> Result<Batch<'static>, SinkError> {
        self.head().map(Batch::empty)
    }
}

/// In each round, seven threads have a permit each and begin it while the eighth takes back what it
/// rests on. Whoever sees that this has returned, before it begins, must not begin.
#[test]
fn no_permit_begins_after_what_it_rests_on_was_taken_back() {
    let rounds = rounds();
    let policy = callgate::parse_policy(POLICY, "desk.toml").unwrap();
    let gate = Gate::builder()
        .policy(policy)
        .audit(Nowhere::default())
        .standing(MemoryStanding::new(|| DateTime::UNIX_EPOCH))
        // On a machine with more to do than it can, its thread may not come to look for a while.
        .freshness(Duration::from_secs(600))
        .build()
        .unwrap();
    // The last round whose revocation has returned.
    let returned = AtomicU64::new(0);
    let barrier = Barrier::new(usize::try_from(THREADS).unwrap());
    let (begun, held) = (AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..=rounds {
                let round = Round::new(number);
                round.begin(&gate);
                barrier.wait();
                barrier.wait();
                round.take_back(&gate);
                returned.store(number, Ordering::SeqCst);
            }
            barrier.wait();
        });
        for _ in 1..THREADS {
            scope.spawn(|| {
                for number in 1..=rounds {
                    barrier.wait();
                    let round = Round::new(number);
                    let mut permits = ask(&gate, &round);
                    barrier.wait();
                    while let Some(permit) = permits.pop() {
                        let was_over = returned.load(Ordering::SeqCst) >= number;
                        match permit.begin() {
                            Ok(running) => {
                                assert!(!was_over, "round {number}, {:?}", round.way);
                                begun.fetch_add(1, Ordering::Relaxed);
                                let ran = running.finish(Ok::<_, std::fmt::Error>(()));
                                ran.output.unwrap();
                            }
                            Err(told) => {
                                assert_eq!(told.reason(), NotBegunReason::Revoked);
                                held.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    }
                    // Once it has returned, no permit is given out either.
                    while returned.load(Ordering::SeqCst) < number {
                        thread::yield_now();
                    }
                    let call = ToolCall::from_text("look", "{}");
                    let decision = gate.authorize(&round.caller, call, &round.context);
                    assert!(matches!(decision, Decision::Deny(_)), "round {number}");
                }
                barrier.wait();
            });
        }
    });
    let (begun, held) = (begun.into_inner(), held.into_inner());
    println!("{rounds} rounds: {begun} permits begun, {held} not begun");
    assert!(
        begun > 0 && held > 0,
        "{begun} begun, {held} not: nothing raced"
    );
}

fn ask(gate: &Gate, round: &Round) -> Vec<Permit> {
    let ask = || {
        let call = ToolCall::from_text("look", "{}");
        allowed(gate.authorize(&round.caller, call, &round.context))
    };
    vec![ask(), ask(), ask()]
}
