//! What is demanded of an asked call, in words.

use std::time::Duration;

use callgate_types::{Approver, Friction};

/// What a friction demands, as a list for people.
pub(crate) fn demands(friction: &Friction) -> String {
    let mut parts = Vec::new();
    if friction.preview {
        parts.push("a preview".to_owned());
    }
    if friction.confirm {
        parts.push("confirmation by the subject".to_owned());
    }
    for group in &friction.approvals {
        let from: Vec<String> = group.from.iter().map(approver).collect();
        parts.push(format!(
            "approval by {} of {}",
            group.count,
            from.join(" or ")
        ));
    }
    if let Some(age) = friction.step_up.as_ref().and_then(|step| step.max_age) {
        parts.push(format!(
            "a proof of who answers at most {} old",
            duration(age)
        ));
    }
    let mut text = parts.join(", ");
    if let Some(time) = friction.expires_in {
        text = format!("{text}, within {}", duration(time));
    }
    text
}

/// A time in the largest unit that shows it whole, as policies write it.
fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    for (unit, letter) in [(86_400, 'd'), (3_600, 'h'), (60, 'm')] {
        if seconds != 0 && seconds.is_multiple_of(unit) {
            return format!("{}{letter}", seconds.div_euclid(unit));
        }
    }
    format!("{seconds}s")
}

fn approver(approver: &Approver) -> String {
    match approver {
        Approver::Role(role) => format!("role:{role}"),
        Approver::Scope(scope) => format!("scope:{scope}"),
        Approver::Principal(id) => id.to_string(),
        _ => "somebody else".to_owned(),
    }
}
