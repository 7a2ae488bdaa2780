//! Examples that cannot all be right.

use super::view::View;
use crate::DiagnosticCode as Code;
use crate::read::{Entry, Node, Value};

/// What an example expects; everything else of it is the call.
const EXPECTED: [&str; 3] = ["gets", "rule", "code"];

/// Two examples with the same call, of which one expects another answer.
pub(super) fn contradicting(view: &View<'_>) {
    let Some(Value::Array(examples)) = view.node(&["examples"]).map(|node| &node.value) else {
        return;
    };
    for (at, example) in examples.iter().enumerate() {
        let same = examples
            .iter()
            .take(at)
            .find(|one| is_same_call(one, example));
        let clash = same.and_then(|one| {
            EXPECTED.into_iter().find(|key| {
                let (one, other) = (one.member(key), example.member(key));
                matches!((one, other), (Some(one), Some(other)) if !is_same(&one.node, &other.node))
            })
        });
        let entry = clash.and_then(|key| Some((key, example.member(key)?)));
        if let Some((key, entry)) = entry {
            let message = format!("an example above has the same call, and another `{key}`");
            let help = "leave one of them out";
            view.warn(Code::ContradictingExamples, entry.key_span, message, help);
        }
    }
}

fn is_same_call(one: &Node<'_>, other: &Node<'_>) -> bool {
    let (Value::Table(one), Value::Table(other)) = (&one.value, &other.value) else {
        return false;
    };
    let call = |entry: &&Entry<'_>| !EXPECTED.contains(&entry.key);
    let (one, other): (Vec<_>, Vec<_>) = (
        one.iter().filter(call).collect(),
        other.iter().filter(call).collect(),
    );
    let mut pairs = one.iter().zip(&other);
    one.len() == other.len()
        && pairs.all(|(one, other)| one.key == other.key && is_same(&one.node, &other.node))
}

/// Whether two values of the text are the same; its nesting bounds the recursion.
fn is_same(one: &Node<'_>, other: &Node<'_>) -> bool {
    match (&one.value, &other.value) {
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Integer(one), Value::Integer(other)) => one == other,
        (Value::Boolean(one), Value::Boolean(other)) => one == other,
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Table(one), Value::Table(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| one.key == other.key && is_same(&one.node, &other.node))
        }
        _ => false,
    }
}
