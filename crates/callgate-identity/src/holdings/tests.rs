//! Who lacks what.

use super::*;
use callgate_types::{Delegation, Method, Principal, PrincipalId, Verification};
use proptest::prelude::*;

fn table() -> Holdings {
    Holdings::builder()
        .role("reader", ["doc:read"])
        .role("editor", ["doc:read", "doc:write"])
        .actor("agent:bot", ["doc:read", "doc:write", "mail:send"])
        .actor("agent:sub", ["doc:read"])
        .actor("service:bot", ["mail:send"])
        .build()
}

fn caller(role: &str, actors: &[&str]) -> Caller {
    let subject = Principal::asserted(PrincipalId::user("a").unwrap()).member_of("t", [role]);
    let chain = actors.iter().fold(Caller::of(subject), |chain, actor| {
        chain.acting(Principal::asserted(actor.parse().unwrap()))
    });
    chain.in_tenant("t").unwrap()
}

#[track_caller]
fn check(caller: &Caller, scope: &str, expected: Result<(), Lack>) {
    let table = table();
    assert_eq!(table.check(caller, table.demand(scope)), expected);
    let numbers = CallerNumbers {
        scopes: table.scopes(caller).unwrap(),
        ..CallerNumbers::default()
    };
    let numbered = table.check_numbered(caller, Some(&numbers), table.demand(scope));
    assert_eq!(numbered, expected);
    let held = table.effective(caller);
    assert_eq!(table.names(&held).contains(&scope), expected.is_ok());
}

#[test]
fn hops() {
    check(&caller("reader", &[]), "doc:read", Ok(()));
    check(&caller("reader", &[]), "doc:write", Err(Lack::Subject));
    check(&caller("editor", &["agent:bot"]), "doc:write", Ok(()));
    check(
        &caller("editor", &["agent:bot"]),
        "mail:send",
        Err(Lack::Subject),
    );
    let lacks = |place| Err(Lack::Actor { place });
    check(
        &caller("editor", &["agent:bot", "agent:sub"]),
        "doc:read",
        Ok(()),
    );
    check(
        &caller("editor", &["agent:bot", "agent:sub"]),
        "doc:write",
        lacks(1),
    );
    check(
        &caller("editor", &["agent:sub", "agent:bot"]),
        "doc:write",
        lacks(0),
    );
    check(&caller("editor", &["agent:nobody"]), "doc:read", lacks(0));
    check(&caller("nobody", &[]), "doc:read", Err(Lack::Subject));
    check(&caller("editor", &[]), "no:such", Err(Lack::Subject));
    check(&Caller::unknown(), "doc:read", Err(Lack::UnknownCaller));
}

#[test]
fn service_is_no_agent_of_the_same_id() {
    let table = table();
    let call = caller("editor", &["service:bot"]);
    let demand = table.demand("doc:read");
    assert_eq!(table.check(&call, demand), Err(Lack::Actor { place: 0 }));
}

#[test]
fn tools_without_a_scope() {
    let table = table();
    let person = caller("reader", &[]);
    let agent = caller("reader", &["agent:bot"]);
    assert_eq!(table.check(&person, Demand::Unstated), Ok(()));
    assert_eq!(table.check(&Caller::unknown(), Demand::Unstated), Ok(()));
    assert_eq!(
        table.check(&agent, Demand::Unstated),
        Err(Lack::NoScopeStated)
    );
    assert_eq!(table.check(&agent, Demand::None), Ok(()));
}

#[test]
fn cuts() {
    let table = table();
    let start = || {
        let editor = Principal::asserted(PrincipalId::user("a").unwrap());
        Caller::of(editor.member_of("t", ["editor"]))
    };
    let bot = || Principal::asserted("agent:bot".parse().unwrap());
    let sub = || Principal::asserted("agent:sub".parse().unwrap());
    let reading = || Delegation::new().scopes(["doc:read", "no:such"]);
    let writing = || Delegation::new().scopes(["doc:write"]);
    let lacks = |cut| Err(Lack::Cut(cut));
    let built = |chain: callgate_types::CallerBuilder| chain.in_tenant("t").unwrap();

    let one = built(start().acting_with(bot(), reading()));
    check(&one, "doc:read", Ok(()));
    check(&one, "doc:write", lacks(Cut::Delegation { place: 0 }));
    check(&one, "no:such", Err(Lack::Subject));

    let two = built(start().acting(bot()).acting_with(sub(), writing()));
    check(&two, "doc:read", lacks(Cut::Delegation { place: 1 }));
    check(&two, "doc:write", Err(Lack::Actor { place: 1 }));

    let capped = built(
        start()
            .acting(bot())
            .acting(sub())
            .sub_agents_at_most(writing()),
    );
    check(&capped, "doc:read", lacks(Cut::Ceiling { place: 1 }));
    let alone = built(start().acting(bot()).sub_agents_at_most(writing()));
    check(&alone, "doc:read", Ok(()));

    let limited = Principal::asserted(PrincipalId::user("a").unwrap()).member_of("t", ["editor"]);
    let limited = built(Caller::of(limited.limited_to(reading())));
    check(&limited, "doc:read", Ok(()));
    check(&limited, "doc:write", lacks(Cut::Subject));
    let limited = built(start().acting(bot().limited_to(reading())));
    check(&limited, "doc:write", lacks(Cut::Actor { place: 0 }));
    assert_eq!(Holdings::check_tool(&two, "any"), Ok(()));
    assert_eq!(table.names(&table.effective(&one)), ["doc:read"]);
}

#[test]
fn cuts_of_tools() {
    let who = |text: &str| Principal::asserted(text.parse().unwrap());
    let tools = |names: &[&'static str]| Delegation::new().tools(names.to_vec());
    let caller = Caller::of(who("user:a").limited_to(tools(&["t", "u", "v", "w"])))
        .acting_with(
            who("agent:b").limited_to(tools(&["t", "u", "v"])),
            tools(&["t", "u"]),
        )
        .acting(who("agent:c"))
        .sub_agents_at_most(tools(&["t"]))
        .without_tenant()
        .unwrap();
    assert!(caller.cuts_tools());
    let first = |tool| Holdings::check_tool(&caller, tool);
    assert_eq!(first("t"), Ok(()));
    assert_eq!(first("u"), Err(Cut::Ceiling { place: 1 }));
    assert_eq!(first("v"), Err(Cut::Delegation { place: 0 }));
    assert_eq!(first("w"), Err(Cut::Actor { place: 0 }));
    assert_eq!(first("x"), Err(Cut::Subject));
}

#[test]
fn credential_of_an_actor_states_its_scopes() {
    let through = |actor: Principal| {
        let editor = Principal::asserted(PrincipalId::user("a").unwrap());
        let chain = Caller::of(editor.member_of("t", ["editor"])).acting(actor);
        chain.in_tenant("t").unwrap()
    };
    let id = || "agent:new".parse().unwrap();
    let reading = || Delegation::new().scopes(["doc:read"]);
    let checked = |method| Principal::verified(id(), Verification::new(method, "idp"));
    for method in Method::ALL {
        let caller = through(checked(method).limited_to(reading()));
        if method.is_cryptographic() {
            check(&caller, "doc:read", Ok(()));
            check(
                &caller,
                "doc:write",
                Err(Lack::Cut(Cut::Actor { place: 0 })),
            );
        } else {
            check(&caller, "doc:read", Err(Lack::Actor { place: 0 }));
        }
    }
    let mute = through(checked(Method::Jwt).limited_to(Delegation::new().tools(["t"])));
    check(&mute, "doc:read", Err(Lack::Actor { place: 0 }));
    let known = Principal::verified(
        "agent:sub".parse().unwrap(),
        Verification::new(Method::Jwt, "idp"),
    );
    let known = through(known.limited_to(Delegation::new().scopes(["doc:read", "doc:write"])));
    check(&known, "doc:write", Err(Lack::Actor { place: 0 }));
}

proptest! {
    #[test]
    fn authority_only_shrinks(
        held in proptest::collection::vec(proptest::collection::vec(0_u8..80, 0..40), 2..6),
    ) {
        let names: Vec<Vec<String>> = held
            .iter()
            .map(|scopes| scopes.iter().map(|n| format!("s:{n}")).collect())
            .collect();
        let mut table = Holdings::builder().role("r", names[0].iter().map(|s| &**s));
        let mut chain = Caller::of(
            Principal::asserted(PrincipalId::user("a").unwrap()).member_of("t", ["r"]),
        );
        let mut callers = vec![chain.clone().in_tenant("t").unwrap()];
        for (place, scopes) in names.iter().enumerate().skip(1) {
            let id = PrincipalId::agent(&format!("b{place}")).unwrap();
            table = table.actor(id.as_str(), scopes.iter().map(|s| &**s));
            chain = chain.acting(Principal::asserted(id));
            callers.push(chain.clone().in_tenant("t").unwrap());
        }
        let table = table.build();
        for (place, pair) in callers.windows(2).enumerate() {
            let (before, after) = (table.effective(&pair[0]), table.effective(&pair[1]));
            prop_assert!(after.is_subset(&before));
            for scope in table.names(&after) {
                let hops = names.iter().take(place.saturating_add(2));
                let there = hops.into_iter().all(|held| held.iter().any(|s| s == scope));
                prop_assert!(there, "{scope} is not held at every hop");
                prop_assert_eq!(table.check(&pair[1], table.demand(scope)), Ok(()));
            }
        }
    }
}
