//! What a standing approval rests on.

use callgate::{Digest, ToolCall};

use super::support::{Ahead, policy, two_small};
use crate::support::{alice, allowed, bob, context, large, pending, run};

/// Given under the policy, used under a changed one.
#[track_caller]
fn changed(from: &str, to: &str, carries: bool) {
    let policy = policy();
    assert!(policy.contains(from), "{from}");
    let ahead = Ahead::new();
    ahead.given();
    let now = ahead.under(&policy.replacen(from, to, 1));
    if carries {
        run(allowed(now.call(90))).unwrap();
    } else {
        pending(now.call(90));
        // Nothing is lost: where it is as it was, it carries again.
        run(allowed(now.under(&policy).call(91))).unwrap();
    }
}

#[test]
fn changed_rule_that_matched() {
    changed("above = 50", "above = 60", false);
    changed(
        "roles = [\"support\"]",
        "roles = [\"support\", \"lead\"]",
        false,
    );
}

#[test]
fn changed_demand() {
    changed("role:lead", "scope:refund:approve", false);
    changed("uses = 3", "uses = 2", false);
    changed(r#", standing = { uses = 3, within = "8h" }"#, "", false);
}

#[test]
fn changed_tool_entry() {
    changed("at_most = 1000", "at_most = 999", false);
}

#[test]
fn changed_tier() {
    let raise = "[friction.privileged]\n[[raise]]\nid = \"now\"\nto = \"privileged\"\ntools = [\"refund\"]\n[[rules]]\nid = \"refunds\"";
    changed("[[rules]]\nid = \"refunds\"", raise, false);
}

#[test]
fn changed_comment_changes_nothing() {
    changed("[tools.refund]", "# a comment\n\n[tools.refund]", true);
    changed("name = \"desk\"", "name = \"help desk\"", true);
}

#[test]
fn changed_tool_definition() {
    let ahead = Ahead::new();
    let call = |definition: &[u8]| large().definition(Digest::of(definition));
    let authorize = |call: ToolCall| ahead.gate().authorize(&alice(), call, &context());
    let asked = pending(authorize(call(b"one"))).approval().unwrap();
    ahead
        .gate()
        .give_standing(asked, &bob(), &two_small())
        .unwrap();
    pending(authorize(call(b"two")));
    pending(authorize(large()));
    run(allowed(authorize(call(b"one")))).unwrap();
}

#[test]
fn policy_replaced_before_it_begins() {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    let set = |policy: &str| {
        let policy = callgate::parse_policy(policy, "p").unwrap();
        ahead.gate().set_policy(policy).unwrap();
    };
    let permit = allowed(ahead.call(90));
    set(&format!("# the same\n{}", policy()));
    run(permit).unwrap();
    assert_eq!(ahead.used(id), 1);
    let permit = allowed(ahead.call(90));
    set(&policy().replace("above = 50", "above = 40"));
    let not_begun = run(permit).unwrap_err();
    assert_eq!(not_begun.code().unwrap().as_str(), "asked");
    assert_eq!(ahead.used(id), 1);
}
