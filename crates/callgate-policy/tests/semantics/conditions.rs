//! Conditions, and where their values stand.

use callgate_types::Caller;

use crate::{caller, check, selects};

#[test]
fn kleene() {
    let unknown = "'context/missing' = { equals = 1 }";
    let (yes, no) = ("'arguments/n' = { equals = 1 }", "'arguments/n' = { equals = 2 }");
    let one = r#"{"n": 1}"#;
    check(&format!("not = {{ {unknown} }}"), one, "unknown");
    check(&format!("not = {{ {yes} }}"), one, "no");
    check(&format!("not = {{ {no} }}"), one, "yes");
    for (left, right, both, either) in [
        (yes, yes, "yes", "yes"),
        (yes, unknown, "unknown", "yes"),
        (yes, no, "no", "yes"),
        (unknown, unknown, "unknown", "unknown"),
        (unknown, no, "no", "unknown"),
        (no, no, "no", "no"),
    ] {
        for (left, right) in [(left, right), (right, left)] {
            check(&format!("all = [{{ {left} }}, {{ {right} }}]"), one, both);
            check(&format!("any = [{{ {left} }}, {{ {right} }}]"), one, either);
        }
    }
    check("'arguments/n' = { equals = 1 }, 'arguments/t' = { equals = 'x' }", one, "no");
}

#[test]
fn places_in_arguments() {
    check("'arguments/t' = { equals = 'x' }", r#"{"t": "x"}"#, "yes");
    check("'arguments/t' = { equals = 'x' }", "{}", "no");
    check("'arguments/o/x' = { equals = 'x' }", r#"{"o": {"x": "x"}}"#, "yes");
    check("'arguments/o/x' = { present = false }", "{}", "yes");
    check("'arguments/o' = { present = true }", r#"{"o": {}}"#, "yes");
    check("'arguments/a/1' = { equals = 'y' }", r#"{"a": ["x", "y"]}"#, "yes");
    check("'arguments/a/2' = { present = false }", r#"{"a": ["x", "y"]}"#, "yes");
    // A step into a text, a number, null, or by a name into an array.
    check("'arguments/a/0/x' = { present = false }", r#"{"a": ["x"]}"#, "unknown");
    check("'arguments/a/0/x' = { present = false }", r#"{"a": [null]}"#, "unknown");
    check("'arguments/a/x' = { present = false }", r#"{"a": ["x"]}"#, "unknown");
    check("'arguments/a/01' = { present = false }", r#"{"a": ["x", "y"]}"#, "unknown");
}

#[test]
fn facts_of_caller_and_context() {
    check("'caller/tenant' = { equals = 'acme' }", "{}", "yes");
    check("'caller/subject' = { equals = 'user:alice' }", "{}", "yes");
    check("'caller/id' = { equals = 'alice' }", "{}", "yes");
    check("'caller/kind' = { equals = 'user' }", "{}", "yes");
    check("'caller/actor' = { equals = 'agent:bot' }", "{}", "yes");
    check("'context/environment' = { equals = 'prod' }", "{}", "yes");
    check("'context/session' = { equals = 's-1' }", "{}", "yes");
    check("'context/task' = { present = false }", "{}", "unknown");
    check("'context/whole/level' = { equals = 3 }", "{}", "yes");
    check("'context/whole/tags/0' = { equals = 'a' }", "{}", "yes");
    check("'context/whole/other' = { present = false }", "{}", "yes");
    check("'context/whole/none' = { present = true }", "{}", "yes");
    check("'context/whole/level/n' = { present = false }", "{}", "unknown");
    check("'context/missing' = { present = false }", "{}", "unknown");

    let alone = caller("user:alice", &[], &[], None);
    let when = |fact: &str| format!("when = {{ 'caller/{fact}' = {{ present = true }} }}");
    selects(&when("actor"), &alone, None, "no");
    selects(&when("tenant"), &alone, None, "unknown");
    for fact in ["tenant", "subject", "id", "kind", "actor"] {
        selects(&when(fact), &Caller::unknown(), None, "unknown");
    }
    let chain = caller("user:alice", &[], &["agent:one", "agent:two"], None);
    selects("when = { 'caller/actor' = { equals = 'agent:two' } }", &chain, None, "yes");
}

#[test]
fn absent_unknown_and_null() {
    for matcher in [
        "equals = 1",
        "one_of = [1]",
        "matches = '.*'",
        "text = {}",
        "integer = {}",
        "decimal = {}",
        "boolean = {}",
        "length = {}",
        "array = {}",
        "equals = { fact = 'context/missing' }",
    ] {
        check(&format!("'arguments/t' = {{ {matcher} }}"), "{}", "no");
        check(&format!("'context/missing' = {{ {matcher} }}"), "{}", "unknown");
        check(&format!("'arguments/any' = {{ {matcher} }}"), r#"{"any": {}}"#, "unknown");
        check(&format!("'context/whole/none' = {{ {matcher} }}"), "{}", "unknown");
    }
    check("'context/missing' = { present = true }", "{}", "unknown");
    check("'arguments/t' = { present = true }", "{}", "no");
}
