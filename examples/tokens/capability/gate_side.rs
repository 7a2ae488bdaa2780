//! The side of the gate: knows the public root key, and believes nothing else.

use std::io::Write;
use std::sync::Arc;

use callgate::capability::{CapabilityToken, Grant, Grants, PublicKey, RevokedInMemory, Roots};
use callgate::{Authorized, Caller, Context, Decision, Gate, MemorySink, Principal, ToolCall};
use chrono::Utc;

use super::Outcome;

/// What the policy allows the agent at all.
const POLICY: &str = include_str!("policy.toml");

/// What a model asks for: tool, arguments.
const CALLS: [(&str, &str); 5] = [
    ("adjust_billing", r#"{"account": "acc_1", "amount": 19.99}"#),
    ("adjust_billing", r#"{"account": "acc_1", "amount": 20.01}"#),
    ("adjust_billing", r#"{"account": "acc_2", "amount": 5}"#),
    ("read_account", r#"{"account": "acc_1"}"#),
    ("close_account", r#"{"account": "acc_1"}"#),
];

/// Judges the calls with the narrower token, and one more after the token it was made of was
/// revoked.
pub(crate) fn judge(
    root: &PublicKey,
    issued: &CapabilityToken,
    narrower: &str,
    out: &mut impl Write,
) -> Outcome<()> {
    let policy = callgate::parse_policy(POLICY, "policy.toml")?;
    let gate = Gate::builder()
        .policy(policy)
        .audit(MemorySink::new())
        .build()?;
    let revoked = Arc::new(RevokedInMemory::new());
    let roots = Roots::new().trust_in(1, *root, ["acme"]);
    let grants = Grants::new(roots, Arc::clone(&revoked) as _, 10_000);

    let mut put = |(tool, arguments): (&str, &str)| -> Outcome<()> {
        let answer = answer(
            &gate,
            &grants,
            narrower,
            ToolCall::from_text(tool, arguments),
        )?;
        writeln!(out, "{tool:15} {arguments:38} {answer}")?;
        Ok(())
    };
    CALLS.into_iter().try_for_each(&mut put)?;
    // Whoever issued the token ends it, with every copy that was made of it.
    if let Some(id) = issued.revocation_ids().first() {
        revoked.revoke(*id);
    }
    let [first, ..] = CALLS;
    put(first)
}

/// All that a host does for one call that comes with a token.
fn answer(gate: &Gate, grants: &Grants, token: &str, call: ToolCall) -> Outcome<String> {
    let decision = match grants.resolve(token, Utc::now()) {
        Ok(grant) => {
            let context = Context::new().task("task-7");
            gate.authorize_granted(&caller(&grant)?, &grant, &[], call, &context)
        }
        // Denied as well, and recorded.
        Err(fault) => gate.authorize(&Caller::refused(fault.into()), call, &Context::new()),
    };
    Ok(match decision {
        Decision::Allow(permit) => {
            let ran = permit.run(|call: &Authorized<'_>| {
                Ok::<_, std::fmt::Error>(format!("{} ran", call.tool()))
            })?;
            format!("allowed: {}", ran.released())
        }
        Decision::Ask(pending) => format!("asked: {}", pending.for_model()),
        Decision::Deny(denial) => format!("denied: {}", denial.message()),
    })
}

/// The person whose authority the token hands on, and the agent that came with it: cut to the
/// tools of the token, until it ends. The roles are what the host knows of the person.
fn caller(grant: &Grant) -> Outcome<Caller> {
    let subject = Principal::asserted(grant.subject().clone()).member_of("acme", ["support"]);
    let agent = Principal::asserted("agent:billing-bot".parse()?);
    let caller = Caller::of(subject).acting_with(agent, grant.delegation());
    Ok(caller.in_tenant(grant.tenant())?)
}
