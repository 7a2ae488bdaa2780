//! What goes on for longer than one call: a task that ends, a second person who agrees, what many calls
//! add up to, an agent in quarantine.
//!
//! The transcript has calls alone. Here the host does what else it has to do, between the calls.

use std::error::Error;
use std::io::{self, Write};

use callgate::approval::State;
use callgate::audit::TaskEnd;
use callgate::standing::{Quarantine, Quarantined, Task};
use callgate::{ApprovalAnswer, Caller, Context, Decision, Gate, Principal, ToolCall};
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::answer::Answer;
use super::carry_out;
use super::minutes::Minutes;
use super::tools::Tools;
use super::transcript::Expected;

/// Where these calls are made.
const TENANT: &str = "acme";
/// Most credits that are tried until a limit stops them.
const MAX_CREDITS: u32 = 30;

type Done = Result<(), Box<dyn Error>>;

/// Plays all of them, one after the other.
pub fn play<W: Write>(gate: &Gate, tools: &Tools, minutes: &mut Minutes<W>) -> Done {
    let bot = Principal::asserted("agent:support-bot".parse()?);
    let mut desk = Scenes {
        gate,
        tools,
        minutes,
        alice: Caller::of(person("user:alice", "support")?)
            .acting(bot.clone())
            .in_tenant(TENANT)?,
        calls: 200,
    };
    desk.task()?;
    desk.second_person()?;
    desk.many_credits()?;
    desk.quarantine(&bot)
}

struct Scenes<'a, W> {
    gate: &'a Gate,
    tools: &'a Tools,
    minutes: &'a mut Minutes<W>,
    /// For whom the agent works.
    alice: Caller,
    /// The number of the last call.
    calls: u32,
}

impl<W: Write> Scenes<'_, W> {
    /// A task bounds what its calls may do, and nothing is done for it once it has ended.
    fn task(&mut self) -> Done {
        self.title("a task: one ticket, one account, 15 minutes")?;
        let soon = Utc::now().checked_add_signed(TimeDelta::minutes(15));
        let task = Task::builder("ticket-1004", soon.ok_or("no such time")?)
            .purpose("put the invoice of ticket 1004 right")
            .tools(["lookup_profile", "adjust_billing"])
            .resource("customer", "cus_4f8k2m9q")
            .resource("account", "acc_eur00001");
        let alice = self.alice.clone();
        self.gate.begin_task(&alice, task)?;
        self.say("alice begins task ticket-1004: read one profile, credit acc_eur00001")?;
        let context = context().task("ticket-1004");
        let call = self.credit("acc_eur00001", "15.00", "EUR");
        self.call(call, &context, &expected("allow", "permitted", "credits"))?;
        let call = self.credit("acc_1234abcd", "15.00", "USD");
        self.call(call, &context, &denied("outside_task"))?;
        let by = person("user:alice", "support")?;
        let end = TaskEnd::Done;
        self.gate
            .end_task(Some(TENANT), "ticket-1004", end, &by, "answered")?;
        self.say("alice ends the task")?;
        let profile = json!({"customer_id": "cus_4f8k2m9q"});
        let call = self.new_call("lookup_profile", &profile);
        self.call(call, &context, &denied("task_ended"))
    }

    /// What is asked about runs once somebody else has agreed, and once only.
    fn second_person(&mut self) -> Done {
        self.title("a credit above 50: a second person agrees, and it goes on")?;
        let call = self.credit("acc_eur00001", "80.00", "EUR");
        let asked = self.gate.authorize(&self.alice, call, &context());
        let Decision::Ask(pending) = asked else {
            return Err("a large credit was not asked about".into());
        };
        // What a host keeps until there is an answer, over a restart too.
        let parked = pending.park().ok_or("nobody was asked")?;
        let answer = Answer::pending(&pending);
        let large = expected("ask", "asked", "large-credits");
        self.minutes.take(answer, Some(&large))?;

        let dora = Caller::of(person("user:dora", "billing-lead")?).in_tenant(TENANT)?;
        let shown = self.gate.approval(parked.approval(), &dora)?;
        let yes = ApprovalAnswer::approve(shown.question.preview_digest());
        if self.gate.answer(parked.approval(), &dora, yes)? != State::Approved {
            return Err("the approval of one lead is not enough".into());
        }
        self.say("dora, a billing lead, is shown the very call, and approves it")?;
        let approved = expected("allow", "approved", "large-credits");
        for expected in [approved, denied("call_already_run")] {
            let gate = self.gate;
            let decision = gate.resume(parked.approval(), &self.alice, parked.call(), &context());
            let answer = carry_out(decision, self.tools);
            self.minutes.take(answer, Some(&expected))?;
        }
        Ok(())
    }

    /// Each of them is small; together they are not.
    fn many_credits(&mut self) -> Done {
        self.title("credits of 50, each of which is allowed by itself")?;
        let allowed = expected("allow", "permitted", "credits");
        for number in 0..MAX_CREDITS {
            let call = self.credit("acc_eur00001", "50.00", "EUR");
            let answer = self.answer(call, &context());
            if answer.code.as_str() == "limit_exceeded" {
                self.say(&format!("{number} are credited"))?;
                let exceeded = denied("limit_exceeded");
                return Ok(self.minutes.take(answer, Some(&exceeded))?);
            }
            self.minutes.take_silently(answer, Some(&allowed))?;
        }
        Err("no limit stops small credits".into())
    }

    /// The switch for an agent that went wrong: nothing of it is allowed, in any process.
    fn quarantine(&mut self, bot: &Principal) -> Done {
        self.title("the agent is put in quarantine, until it was looked at")?;
        let officer = person("user:officer", "security")?;
        let target = Quarantined::principal(Some(TENANT), bot.id().clone())?;
        let order = Quarantine::of(target.clone()).lifted_by_only([officer.id().clone()])?;
        self.gate
            .quarantine(&order, &officer, "so many credits at once")?;
        self.say("an officer quarantines agent:support-bot")?;
        let profile = json!({"customer_id": "cus_4f8k2m9q"});
        let call = self.new_call("lookup_profile", &profile);
        self.call(call, &context(), &denied("quarantined"))?;
        self.gate
            .lift(&target, &officer, "alice had it credit them")?;
        self.say("the officer lifts it")?;
        let call = self.new_call("lookup_profile", &profile);
        self.call(call, &context(), &expected("allow", "permitted", "reading"))
    }

    fn title(&mut self, note: &str) -> io::Result<()> {
        self.minutes.table.title(note)
    }

    fn say(&mut self, what: &str) -> io::Result<()> {
        self.minutes.table.say(what)
    }

    fn credit(&mut self, account: &str, amount: &str, currency: &str) -> ToolCall {
        let arguments = format!(
            r#"{{"account_id": "{account}", "amount": {amount}, "currency": "{currency}"}}"#
        );
        self.next(ToolCall::from_text("adjust_billing", arguments))
    }

    fn new_call(&mut self, tool: &str, arguments: &Value) -> ToolCall {
        self.next(ToolCall::from_text(tool, arguments.to_string()))
    }

    fn next(&mut self, call: ToolCall) -> ToolCall {
        self.calls = self.calls.saturating_add(1);
        call.id(format!("call_{}", self.calls))
    }

    fn call(&mut self, call: ToolCall, context: &Context, expected: &Expected) -> Done {
        let answer = self.answer(call, context);
        Ok(self.minutes.take(answer, Some(expected))?)
    }

    fn answer(&self, call: ToolCall, context: &Context) -> Answer {
        let decision = self.gate.authorize(&self.alice, call, context);
        carry_out(decision, self.tools)
    }
}

/// A person of the desk, with the role that she holds there.
fn person(id: &str, role: &str) -> Result<Principal, Box<dyn Error>> {
    Ok(Principal::asserted(id.parse()?).member_of(TENANT, [role]))
}

fn context() -> Context {
    Context::new().environment("prod").session("s-2001")
}

fn expected(decision: &str, code: &str, rule: &str) -> Expected {
    Expected {
        decision: decision.to_owned(),
        code: code.to_owned(),
        rule: Some(rule.to_owned()),
    }
}

fn denied(code: &str) -> Expected {
    Expected {
        decision: "deny".to_owned(),
        code: code.to_owned(),
        rule: None,
    }
}
