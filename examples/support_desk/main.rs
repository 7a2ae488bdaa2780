//! A support agent behind the gate: every tool call is judged, then run or refused, and recorded.
//!
//! `calls.jsonl` holds what a model asked for, as a chat-completions host receives it;
//! `policy.toml` and `mail.toml` say what is allowed; `state.json` is what the desk knows, and
//! `mail_tools.json` what the mail server says of its tools. The function `dispatch` is all that
//! a host does for one call, and `scenes` what it does between calls: tasks, approvals, quarantine. The
//! rest reads, prints and checks.
//!
//! ```sh
//! cargo run --release --example support_desk
//! ```

mod answer;
mod erasure;
mod folders;
mod key;
pub(crate) mod listing;
mod minutes;
mod money;
mod proof;
pub(crate) mod report;
mod scenes;
pub(crate) mod state;
mod table;
mod tools;
pub(crate) mod transcript;

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use callgate::approval::Allowance;
use callgate::audit::FileAnchor;
use callgate::audit::Signer;
use callgate::audit::texts::FileTexts;
use callgate::standing::MemoryStanding;
use callgate::{
    Authorized, Caller, Context, Decision, FileSink, Gate, MemoryApprovals, Tool, ToolCall,
};
use chrono::Utc;

use self::answer::Answer;
use self::folders::from_here;
use self::listing::Listing;
use self::minutes::Minutes;
use self::proof::Trusted;
use self::report::Report;
use self::state::{Desk, Directory};
use self::table::{Table, wants_colour};
use self::tools::Tools;

/// How much one person may ask of others: more than a transcript holds, which is read in a moment.
const ASKS: Allowance = Allowance::new(10_000, Duration::from_secs(3_600));
/// How old a look at the standing store may be: nobody else writes into this one.
const FRESHNESS: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = examples.with_file_name("target");
    let runs = std::env::args_os().nth(1).map(PathBuf::from);
    let runs = runs.unwrap_or_else(|| from_here(&target.join("support_desk")));
    let inputs = from_here(&examples.join("support_desk"));
    match run(&inputs, &runs, wants_colour(), &mut io::stdout().lock()) {
        Ok(report) if report.surprises.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("support_desk: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Opens the gate, answers every call of the transcript, then checks the log.
pub(crate) fn run(
    inputs: &Path,
    runs: &Path,
    colour: bool,
    out: &mut impl Write,
) -> Result<Report, Box<dyn Error>> {
    let policy = callgate::load_policy(inputs.join("policy.toml"))?;
    let turns = transcript::read(&inputs.join("calls.jsonl"))?;
    let listing = Listing::read(&inputs.join("mail_tools.json"))?;
    let folder = folders::fresh(runs)?;
    let audit = folder.join("audit");
    writeln!(out, "policy, calls and state: {}", inputs.display())?;
    writeln!(out, "this run starts afresh:  {}\n", folder.display())?;

    let desk = Desk::open(&inputs.join("state.json"), folder.join("state.json"))?;
    let before = desk.state().clone();
    let desk = Arc::new(desk);
    let tools = Tools::new(&desk);
    let (texts, anchor) = (folder.join("texts"), folder.join("anchor"));
    let signer = key::make(&folder)?;
    let key = signer.key().clone();
    let gate = Gate::builder()
        .policy(policy)
        .audit(FileSink::open(&audit)?)
        // Whoever gets at the log, and not at the key, cannot write another one.
        .signer(signer)
        // What the tools give back can be erased; the log holds commitments to it.
        .texts(FileTexts::open(&texts)?)
        .directory(Directory(Arc::clone(&desk)))
        // Who is asked, how much was used and who may act at all: in memory, for as long as this runs. A
        // host of several processes gives all of them to a database.
        .approvals(MemoryApprovals::new(Utc::now))
        .asks_at_most(Some(ASKS))
        .limits_in_memory()
        .standing(MemoryStanding::new(Utc::now))
        .freshness(FRESHNESS)
        .build()?;

    let replies = File::create_new(folder.join("replies.jsonl"))?;
    let mut minutes = Minutes::new(replies, Table::new(&mut *out, colour));
    minutes.table.head()?;
    for turn in &turns {
        minutes.table.title(&turn.note)?;
        let (caller, context) = (turn.caller(), turn.context());
        for (number, call) in turn.calls(&listing).enumerate() {
            let answer = dispatch(&gate, &tools, &caller, call, &context);
            minutes.take(answer, turn.expect.get(number))?;
        }
    }
    minutes.report.end_transcript();
    scenes::play(&gate, &tools, &mut minutes)?;
    let mut report = minutes.report;
    gate.flush()?;
    report.finish(&before, &desk, out)?;

    // Where the log ends now is signed, and kept where the log is not.
    let note = gate.anchor_to(&FileAnchor::open(&anchor)?)?;
    let trusted = Trusted { key, note };
    proof::verify(&audit, &trusted, out)?;
    proof::change_one_byte(&audit, &folder.join("audit-changed"), &trusted, out)?;
    let customer = before.customers.first().ok_or("the desk has no customer")?;
    erasure::forget(&gate, &audit, &texts, customer, out)?;
    gate.checkpoint()?;
    proof::verify(&audit, &trusted, out)?;
    proof::verify_store(&audit, &texts, out)?;
    write!(out, "{}", further(&folder))?;
    Ok(report)
}

/// What to do next with the files of a run.
fn further(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "\nread on, and verify it yourself:\n  \
         cargo run --release -p callgate-cli -- log {folder}/audit --texts {folder}/texts --session s-1001\n  \
         cargo run --release -p callgate-cli -- verify {folder}/audit --texts {folder}/texts --key {folder}/log.pub\n"
    )
}

/// One call: judged, run or refused, and answered.
fn dispatch(
    gate: &Gate,
    tools: &Tools,
    caller: &Caller,
    call: ToolCall,
    context: &Context,
) -> Answer {
    carry_out(gate.authorize(caller, call, context), tools)
}

/// Runs what is allowed.
fn carry_out(decision: Decision, tools: &Tools) -> Answer {
    match decision {
        Decision::Allow(permit) => {
            let answer = Answer::allowed(&permit);
            match permit.run(|call: &Authorized<'_>| tools.run(call)) {
                Ok(ran) => answer.after(&ran),
                Err(error) => answer.not_begun(&error),
            }
        }
        Decision::Ask(pending) => Answer::pending(&pending),
        Decision::Deny(denial) => Answer::denied(&denial),
    }
}
