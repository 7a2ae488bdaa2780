//! Reading a condition on calls to come never panics, and one that is read tells of any arguments.

#![no_main]

use std::sync::LazyLock;

use callgate_policy::{CallCondition, Policy};
use callgate_types::{Arguments, Caller, Context};
use libfuzzer_sys::fuzz_target;

const SUPPORT_DESK: &str =
    include_str!("../../crates/callgate-policy/tests/policies/support-desk.toml");
const TOOL: &str = "adjust_billing";
const CONDITION: &str = r#"{"arguments/amount": {"decimal": {"at_most": "20.00"}}, "not": {"arguments/currency": {"one_of": ["EUR"]}}}"#;
const CALL: &str = r#"{"account_id": "acc_1234abcd", "amount": 20, "currency": "USD"}"#;

static POLICY: LazyLock<Policy> =
    LazyLock::new(|| Policy::parse(SUPPORT_DESK, "p").expect("it loads"));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text, CALL);
        check(CONDITION, text);
    }
    if let Some(text) = changed(bytes) {
        check(&text, CALL);
    }
});

/// Takes the bytes for a change to a condition that is read: from where, how much is replaced, and by
/// what.
fn changed(bytes: &[u8]) -> Option<String> {
    let (&[from, length], piece) = bytes.split_first_chunk()?;
    let from = usize::from(from) % CONDITION.len();
    let to = (from + usize::from(length % 16)).min(CONDITION.len());
    let piece = str::from_utf8(piece).ok()?;
    Some([CONDITION.get(..from)?, piece, CONDITION.get(to..)?].concat())
}

fn check(condition: &str, call: &str) {
    let (Ok(condition), Ok(arguments)) = (
        CallCondition::parse(&POLICY, TOOL, condition),
        Arguments::parse(call),
    ) else {
        return;
    };
    condition.holds(&Caller::unknown(), &Context::new(), &arguments, &[]);
}
