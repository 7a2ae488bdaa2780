//! docs/spec/vectors/approvals.json, `standing`: which calls a standing approval carries.

use callgate::approval::standing::StandingBounds;

use super::support::{Ahead, HOUR};
use crate::support::{bob, pending};
use crate::vectors::vectors;

#[test]
fn calls_that_are_carried_and_those_that_are_not() {
    let standing = vectors().standing;
    let (mut wrong, mut carried) = (Vec::new(), 0);
    for vector in &standing.calls {
        let ahead = Ahead::with(&standing.policy);
        let authorize = |call: &crate::vectors::Call| {
            let (caller, call, context) = call.made(&["support"]);
            ahead.gate().authorize(&caller, call, &context)
        };
        let asked = pending(authorize(&vector.given)).approval().unwrap();
        let mut bounds = StandingBounds::new(1, HOUR);
        if let Some(when) = &vector.when {
            bounds = bounds.matching(when);
        }
        if vector.any_session {
            bounds = bounds.in_any_session();
        }
        if vector.any_task {
            bounds = bounds.for_any_task();
        }
        let given = ahead.gate().give_standing(asked, &bob(), &bounds);
        given.unwrap();
        let code = authorize(&vector.call).code();
        carried += usize::from(code.as_str() == "standing_approved");
        if code.as_str() != vector.code {
            wrong.push(format!(
                "{}: {code}, expected {}",
                vector.about, vector.code
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(carried >= 5 && standing.calls.len() >= carried + 15);
}
