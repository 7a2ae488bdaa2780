//! For any chain, what it may use is within what every hop may use, and nothing else is cut.
//!
//! `CALLGATE_CHAINS` sets how many random chains are tried, `CALLGATE_CHAINS_SEED` where they start.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "helpers of tests stop at the first surprise"
)]

use std::collections::BTreeSet;

use callgate_identity::Holdings;
use callgate_types::{Caller, CallerNumbers, Delegation, Principal};

/// Numbers from a seed: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// Some of the names, more or fewer.
    fn names(&mut self, all: &[String]) -> Names {
        let percent = [20, 60, 90][self.below(3) as usize];
        let mut some = all.iter().filter(|_| self.chance(percent));
        some.by_ref().cloned().collect()
    }
}

type Names = BTreeSet<String>;

/// What a delegation names: scopes, tools.
type Cut = (Option<Names>, Option<Names>);

/// What one hop may use by itself; `None` is everything.
#[derive(Debug, Default)]
struct Hop {
    scopes: Vec<Names>,
    tools: Vec<Names>,
}

impl Hop {
    fn cut(&mut self, (scopes, tools): &Cut) {
        self.scopes.extend(scopes.clone());
        self.tools.extend(tools.clone());
    }

    fn may_use(&self, scope: &str) -> bool {
        self.scopes.iter().all(|names| names.contains(scope))
    }

    fn may_call(&self, tool: &str) -> bool {
        self.tools.iter().all(|names| names.contains(tool))
    }
}

/// Names, and a policy over them, for many chains.
struct World {
    scopes: Vec<String>,
    tools: Vec<String>,
    holdings: Holdings,
    roles: Vec<Names>,
    actors: Vec<Names>,
}

const ROLES: usize = 3;
const ACTORS: usize = 10;

impl World {
    fn new(random: &mut Random) -> Self {
        // More than the words of a caller's numbers hold, now and then.
        let count = if random.chance(20) { 300 } else { 12 };
        let named = |kind: &str, count: usize| (0..count).map(|n| format!("{kind}:{n}")).collect();
        let (scopes, tools): (Vec<String>, Vec<String>) = (named("s", count), named("t", 8));
        let roles: Vec<Names> = (0..ROLES).map(|_| random.names(&scopes)).collect();
        let actors: Vec<Names> = (0..ACTORS).map(|_| random.names(&scopes)).collect();
        let mut holdings = Holdings::builder();
        for (number, held) in roles.iter().enumerate() {
            holdings = holdings.role(&format!("r{number}"), held.iter().map(|name| &**name));
        }
        for (number, held) in actors.iter().enumerate() {
            holdings = holdings.actor(&format!("agent:{number}"), held.iter().map(|name| &**name));
        }
        Self {
            holdings: holdings.build(),
            scopes,
            tools,
            roles,
            actors,
        }
    }

    fn cut(&self, random: &mut Random, percent: u64) -> Cut {
        let scopes = random.chance(percent).then(|| {
            let names = random.names(&self.scopes).into_iter();
            names.take(Delegation::MAX_NAMES).collect()
        });
        (
            scopes,
            random.chance(percent).then(|| random.names(&self.tools)),
        )
    }

    /// A random chain, and what each hop may use by itself.
    fn chain(&self, random: &mut Random) -> (Caller, Vec<Hop>) {
        let mut hops = vec![Hop::default()];
        let held: Vec<usize> = (0..ROLES).filter(|_| random.chance(60)).collect();
        let of_roles = held
            .iter()
            .flat_map(|role| self.roles[*role].iter().cloned());
        hops[0].scopes.push(of_roles.collect());
        let mut subject = Principal::asserted("user:a".parse().unwrap());
        subject = subject.member_of("t", held.iter().map(|role| format!("r{role}")));
        let cut = self.cut(random, 15);
        hops[0].cut(&cut);
        let mut chain = Caller::of(subject.limited_to(delegation(&cut)));
        let count = random.below(Caller::MAX_ACTORS as u64 + 1) as usize;
        let first = random.below(ACTORS as u64) as usize;
        let ceiling = self.cut(random, 20);
        for place in 0..count {
            let number = (first + place) % ACTORS;
            let mut hop = Hop::default();
            hop.scopes.push(self.actors[number].clone());
            let (limit, handed) = (self.cut(random, 10), self.cut(random, 30));
            hop.cut(&limit);
            hop.cut(&handed);
            if place > 0 {
                hop.cut(&ceiling);
            }
            hops.push(hop);
            let actor = Principal::asserted(format!("agent:{number}").parse().unwrap());
            let actor = actor.limited_to(delegation(&limit));
            chain = chain.acting_with(actor, delegation(&handed));
        }
        let chain = chain.sub_agents_at_most(delegation(&ceiling));
        (chain.in_tenant("t").unwrap(), hops)
    }
}

fn delegation((scopes, tools): &Cut) -> Delegation {
    let mut delegation = Delegation::new();
    if let Some(scopes) = scopes.clone() {
        delegation = delegation.scopes(scopes);
    }
    if let Some(tools) = tools.clone() {
        delegation = delegation.tools(tools);
    }
    delegation
}

#[track_caller]
fn check(world: &World, caller: &Caller, hops: &[Hop], seed: u64) {
    let effective = world.holdings.effective(caller);
    let names: BTreeSet<&str> = world.holdings.names(&effective).into_iter().collect();
    let numbers = world.holdings.scopes(caller).map(|scopes| CallerNumbers {
        scopes,
        ..CallerNumbers::default()
    });
    for scope in &world.scopes {
        let expected = hops.iter().all(|hop| hop.may_use(scope));
        assert_eq!(
            names.contains(&**scope),
            expected,
            "seed {seed}: {scope} of {hops:?}"
        );
        let demand = world.holdings.demand(scope);
        assert_eq!(world.holdings.check(caller, demand).is_ok(), expected);
        let numbered = world
            .holdings
            .check_numbered(caller, numbers.as_ref(), demand);
        assert_eq!(numbered.is_ok(), expected);
    }
    for tool in &world.tools {
        let expected = hops.iter().all(|hop| hop.may_call(tool));
        let found = Holdings::check_tool(caller, tool);
        assert_eq!(found.is_ok(), expected, "seed {seed}: {tool} of {hops:?}");
        assert!(expected || caller.cuts_tools());
        // The hop that is named is one that lacks it, and the first.
        if let Err(cut) = found {
            let hop = cut.place().map_or(0, |place| place + 1);
            assert!(!hops[hop].may_call(tool) && hops[..hop].iter().all(|hop| hop.may_call(tool)));
        }
    }
}

#[test]
fn a_chain_may_use_what_all_its_hops_may() {
    let setting = |name: &str, default: u64| match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    };
    let chains = setting("CALLGATE_CHAINS", 1_000);
    let first = setting("CALLGATE_CHAINS_SEED", 1);
    let (mut allowed, mut seen) = (0_u64, 0_u64);
    for seed in first..first + chains.div_ceil(50) {
        let mut random = Random(seed);
        let world = World::new(&mut random);
        for _ in 0..50 {
            let (caller, hops) = world.chain(&mut random);
            check(&world, &caller, &hops, seed);
            allowed += u64::from(
                !world
                    .holdings
                    .names(&world.holdings.effective(&caller))
                    .is_empty(),
            );
            seen += 1;
        }
    }
    println!("{seen} chains from seed {first}, of which {allowed} may use something");
    assert!(allowed * 4 > seen, "{allowed} of {seen}");
}
