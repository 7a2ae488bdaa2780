//! An agent that works on the task, and gives a part of it to another: it has the token alone.

use callgate::capability::{Bound, CapabilityToken, Restrictions};
use chrono::{TimeDelta, Utc};

use super::{Outcome, fresh_key};

/// The copy to hand on: one account, credits of at most 20, ten minutes.
pub(crate) fn narrow(token: &str) -> Outcome<String> {
    let end = Utc::now().checked_add_signed(TimeDelta::minutes(10));
    let less = Restrictions::new()
        .argument("adjust_billing", "/amount", Bound::AtMost("20".parse()?))
        .resource("account", "acc_1")
        .before(end.ok_or("the clock is wrong")?);
    let narrower = CapabilityToken::parse(token)?.attenuate(&less, &fresh_key()?)?;
    Ok(narrower.as_str().to_owned())
}
