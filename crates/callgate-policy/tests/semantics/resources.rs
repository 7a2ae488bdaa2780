//! Statements that mention the resource.

use crate::{acts_on, binds};

#[test]
fn resources() {
    let (acme, globex) = (("acc_1", Some("acme")), ("acc_2", Some("globex")));
    let mine = "when = { 'resource/tenant' = { equals = { fact = 'caller/tenant' } } }";
    let ids = |ids: &[&str]| {
        let items = ids.iter().map(|id| format!(r#"{{"id": {id}}}"#));
        format!("[{}]", items.collect::<Vec<_>>().join(", "))
    };
    let (one, both) = (ids(&["\"acc_1\""]), ids(&["\"acc_1\"", "\"acc_2\""]));
    acts_on(mine, &one, &[acme], "yes");
    acts_on(mine, &one, &[("acc_1", Some("globex"))], "no");
    acts_on(mine, &one, &[], "unknown");
    acts_on(mine, &one, &[("acc_1", None)], "unknown");
    // A permit needs all of them, a restriction one.
    acts_on(mine, &both, &[acme, ("acc_2", Some("acme"))], "yes");
    acts_on(mine, &both, &[acme, globex], "unknown");
    acts_on(mine, "[]", &[], "no");
    acts_on("resources = ['*']", "[]", &[], "no");
    acts_on("resources = ['*']", &one, &[], "yes");
    acts_on("resources = ['acc*']", &one, &[], "yes");
    acts_on("resources = ['team']", &one, &[], "no");
    // It mentions the resource wherever it reads it.
    acts_on(
        "when = { 'caller/tenant' = { equals = { fact = 'resource/tenant' } } }",
        "[]",
        &[],
        "no",
    );
    acts_on(
        "when = { not = { 'caller/tenant' = { equals = { fact = 'resource/tenant' } } } }",
        "[]",
        &[],
        "no",
    );
    acts_on("when = { 'caller/tenant' = { equals = 'acme' } }", "[]", &[], "yes");

    acts_on("when = { 'resource/kind' = { equals = 'account' } }", &one, &[], "yes");
    acts_on("when = { 'resource/id' = { equals = 'acc_1' } }", &one, &[], "yes");
    acts_on("when = { 'resource/id' = { equals = '17' } }", &ids(&["17"]), &[], "yes");
    acts_on("when = { 'resource/id' = { present = true } }", &ids(&["1.5"]), &[], "unknown");
    acts_on("when = { 'resource/class/n' = { equals = 1 } }", &one, &[acme], "yes");
    acts_on("when = { 'resource/class/m' = { present = false } }", &one, &[acme], "yes");
    acts_on("when = { 'resource/class/n' = { equals = 1 } }", &one, &[], "unknown");
    acts_on("when = { 'resource/other' = { present = false } }", &one, &[acme], "unknown");
}

#[test]
fn names_of_resources() {
    binds("act", "{}", "account ?");
    binds("act", r#"{"on": []}"#, "");
    binds(
        "act",
        r#"{"on": [{"id": "a"}, {"id": 7}, {"id": 7.0}, {"id": null}, {}, 5]}"#,
        "account a, account 7, account ?, account ?, account ?, account ?",
    );
    binds("strict", r#"{"to": {"account": "acc_1"}}"#, "account acc_1, team ?");
    binds("strict", r#"{"to": {"account": "acc_1"}, "team": "red"}"#, "account acc_1, team red");
    binds("strict", r#"{"to": {"account": "acc_1"}, "team": ["red"]}"#, "account acc_1, team ?");
    binds("bare", "{}", "");
    let items = vec!["{}"; 10_000].join(",");
    let all = vec!["account ?"; 10_000].join(", ");
    binds("act", &format!(r#"{{"on": [{items}]}}"#), &all);
    binds(
        "act",
        &format!(r#"{{"on": [{items}, 1]}}"#),
        "the arguments name too many resources: expected at most 10000",
    );
}
