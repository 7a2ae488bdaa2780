//! The times in a token.

use std::time::Duration;

use callgate_types::{Json, JsonRef};
use chrono::{DateTime, TimeDelta, Utc};

use crate::CredentialError;

/// When a token says that it begins and ends.
pub(super) struct Times {
    /// When the principal last proved who it is: when it signed in, else when the token was
    /// issued. Never of a time to come.
    pub(super) proved: Option<DateTime<Utc>>,
    /// From when on the token is not accepted any more, the allowed skew included.
    pub(super) until: DateTime<Utc>,
}

/// How times are judged.
pub(super) struct Leeway {
    /// How far two clocks may differ.
    pub(super) skew: Duration,
    /// How long a token may live.
    pub(super) most: Option<Duration>,
}

impl Leeway {
    /// Judges the times in `claims` at `now`.
    pub(super) fn judge(
        &self,
        claims: &Json,
        now: DateTime<Utc>,
    ) -> Result<Times, CredentialError> {
        let root = claims.root();
        let time = |name: &str| root.get(name).map(time).transpose();
        let ends = time("exp")?.ok_or(CredentialError::MissingExpiry)?;
        let (begins, issued, signed_in) = (time("nbf")?, time("iat")?, time("auth_time")?);
        let skew = TimeDelta::from_std(self.skew).unwrap_or(TimeDelta::zero());
        let until = ends.checked_add_signed(skew).unwrap_or(ends);
        let soon = now.checked_add_signed(skew).unwrap_or(now);
        if now >= until {
            return Err(CredentialError::Expired);
        }
        if begins.is_some_and(|begins| begins > soon) {
            return Err(CredentialError::NotYetValid);
        }
        if [issued, signed_in]
            .into_iter()
            .flatten()
            .any(|time| time > soon)
        {
            return Err(CredentialError::IssuedInFuture);
        }
        if let Some(most) = self.most {
            let most = TimeDelta::from_std(most).unwrap_or(TimeDelta::MAX);
            let lives = issued.map(|issued| ends.signed_duration_since(issued));
            if lives.is_none_or(|lives| lives > most) {
                return Err(CredentialError::LivesTooLong);
            }
        }
        let proved = signed_in.or(issued).map(|time| time.min(now));
        Ok(Times { proved, until })
    }
}

/// A number of seconds since 1970, to a millionth.
fn time(value: JsonRef<'_>) -> Result<DateTime<Utc>, CredentialError> {
    let micros = value.in_millionths().ok_or(CredentialError::BadTime)?;
    DateTime::from_timestamp_micros(micros).ok_or(CredentialError::BadTime)
}
