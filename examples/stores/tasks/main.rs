//! What an agent was started for, and how everything that rests on it ends.
//!
//! Two gates share one store, as two processes would:
//!
//! ```sh
//! cargo run -p callgate-examples-stores --example tasks
//! ```

use std::error::Error;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use callgate::audit::TaskEnd;
use callgate::standing::{Quarantine, Quarantined, Revocation, Task};
use callgate::{Caller, Context, Decision, Gate, MemorySink, Principal, ToolCall};
use callgate_store_sqlite::SqliteStanding;
use chrono::{TimeDelta, Utc};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("standing.db");
    // What one of them takes back, the other one knows within a second.
    let (here, there) = (gate(&file)?, gate(&file)?);

    let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    let bot = Principal::asserted("agent:support-bot".parse()?);
    let caller = Caller::of(alice).acting(bot.clone()).in_tenant("acme")?;
    let officer = Principal::asserted("user:officer".parse()?).member_of("acme", ["security"]);

    println!("ticket 17: alice has the bot look into account 17");
    let soon = Utc::now()
        .checked_add_signed(TimeDelta::minutes(15))
        .ok_or("no such time")?;
    let task = Task::builder("ticket-17", soon)
        .purpose("answer ticket 17, and put its bill right")
        .tools(["read_*", "adjust_billing"])
        .resource("account", "acc_17");
    here.begin_task(&caller, task)?;
    let context = Context::new().task("ticket-17").session("chat-3");
    let ticket = || ToolCall::from_text("read_ticket", r#"{"id": 17}"#);
    let bill = |account: u32| {
        let arguments = format!(r#"{{"account": "acc_{account}", "amount": 20}}"#);
        ToolCall::from_text("adjust_billing", arguments)
    };
    let say = |what: &str, gate: &Gate, call: ToolCall| {
        println!("  {what}: {}", answer(gate, &caller, call, &context));
    };
    say("reads the ticket", &here, ticket());
    say("credits account 17", &here, bill(17));
    say("credits account 18", &here, bill(18));

    println!("the ticket is closed while a permit is out");
    let call = here.authorize(&caller, bill(17), &context);
    let Decision::Allow(permit) = call else {
        return Err("account 17 was within the task".into());
    };
    here.end_task(Some("acme"), "ticket-17", TaskEnd::Done, &officer, "closed")?;
    match permit.begin() {
        Ok(_) => return Err("a permit outlived its task".into()),
        Err(not_begun) => println!("  begins: {not_begun}"),
    }
    say("reads the ticket", &here, ticket());
    let late = seen(&there, &caller, &context, "task_ended")?;
    println!("  the other gate says so, too: {late}");

    println!("the bot is put in quarantine");
    let context = Context::new();
    let target = Quarantined::principal(Some("acme"), bot.id().clone())?;
    let order = Quarantine::of(target.clone()).lifted_by_only(["user:officer".parse()?])?;
    there.quarantine(&order, &officer, "it reads tickets of others")?;
    println!("  there: {}", answer(&there, &caller, ticket(), &context));
    println!("  here: {}", seen(&here, &caller, &context, "quarantined")?);
    here.lift(&target, &officer, "it was told to")?;
    println!("  lifted: {}", answer(&here, &caller, ticket(), &context));

    println!("the key of the bot was found on a wall");
    let target = Revocation::principal(Some("acme"), bot.id().clone())?;
    here.revoke(&target, &officer, "its key leaked")?;
    println!("  for good: {}", answer(&here, &caller, ticket(), &context));
    Ok(())
}

fn gate(file: &Path) -> Result<Gate, Box<dyn Error>> {
    let policy = callgate::parse_policy(include_str!("policy.toml"), "policy.toml")?;
    let gate = Gate::builder()
        .policy(policy)
        .audit(MemorySink::new())
        .standing(SqliteStanding::open(file)?);
    Ok(gate.build()?)
}

/// What is said of a call, which is not run.
fn answer(gate: &Gate, caller: &Caller, call: ToolCall, context: &Context) -> String {
    match gate.authorize(caller, call, context) {
        Decision::Allow(_) => "allowed".to_owned(),
        Decision::Ask(pending) => format!("asks, {}", pending.message()),
        Decision::Deny(denial) => format!("denied with {}, {}", denial.code(), denial.message()),
    }
}

/// Waits until `gate` has seen what another one has done.
fn seen(
    gate: &Gate,
    caller: &Caller,
    context: &Context,
    code: &str,
) -> Result<String, Box<dyn Error>> {
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(5) {
        let call = ToolCall::from_text("read_ticket", r#"{"id": 17}"#);
        if gate.authorize(caller, call, context).code().as_str() == code {
            return Ok(code.to_owned());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err("the other gate never heard of it".into())
}
