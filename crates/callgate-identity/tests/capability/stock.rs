//! Agreement with Biscuit's own authorizer.
//!
//! Checks of the vocabulary are Datalog. Given the facts that hold of a call, worked out here in the
//! plainest way, the authorizer of the crate allows exactly what the grant allows.

use std::cell::Cell;
use std::time::Duration;

use biscuit_auth::builder::{AuthorizerBuilder, Fact, Predicate, Term};
use biscuit_auth::datalog::SymbolTable;
use biscuit_auth::format::schema::{self, term::Content};
use biscuit_auth::{AuthorizerLimits, Biscuit};
use callgate_identity::capability::CapabilityToken;
use callgate_types::Json;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::calls::{Asked, asked, restrictions};
use crate::tokens::{capability, key, later, roots};

#[test]
fn the_authorizer_agrees() {
    let blocks = (
        restrictions(true),
        prop::collection::vec(restrictions(false), 0..3),
    );
    let calls = prop::collection::vec(asked(), 6);
    let config = Config {
        cases: 150,
        failure_persistence: None,
        ..Config::default()
    };
    let seen = [Cell::new(0_u32), Cell::new(0)];
    let outcome = TestRunner::new(config).run(&(blocks, calls), |((first, further), calls)| {
        let mut token = capability(first).issue(1, &key(1), &key(2)).unwrap();
        for (next, block) in (3..).zip(&further) {
            token = token.attenuate(block, &key(next)).unwrap_or(token);
        }
        for asked in &calls {
            let ours = ours(&token, asked);
            prop_assert_eq!(ours, theirs(&token, asked), "{:?}", asked);
            let seen = &seen[usize::from(ours)];
            seen.set(seen.get() + 1);
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(seen.iter().all(|seen| seen.get() > 50), "{seen:?}");
}

fn ours(token: &CapabilityToken, asked: &Asked) -> bool {
    let names = asked.names();
    let grant = token.verify(&roots(), asked.at);
    grant.is_ok_and(|grant| grant.allows(&asked.put(&names)).is_ok())
}

fn theirs(token: &CapabilityToken, asked: &Asked) -> bool {
    let root = roots_key();
    let biscuit = Biscuit::from_base64(token.as_str(), root).unwrap();
    let mut builder = AuthorizerBuilder::new().set_limits(AuthorizerLimits {
        max_time: Duration::from_secs(60),
        ..AuthorizerLimits::default()
    });
    for predicate in checks(&biscuit) {
        if holds(&predicate, asked) {
            builder = builder
                .fact(Fact::new(predicate.name, predicate.terms))
                .unwrap();
        }
    }
    let builder = builder.code("allow if true").unwrap();
    builder.build(&biscuit).unwrap().authorize().is_ok()
}

fn roots_key() -> biscuit_auth::PublicKey {
    let bytes = crate::tokens::root_key();
    biscuit_auth::PublicKey::from_bytes(bytes.as_bytes(), biscuit_auth::builder::Algorithm::Ed25519)
        .unwrap()
}

/// The one predicate of each check of all blocks, as the crate has read it: not as it prints it,
/// for it prints texts with quotes in them as if they ended there.
fn checks(biscuit: &Biscuit) -> Vec<Predicate> {
    let read = AuthorizerBuilder::new().build(biscuit).unwrap();
    let world = read.snapshot().unwrap().world;
    let symbols = SymbolTable::from(world.symbols).unwrap();
    let checks = world.blocks.iter().flat_map(|block| &block.checks);
    checks
        .map(|check| {
            assert_eq!((check.queries.len(), check.kind.unwrap_or(0)), (1, 0));
            let query = &check.queries[0];
            assert_eq!((query.body.len(), query.expressions.len()), (1, 0));
            let said = &query.body[0];
            let terms: Vec<Term> = said.terms.iter().map(|it| term(it, &symbols)).collect();
            Predicate::new(symbols.get_symbol(said.name).unwrap().to_owned(), terms)
        })
        .collect()
}

fn term(read: &schema::Term, symbols: &SymbolTable) -> Term {
    match read.content.as_ref().unwrap() {
        Content::String(number) => Term::Str(symbols.get_symbol(*number).unwrap().to_owned()),
        Content::Date(seconds) => Term::Date(*seconds),
        Content::Bool(value) => Term::Bool(*value),
        Content::Set(set) => Term::Set(set.set.iter().map(|it| term(it, symbols)).collect()),
        other => panic!("{other:?}"),
    }
}

/// Whether what a check says is so.
fn holds(said: &Predicate, asked: &Asked) -> bool {
    let text = |term: &Term| match term {
        Term::Str(text) => text.clone(),
        term => panic!("{term}"),
    };
    let texts = |term: &Term| match term {
        Term::Set(set) => set.iter().map(text).collect::<Vec<_>>(),
        term => panic!("{term}"),
    };
    let at = u64::try_from(asked.at.timestamp()).unwrap();
    let terms = &said.terms;
    match (&*said.name, &terms[..]) {
        ("tenant", [name]) => text(name) == "acme",
        ("task", [name]) => text(name) == "task-7",
        ("tools", [set]) => texts(set).iter().any(|tool| tool == asked.call.tool()),
        ("before", [Term::Date(moment)]) => at < *moment,
        ("not_before", [Term::Date(moment)]) => at >= *moment,
        ("resources", pairs) => asked.resources.iter().all(|(kind, id)| {
            pairs.chunks(2).any(|pair| {
                text(&pair[0]) == *kind
                    && match &pair[1] {
                        Term::Bool(all) => *all,
                        set => id.is_some_and(|id| texts(set).iter().any(|listed| listed == id)),
                    }
            })
        }),
        (word, [tool, pointer, value]) => {
            text(tool) != asked.call.tool() || argument(word, &text(pointer), value, asked)
        }
        (word, _) => panic!("{word}"),
    }
}

fn argument(word: &str, pointer: &str, value: &Term, asked: &Asked) -> bool {
    let arguments = asked.call.arguments().unwrap();
    let Some(found) = arguments.pointer(pointer) else {
        return false;
    };
    let json = |text: &str| Json::parse(text).unwrap();
    match (word, value) {
        ("argument_in", Term::Set(set)) => set
            .iter()
            .any(|listed| matches!(listed, Term::Str(listed) if json(listed).root().equals(found))),
        ("argument_at_most", Term::Str(most)) => {
            let most = json(most);
            let most = most.root().as_number().unwrap();
            found
                .as_number()
                .is_some_and(|number| number.cmp(&most).is_le())
        }
        ("argument_at_least", Term::Str(least)) => {
            let least = json(least);
            let least = least.root().as_number().unwrap();
            found
                .as_number()
                .is_some_and(|number| number.cmp(&least).is_ge())
        }
        ("argument_starts_with", Term::Str(prefix)) => found.as_str().is_some_and(|text| {
            let rest = text.strip_prefix(&**prefix).unwrap_or_default();
            let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
            !rest.is_empty() && rest.chars().all(|letter| allowed.contains(letter))
        }),
        (word, _) => panic!("{word}"),
    }
}

#[test]
fn the_reader_reads_what_the_crate_prints() {
    let token = crate::tokens::issue(crate::tokens::reach(), 2);
    let biscuit = Biscuit::from_base64(token.as_str(), roots_key()).unwrap();
    let printed = biscuit.print_block_source(0).unwrap();
    assert_eq!(
        printed.trim(),
        "callgate_capability(1, \"user:alice\");\n\
         check if tenant(\"acme\");\n\
         check if task(\"task-7\");\n\
         check if tools({\"adjust_billing\", \"read_account\"});\n\
         check if before(2026-12-01T12:00:00Z);"
    );
    assert_eq!(later(10_800).to_rfc3339(), "2026-12-01T12:00:00+00:00");
}
