//! Two processes that share a store: what one takes back, the other knows in time; and a store that
//! is gone denies everything, and says why.

use std::env;
use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use callgate::standing::{Quarantine, Quarantined, Revocation};
use callgate::{Caller, Context, Gate, MemorySink, Principal, ToolCall};
use callgate_store_sqlite::SqliteStanding;

type Tried<T = ()> = Result<T, Box<dyn Error>>;

const PART: &str = "CALLGATE_TEST_STANDING";
/// How old a look at the store may be, unless told otherwise.
const BOUND: Duration = Duration::from_secs(1);

fn gate(file: &Path) -> Tried<Gate> {
    let policy = include_str!("../tasks/policy.toml");
    let gate = Gate::builder()
        .policy(callgate::parse_policy(policy, "policy.toml")?)
        .audit(MemorySink::new())
        .standing(SqliteStanding::open(file)?);
    Ok(gate.build()?)
}

fn caller() -> Tried<Caller> {
    let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    let bot = Principal::asserted("agent:support-bot".parse()?);
    Ok(Caller::of(alice).acting(bot).in_tenant("acme")?)
}

fn officer() -> Tried<Principal> {
    Ok(Principal::asserted("user:officer".parse()?).member_of("acme", ["security"]))
}

/// The code of a call, and what is told of it.
fn asked(gate: &Gate, session: &str) -> Tried<String> {
    let call = ToolCall::from_text("read_ticket", r#"{"id": 17}"#);
    let context = Context::new().session(session);
    Ok(match gate.authorize(&caller()?, call, &context) {
        callgate::Decision::Deny(denial) => format!("{}: {}", denial.code(), denial.message()),
        other => other.code().to_string(),
    })
}

/// Another process with a gate of its own, which is asked by session.
struct Other {
    child: Child,
    say: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl Other {
    fn start(file: &Path) -> Tried<Self> {
        let mut child = Command::new(env::current_exe()?);
        child
            .args(["--exact", "part", "--nocapture"])
            .env(PART, file);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let say = child.stdin.take().ok_or("no input")?;
        let hear = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self { child, say, hear })
    }

    fn asked(&mut self, session: &str) -> Tried<String> {
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

    /// How long it takes until it says `code`.
    fn reaches(&mut self, session: &str, code: &str) -> Tried<Duration> {
        let since = Instant::now();
        while !self.asked(session)?.starts_with(code) {
            if since.elapsed() > Duration::from_secs(20) {
                return Err(format!("it never said {code}").into());
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(since.elapsed())
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
    let Some(file) = env::var_os(PART) else {
        return Ok(());
    };
    let gate = gate(Path::new(&file))?;
    for session in std::io::stdin().lines() {
        println!("said {}", asked(&gate, &session?)?);
        std::io::stdout().flush()?;
    }
    Ok(())
}

#[test]
fn what_one_process_takes_back_the_other_knows_in_time() -> Tried {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("standing.db");
    let here = gate(&file)?;
    let mut there = Other::start(&file)?;
    let mut longest = Duration::ZERO;
    for number in 0..10 {
        let session = format!("s-{number}");
        assert_eq!(there.asked(&session)?, "permitted");
        let target = Revocation::session(Some("acme"), &session)?;
        here.revoke(&target, &officer()?, "it went astray")?;
        assert!(asked(&here, &session)?.starts_with("session_revoked"));
        longest = longest.max(there.reaches(&session, "session_revoked")?);
    }
    println!(
        "known elsewhere after {} ms at the latest",
        longest.as_millis()
    );
    assert!(longest <= BOUND, "{longest:?}");

    let tenant = Quarantined::tenant("acme")?;
    here.quarantine(&Quarantine::of(tenant.clone()), &officer()?, "stop")?;
    assert!(there.reaches("s", "quarantined")? <= BOUND);
    here.lift(&tenant, &officer()?, "go on")?;
    assert!(there.reaches("s", "permitted")? <= BOUND);
    Ok(())
}

#[test]
fn a_store_that_is_gone_denies_everything() -> Tried {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("standing.db");
    let here = gate(&file)?;
    let mut there = Other::start(&file)?;
    assert_eq!(there.asked("s")?, "permitted");
    let gone = folder.path().join("gone");
    std::fs::rename(&file, &gone)?;
    let told = "standing_unknown: it is not known who was revoked: the standing store has not \
                answered in time";
    // It may have looked just before; then that look counts for as long as any.
    assert!(there.reaches("s", "standing_unknown")? <= BOUND.saturating_mul(2));
    assert_eq!(there.asked("s")?, told);
    thread::sleep(BOUND);
    assert_eq!(asked(&here, "s")?, told);
    // It comes back, and so does everybody.
    std::fs::rename(&gone, &file)?;
    assert!(there.reaches("s", "permitted")? <= BOUND);
    Ok(())
}
