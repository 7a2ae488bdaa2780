//! Asking a person, against denying.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callgate::{Caller, Context, Decision, Gate, MemoryApprovals, Principal, ToolCall};
use chrono::DateTime;

use super::{Block, Promise, Sides};
use crate::RingSink;

/// Which calls are asked about, and which are denied: they are alike but for a number.
const POLICY: &str = r#"
format = 1
name = "refunds"
[roles]
support = {}
lead = {}
[tools.refund]
access = "write"
scope = "none"
[tools.refund.arguments]
"/order" = { text = { max_chars = 40 } }
"/amount" = { integer = { at_least = 1, at_most = 1000 } }
[[rules]]
id = "refunds"
effect = "permit"
roles = ["support"]
[[rules]]
id = "large"
effect = "ask"
tools = ["refund"]
when = { "arguments/amount" = { integer = { above = 50 } } }
approval = { all_of = [{ from = ["role:lead"] }], expires_in = "15m" }
[[rules]]
id = "too-large"
effect = "forbid"
tools = ["refund"]
when = { "arguments/amount" = { integer = { above = 900 } } }
"#;

/// So many calls in one pass.
const CALLS: usize = 512;
/// So many answers are out at a time.
const OUT: usize = 16;

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("ask", || ask(80, true)).at_most(3.0),
        Promise::new("ask/again", || ask(80, false)).at_most(3.0),
    ]
}

/// From arguments to the pending call, its question in a store in memory and both its records in a
/// sink; against a denial with its record. Each question is a new one, or all are the first one.
fn ask(amount: u32, is_new: bool) -> Result<Sides, Box<dyn Error>> {
    let seconds = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&seconds);
    let store = MemoryApprovals::new(move || {
        DateTime::from_timestamp(clock.load(Ordering::Relaxed), 0).unwrap_or_default()
    });
    let gate = Gate::builder()
        .policy(callgate::parse_policy(POLICY, "refunds.toml")?)
        .audit(RingSink::new())
        .asks_at_most(None)
        .approvals(store)
        .build()?;
    let asking = authorizing(gate.clone(), amount)?;
    Ok(Sides::new(
        if is_new {
            expiring(gate, seconds, asking)
        } else {
            asking
        },
        authorizing(denying()?, 950)?,
    ))
}

fn denying() -> Result<Gate, Box<dyn Error>> {
    let policy = callgate::parse_policy(POLICY, "refunds.toml")?;
    Ok(Gate::builder()
        .policy(policy)
        .audit(RingSink::new())
        .build()?)
}

/// Calls that are copied before the clock starts; answers are put away after it has stopped.
fn authorizing(gate: Gate, amount: u32) -> Result<Block, Box<dyn Error>> {
    let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    let bot = Principal::asserted("agent:bot".parse()?);
    let alice = Caller::of(alice).acting(bot).in_tenant("acme")?;
    let context = Context::new().session("s-17").environment("prod");
    let calls: Vec<ToolCall> = (0..CALLS)
        .map(|number| {
            let arguments = format!(r#"{{"order": "ord_{number:06}", "amount": {amount}}}"#);
            ToolCall::from_text("refund", arguments)
        })
        .collect();
    let mut answers: Vec<Decision> = Vec::with_capacity(OUT);
    Ok(Box::new(move |meter| {
        for calls in calls.chunks(OUT) {
            let mut batch: Vec<_> = calls.iter().map(|call| Some(call.clone())).collect();
            meter.measure(calls.len(), &mut || {
                for call in &mut batch {
                    if let Some(call) = call.take() {
                        let answer = gate.authorize(&alice, black_box(call), &context);
                        answers.push(black_box(answer));
                    }
                }
            });
            answers.clear();
        }
    }))
}

/// What was asked in one pass has expired in the next, and is forgotten.
fn expiring(gate: Gate, seconds: Arc<AtomicI64>, mut asking: Block) -> Block {
    Box::new(move |meter| {
        asking(meter);
        seconds.fetch_add(3_600, Ordering::Relaxed);
        // Where it failed, the next pass would find what is asked: its ratio would show it.
        gate.forget_approvals(Duration::ZERO).ok();
    })
}
