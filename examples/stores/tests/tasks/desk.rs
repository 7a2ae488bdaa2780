//! A gate over a store, in this process or another one.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use callgate::standing::{Quarantine, Quarantined, Revocation};
use callgate::{Caller, Context, Decision, Gate, MemorySink, Principal, ToolCall};
use callgate_store_postgres::PostgresStanding;
use callgate_store_sqlite::SqliteStanding;
use serde_json::Value;

use crate::Tried;

const STORE: &str = "CALLGATE_TEST_STANDING";
/// How old a look at the store may be, unless told otherwise.
pub(crate) const BOUND: Duration = Duration::from_secs(1);
/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A gate with its log.
pub(crate) struct Desk {
    pub(crate) gate: Gate,
    sink: Arc<MemorySink>,
}

impl Desk {
    /// Over the store that `store` names: `sqlite FILE` or `postgres DATABASE`.
    pub(crate) fn over(store: &str) -> Tried<Self> {
        let sink = Arc::new(MemorySink::new());
        let policy = include_str!("../../tasks/policy.toml");
        let gate = Gate::builder()
            .policy(callgate::parse_policy(policy, "policy.toml")?)
            .audit_shared(Arc::<MemorySink>::clone(&sink));
        let gate = match store.split_once(' ') {
            Some(("sqlite", file)) => gate.standing(SqliteStanding::open(file)?),
            Some(("postgres", database)) => gate.standing(PostgresStanding::connect(database)?),
            _ => return Err("expected the kind of a store and where it is".into()),
        };
        let gate = gate.build()?;
        Ok(Self { gate, sink })
    }

    /// What a call in this session comes to, and what is told of it; the log has to say the same.
    pub(crate) fn asked(&self, session: &str, call: ToolCall) -> Tried<String> {
        let context = Context::new().session(session);
        let told = match self.gate.authorize(&caller()?, call, &context) {
            Decision::Deny(denial) => format!("{}: {}", denial.code(), denial.message()),
            other => return Ok(other.code().to_string()),
        };
        let lines = String::from_utf8(self.sink.contents())?;
        let record: Value = serde_json::from_str(lines.lines().last().unwrap_or_default())?;
        let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
        let recorded = format!("{}: {}", text("code"), text("message"));
        if (text("kind"), &recorded) != ("decision", &told) {
            return Err(format!("expected a record of `{told}`, found `{record}`").into());
        }
        Ok(told)
    }

    /// A call that only reads, and one that writes: what both come to.
    pub(crate) fn both(&self, session: &str) -> Tried<String> {
        let (one, other) = (self.asked(session, read())?, self.asked(session, write())?);
        if one == other {
            return Ok(one);
        }
        Ok(format!("reads: {one}; writes: {other}"))
    }
}

fn read() -> ToolCall {
    ToolCall::from_text("read_ticket", r#"{"id": 17}"#)
}

fn write() -> ToolCall {
    ToolCall::from_text("adjust_billing", r#"{"account": "acc_17", "amount": 20}"#)
}

fn caller() -> Tried<Caller> {
    let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    let bot = Principal::asserted("agent:support-bot".parse()?);
    Ok(Caller::of(alice).acting(bot).in_tenant("acme")?)
}

pub(crate) fn officer() -> Tried<Principal> {
    Ok(Principal::asserted("user:officer".parse()?).member_of("acme", ["security"]))
}

pub(crate) fn session(id: &str) -> Tried<Revocation> {
    Ok(Revocation::session(Some("acme"), id)?)
}

/// Another process with a gate of its own, which is asked by session.
pub(crate) struct Other {
    child: Child,
    say: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl Other {
    pub(crate) fn start(store: &str) -> Tried<Self> {
        let mut child = Command::new(env::current_exe()?);
        child.args(["--exact", "desk::part", "--nocapture"]);
        child.env(STORE, store);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let say = child.stdin.take().ok_or("no input")?;
        let hear = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self { child, say, hear })
    }

    /// What calls in this session come to there.
    pub(crate) fn asked(&mut self, session: &str) -> Tried<String> {
        writeln!(self.say, "{session}")?;
        loop {
            let mut line = String::new();
            if self.hear.read_line(&mut line)? == 0 {
                return Err("the other process ended".into());
            }
            if let Some((_, said)) = line.trim_end().split_once("said ") {
                return Ok(said.to_owned());
            }
        }
    }

    /// Asks until it says `code`: how long after the beginning the last question was put to which it said
    /// otherwise `before`.
    pub(crate) fn reaches(&mut self, session: &str, before: &str, code: &str) -> Tried<Duration> {
        let (since, mut last) = (Instant::now(), Duration::ZERO);
        loop {
            let asked = since.elapsed();
            let said = self.asked(session)?;
            if said.starts_with(code) {
                return Ok(last);
            }
            if said.starts_with(before) {
                last = asked;
            }
            if asked > PATIENCE {
                return Err(format!("it never said `{code}`, but `{said}`").into());
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What the other process does.
#[test]
fn part() -> Tried {
    let Ok(store) = env::var(STORE) else {
        return Ok(());
    };
    let desk = Desk::over(&store)?;
    for session in std::io::stdin().lines() {
        println!("said {}", desk.both(&session?)?);
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// What one process takes back, no call gets in the other one that is asked later than the bound.
pub(crate) fn takes_back(store: &str) -> Tried {
    let here = Desk::over(store)?;
    let mut there = Other::start(store)?;
    let mut longest = Duration::ZERO;
    for number in 0..10 {
        let id = format!("s-{number}");
        assert_eq!(there.asked(&id)?, "permitted");
        here.gate
            .revoke(&session(&id)?, &officer()?, "it went astray")?;
        assert!(here.both(&id)?.starts_with("session_revoked"));
        longest = longest.max(there.reaches(&id, "permitted", "session_revoked")?);
    }
    println!(
        "permitted elsewhere until {} ms after it was revoked, at the latest",
        longest.as_millis()
    );
    assert!(longest <= BOUND, "{longest:?}");

    let tenant = Quarantined::tenant("acme")?;
    let order = Quarantine::of(tenant.clone());
    here.gate.quarantine(&order, &officer()?, "stop")?;
    assert!(there.reaches("s", "permitted", "quarantined")? <= BOUND);
    here.gate.lift(&tenant, &officer()?, "go on")?;
    there.reaches("s", "quarantined", "permitted")?;
    Ok(())
}
