//! From a token of an identity provider, and a hand-over to a sub-agent, to a caller:
//! `cargo run -p callgate-examples-tokens --example identity`.

mod provider;

use std::error::Error;
use std::io::{self, Write};

use callgate::jwt::{ClaimMap, JwtVerifier, KeySet, Presented, Resolver};
use callgate::{
    Authorized, Caller, Context, Decision, Delegation, Gate, MemorySink, ToolCall,
    UnverifiedCredential,
};
use chrono::{DateTime, TimeDelta, Utc};
use provider::Provider;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout().lock(), Utc::now())
}

/// The whole of it; the time is passed in.
pub(crate) fn run(out: &mut impl Write, now: DateTime<Utc>) -> Result<(), Box<dyn Error>> {
    let provider = Provider::with_fresh_key("2026-05")?;
    let later = |seconds| {
        let after = now.checked_add_signed(TimeDelta::seconds(seconds));
        after.unwrap_or(now)
    };

    // 1. What the host trusts: the keys of one issuer, and what of a token makes a principal.
    let claims = ClaimMap::new().tenant("/tenant").roles("/roles");
    let people = JwtVerifier::builder(
        Provider::ISSUER,
        "support-desk",
        KeySet::parse(&provider.key_set())?,
    )
    .claims(claims)
    .build()?;
    let resolver = Resolver::new(4096).verifier(people);

    // 2. What is shown: alice's token, and who acts for her. The first agent is the host's own; it hands
    //    the ticket on to a reader, for this tool and for ten minutes.
    let alice = |signed_in: i64| {
        let token = provider.sign(claims_of_alice(later(signed_in), later(3600)));
        UnverifiedCredential::new(&token)
    };
    let bot = || "agent:support-bot".parse();
    let through_bot = |credential| -> Result<Presented, Box<dyn Error>> {
        let chain = Presented::of(credential).acting_as(bot()?, Delegation::new());
        Ok(chain.in_own_tenant())
    };
    let through_reader = |credential| -> Result<Presented, Box<dyn Error>> {
        let reading = Delegation::new().tools(["read_ticket"]).until(later(600));
        let chain = Presented::of(credential)
            .acting_as(bot()?, Delegation::new())
            .acting_as("agent:reader".parse()?, reading);
        Ok(chain.in_own_tenant())
    };

    // 3. Callers, and what they may do.
    let policy = callgate::parse_policy(include_str!("policy.toml"), "policy.toml")?;
    let gate = Gate::builder()
        .policy(policy)
        .audit(MemorySink::new())
        .build()?;
    let read = || ToolCall::from_text("read_ticket", r#"{"id": 17}"#);
    let credit = || ToolCall::from_text("adjust_billing", r#"{"amount": 20.00}"#);
    let mut row = |about: &str, caller: &Caller, call: ToolCall, at: i64| {
        let context = Context::new().time(later(at));
        let said = match gate.authorize(caller, call, &context) {
            Decision::Allow(permit) => {
                match permit.run(|_: &Authorized<'_>| Ok::<_, String>("done")) {
                    Ok(_) => "allow: done".to_owned(),
                    Err(not_begun) => format!("not begun: {not_begun}"),
                }
            }
            Decision::Ask(pending) => format!("ask: {}", pending.message()),
            Decision::Deny(denial) => format!("{}: {}", denial.code(), denial.message()),
        };
        writeln!(out, "{about:<44} {said}")
    };

    let signed_in_an_hour_ago = alice(-3600);
    let for_bot = resolver.caller(&through_bot(signed_in_an_hour_ago.clone())?, now);
    let for_reader = resolver.caller(&through_reader(signed_in_an_hour_ago)?, now);
    row("alice's agent reads a ticket", &for_bot, read(), 0)?;
    row(
        "the reader reads it, as it was handed",
        &for_reader,
        read(),
        0,
    )?;
    row("the reader adjusts a bill", &for_reader, credit(), 0)?;
    row(
        "the reader reads it, ten minutes later",
        &for_reader,
        read(),
        600,
    )?;

    // 4. Step-up: her sign-in is an hour old, and the policy wants a fresher one for bills.
    row("alice's agent adjusts a bill", &for_bot, credit(), 0)?;
    let fresh = resolver.caller(&through_bot(alice(-10))?, now);
    row("the same, after she signed in again", &fresh, credit(), 0)?;

    // 5. What is refused is a caller, too: denied, and recorded.
    let for_another = provider.sign(json!({
        "aud": "billing", "sub": "alice", "tenant": "acme", "exp": later(3600).timestamp(),
    }));
    let presented = through_bot(UnverifiedCredential::new(&for_another))?;
    let refused = resolver.caller(&presented, now);
    row(
        "a token that was made for another service",
        &refused,
        read(),
        0,
    )?;
    let stranger = Provider::with_fresh_key("2026-05")?;
    let forged = stranger.sign(claims_of_alice(now, later(3600)));
    let presented = through_bot(UnverifiedCredential::new(&forged))?;
    let refused = resolver.caller(&presented, now);
    row("a token that somebody else has signed", &refused, read(), 0)?;

    // 6. The provider changes its key. The old one is good for another hour, unless it was stolen.
    let next = Provider::with_fresh_key("2026-06")?;
    if let Some(people) = resolver.verifier_of(Provider::ISSUER) {
        people.replace_keys(KeySet::parse(&next.key_set())?, None);
    }
    let after = resolver.caller(&through_bot(alice(-10))?, now);
    row("a token of a key that was withdrawn", &after, read(), 0)?;
    Ok(())
}

/// What the provider says of alice, who has signed in at `signed_in`.
fn claims_of_alice(signed_in: DateTime<Utc>, ends: DateTime<Utc>) -> Value {
    json!({
        "aud": "support-desk", "sub": "alice", "tenant": "acme", "roles": ["support"],
        "iat": signed_in.timestamp(), "auth_time": signed_in.timestamp(), "exp": ends.timestamp(),
    })
}
