//! What makes calls of a tool more dangerous than its entry says at first sight.

use callgate_types::{Factor, FactorSource, RiskTier};

use super::Tool;

/// What the server of a tool says of how dangerous it is: the annotations of MCP.
///
/// They are claims. Those that say that it is dangerous raise the tier; those that say that it is not do
/// nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hints {
    /// It changes nothing: `readOnlyHint`.
    pub read_only: Option<bool>,
    /// It may destroy something: `destructiveHint`.
    pub destructive: Option<bool>,
    /// It meets what is outside: `openWorldHint`.
    pub open_world: Option<bool>,
}

impl Hints {
    /// The factors that they are. By MCP a tool that is not read-only destroys unless it says otherwise.
    pub fn factors(self) -> impl Iterator<Item = Factor<'static>> {
        let hint = |name, tier| Factor::new(FactorSource::Hint, name, tier);
        let destroys = self.destructive == Some(true);
        let writes = self.read_only == Some(false);
        let tier = match self.destructive {
            Some(_) => RiskTier::BoundedWrite,
            None => RiskTier::Privileged,
        };
        let all = [
            destroys.then(|| hint("destructive", RiskTier::Privileged)),
            (self.open_world == Some(true)).then(|| hint("open_world", RiskTier::BoundedWrite)),
            writes.then(|| hint("read_only", tier)),
        ];
        all.into_iter().flatten()
    }
}

impl Tool {
    /// What raises the tier of all its calls above the one that is stated.
    pub fn factors(&self) -> impl Iterator<Item = Factor<'static>> {
        let lasts = || {
            Factor::new(
                FactorSource::Reversibility,
                "reversible",
                RiskTier::Privileged,
            )
        };
        let lasting = (!self.reversible).then(lasts);
        lasting.into_iter().chain(self.hints.factors())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::RiskTier::{BoundedWrite, Privileged};

    #[track_caller]
    fn check(hints: [Option<bool>; 3], expected: &[(&str, RiskTier)]) {
        let [read_only, destructive, open_world] = hints;
        let hints = Hints {
            read_only,
            destructive,
            open_world,
        };
        let found: Vec<_> = hints.factors().map(|one| (one.name, one.tier)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_says_dangerous_raises() {
        let (yes, no) = (Some(true), Some(false));
        check([None, None, None], &[]);
        check([no, None, None], &[("read_only", Privileged)]);
        check([no, no, None], &[("read_only", BoundedWrite)]);
        check([None, yes, None], &[("destructive", Privileged)]);
        check([None, None, yes], &[("open_world", BoundedWrite)]);
        check(
            [no, yes, yes],
            &[
                ("destructive", Privileged),
                ("open_world", BoundedWrite),
                ("read_only", BoundedWrite),
            ],
        );
    }

    #[test]
    fn what_says_harmless_does_nothing() {
        let (yes, no) = (Some(true), Some(false));
        check([yes, no, no], &[]);
        check([yes, yes, no], &[("destructive", Privileged)]);
    }
}
