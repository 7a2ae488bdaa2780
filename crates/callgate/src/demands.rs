//! What is demanded of an asked call, in words.

use std::fmt::{self, Write as _};
use std::time::Duration;

use callgate_types::{Approver, Friction};

/// What a friction demands, as a list for people.
pub(crate) struct Demanded<'a>(pub(crate) &'a Friction);

impl Demanded<'_> {
    /// About how many bytes it takes.
    pub(crate) const ROOM: usize = 96;

    /// Appends it.
    pub(crate) fn push_to(&self, out: &mut String) {
        let written = write!(out, "{self}");
        debug_assert!(written.is_ok(), "a string takes what is written to it");
    }
}

impl fmt::Display for Demanded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let friction = self.0;
        let mut commas = ["", ", "].into_iter();
        let mut comma = || commas.next().unwrap_or(", ");
        if friction.preview {
            f.write_str(comma())?;
            f.write_str("a preview")?;
        }
        if friction.confirm {
            f.write_str(comma())?;
            f.write_str("confirmation by the subject")?;
        }
        for group in &friction.approvals {
            f.write_str(comma())?;
            f.write_str("approval by ")?;
            fmt::Display::fmt(&group.count, f)?;
            for (place, one) in group.from.iter().enumerate() {
                f.write_str(if place == 0 { " of " } else { " or " })?;
                approver(f, one)?;
            }
        }
        if let Some(age) = friction.step_up.as_ref().and_then(|step| step.max_age) {
            f.write_str(comma())?;
            f.write_str("a proof of who answers at most ")?;
            duration(f, age)?;
            f.write_str(" old")?;
        }
        if let Some(time) = friction.expires_in {
            f.write_str(", within ")?;
            duration(f, time)?;
        }
        Ok(())
    }
}

/// A time in the largest unit that shows it whole, as policies write it.
fn duration(f: &mut fmt::Formatter<'_>, time: Duration) -> fmt::Result {
    let seconds = time.as_secs();
    for (unit, letter) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
        if seconds != 0 && seconds.is_multiple_of(unit) {
            fmt::Display::fmt(&seconds.div_euclid(unit), f)?;
            return f.write_str(letter);
        }
    }
    fmt::Display::fmt(&seconds, f)?;
    f.write_str("s")
}

fn approver(f: &mut fmt::Formatter<'_>, approver: &Approver) -> fmt::Result {
    let (kind, name) = match approver {
        Approver::Role(role) => ("role:", &**role),
        Approver::Scope(scope) => ("scope:", &**scope),
        Approver::Principal(id) => ("", id.as_str()),
        _ => ("", "somebody else"),
    };
    f.write_str(kind)?;
    f.write_str(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::{ApproverGroup, StepUp};

    fn said(change: impl FnOnce(&mut Friction)) -> String {
        let mut friction = Friction::NONE;
        change(&mut friction);
        Demanded(&friction).to_string()
    }

    #[test]
    fn lists_for_people() {
        let lead = Approver::Role("lead".into());
        let bob = Approver::Principal("user:bob".parse().unwrap());
        assert_eq!(said(|_| {}), "");
        let all = said(|friction| {
            friction.preview = true;
            friction.confirm = true;
            friction.approvals = vec![
                ApproverGroup::new(vec![lead.clone(), bob], 2),
                ApproverGroup::new(vec![lead], 1),
            ];
            let mut step_up = StepUp::default();
            step_up.max_age = Some(Duration::from_secs(90));
            friction.step_up = Some(Box::new(step_up));
            friction.expires_in = Some(Duration::from_secs(900));
        });
        assert_eq!(
            all,
            "a preview, confirmation by the subject, approval by 2 of role:lead or user:bob, \
             approval by 1 of role:lead, a proof of who answers at most 90s old, within 15m"
        );
        let day = said(|friction| {
            friction.confirm = true;
            friction.expires_in = Some(Duration::from_secs(86_400));
        });
        assert_eq!(day, "confirmation by the subject, within 1d");
    }
}
