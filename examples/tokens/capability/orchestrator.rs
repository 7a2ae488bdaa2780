//! The orchestrator: has the root key, and hands out what a task needs.

use callgate::capability::{Bound, Capability, CapabilityToken, Restrictions, SecretKey};
use chrono::{TimeDelta, Utc};

use super::{Outcome, fresh_key};

/// A token for two tools, one customer's accounts, credits of at most 50, three hours.
pub(crate) fn issue(root: &SecretKey) -> Outcome<CapabilityToken> {
    let end = Utc::now().checked_add_signed(TimeDelta::hours(3));
    let reach = Restrictions::new()
        .tool("read_account")
        .tool("adjust_billing")
        .argument("adjust_billing", "/amount", Bound::AtMost("50".parse()?))
        .resource("account", "acc_1")
        .resource("account", "acc_2")
        .before(end.ok_or("the clock is wrong")?);
    let capability = Capability::new("user:alice".parse()?, "acme", "task-7", reach);
    Ok(capability.issue(1, root, &fresh_key()?)?)
}
