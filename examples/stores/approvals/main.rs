//! A call that a person agrees to in another terminal.
//!
//! Terminal one runs the agent: `cargo run -p callgate-examples-stores --example approvals -- agent FOLDER`. It asks for a
//! refund, writes down what it waits for, and goes on once somebody has answered, also after it was ended and
//! started again. A lead may approve some of the next ones, too: those run at once. Terminal two is the program `callgate`, or
//! `cargo run -p callgate-examples-stores --example approvals -- lead FOLDER`.

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use callgate::approval::standing::StandingBounds;
use callgate::{
    ApprovalAnswer, Authorized, Caller, Context, Decision, FileSink, Gate, NotBegun, Parked,
    Permit, Principal, ToolCall,
};
use callgate_store_sqlite::{SqliteApprovals, SqliteStandingApprovals};

/// How often the agent looks for an answer, and for how long.
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(900);
/// The refunds that a lead may approve ahead: so many, for so long, of at most so much.
const AHEAD: u64 = 3;
const AHEAD_FOR: Duration = Duration::from_secs(3_600);
const SMALL: &str = r#"{"arguments/amount": {"decimal": {"at_most": "100.00"}}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut out = io::stdout();
    match arguments.as_slice() {
        ["agent", folder] => agent(Path::new(folder), &mut out),
        ["lead", folder] => lead(Path::new(folder), &mut io::stdin().lock(), &mut out),
        _ => Err("expected `agent FOLDER` or `lead FOLDER`".into()),
    }
}

/// Asks for a refund, or goes on waiting for what was asked before, and runs it once it is agreed to.
pub(crate) fn agent(folder: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let gate = Gate::builder()
        .policy(callgate::parse_policy(
            include_str!("policy.toml"),
            "policy.toml",
        )?)
        .audit(FileSink::open(folder.join("audit"))?)
        .approvals(SqliteApprovals::open(folder.join("approvals.db"))?)
        .standing_approvals(SqliteStandingApprovals::open(folder.join("approvals.db"))?)
        .build()?;
    let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    let bot = Principal::asserted("agent:support-bot".parse()?);
    let alice = Caller::of(alice).acting(bot).in_tenant("acme")?;
    let context = Context::new().session("s-17");

    let kept = folder.join("waiting.json");
    let parked: Parked = if kept.exists() {
        writeln!(out, "agent: back, and still waiting")?;
        serde_json::from_str(&fs::read_to_string(&kept)?)?
    } else {
        let call = ToolCall::from_text("refund", r#"{"order": "ord_7f3a", "amount": 80}"#);
        let pending = match gate.authorize(&alice, call, &context) {
            Decision::Ask(pending) => pending,
            Decision::Allow(permit) => {
                writeln!(out, "agent: {}", permit.message())?;
                writeln!(out, "agent: {}", refund(permit)?)?;
                return Ok(());
            }
            Decision::Deny(denial) => return Err(denial.for_model().into()),
        };
        writeln!(out, "agent: {}", pending.message())?;
        let parked = pending.park().ok_or("nobody is asked")?;
        // It carries no authority: whoever edits it gets nothing.
        fs::write(&kept, serde_json::to_string(&parked)?)?;
        parked
    };
    writeln!(out, "agent: waiting for approval {}", parked.approval())?;
    out.flush()?;

    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        match gate.resume(parked.approval(), &alice, parked.call(), &context) {
            Decision::Ask(_) => thread::sleep(LOOK),
            Decision::Deny(denial) => {
                fs::remove_file(&kept)?;
                writeln!(out, "agent: {}", denial.for_model())?;
                return Ok(());
            }
            Decision::Allow(permit) => {
                let said = refund(permit)?;
                fs::remove_file(&kept)?;
                writeln!(out, "agent: {said}")?;
                return Ok(());
            }
        }
    }
    Err("nobody answered".into())
}

/// Runs the call, and says what came of it.
fn refund(permit: Permit) -> Result<String, NotBegun> {
    let ran = permit.run(|call: &Authorized<'_>| {
        Ok::<_, std::fmt::Error>(format!("refunded {}", call.arguments().text()))
    })?;
    Ok(ran.released().to_string())
}

/// Shows bob, who is a lead, what is asked of him, and takes his answers.
pub(crate) fn lead(
    folder: &Path,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<(), Box<dyn Error>> {
    // His program has a log of its own: there his answers stand, and not in the agent's.
    let gate = Gate::builder()
        .policy(callgate::parse_policy(
            include_str!("policy.toml"),
            "policy.toml",
        )?)
        .audit(FileSink::open(folder.join("audit-lead"))?)
        .approvals(SqliteApprovals::open(folder.join("approvals.db"))?)
        .standing_approvals(SqliteStandingApprovals::open(folder.join("approvals.db"))?)
        .build()?;
    let bob = Principal::asserted("user:bob".parse()?).member_of("acme", ["lead"]);
    let bob = Caller::of(bob).in_tenant("acme")?;
    for asked in gate.approvals(&bob, None)? {
        writeln!(out, "{}yes, no, or ahead?", asked.question.preview)?;
        out.flush()?;
        let mut word = String::new();
        input.read_line(&mut word)?;
        if word.trim() == "ahead" {
            // A yes to this one, and to some that are alike.
            let bounds = StandingBounds::new(AHEAD, AHEAD_FOR).matching(SMALL);
            let given = gate.give_standing(asked.id, &bob, &bounds)?;
            writeln!(
                out,
                "lead: {} more until {}",
                given.uses, given.approval.expires_at
            )?;
        }
        let answer = match word.trim() {
            "yes" | "ahead" => ApprovalAnswer::approve(asked.question.preview_digest()),
            "no" => ApprovalAnswer::refuse(),
            _ => continue,
        };
        let state = gate.answer(asked.id, &bob, answer)?;
        writeln!(out, "lead: {} is {}", asked.id, state.as_str())?;
    }
    Ok(())
}
