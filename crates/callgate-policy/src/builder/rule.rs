//! Rules, and what raises the tier.

use callgate_types::RiskTier;
use chrono::{DateTime, SecondsFormat, Utc};

use super::written::{Table, Written, names};
use super::{Approval, Condition, Window};

/// The selectors, which rules, raises and limits have alike.
macro_rules! selectors {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
                self.with(stringify!($name), names(patterns))
            }
        )+
    };
}

macro_rules! about {
    () => {
        selectors! {
            /// The subject holds one of these roles.
            roles,
            /// The subject is one of these, as `kind:id`.
            principals,
            /// The actors are among these, as `kind:id`: all of them for a permit, else any.
            actors,
            /// It is a call of one of these tools.
            tools,
            /// The caller is of one of these tenants.
            tenants,
            /// The call is made in one of these environments.
            environments,
            /// The resource is of one of these kinds.
            resources,
        }

        /// It is in force from this moment on.
        #[must_use]
        pub fn from(self, moment: DateTime<Utc>) -> Self {
            self.with("from", written(moment))
        }

        /// It is in force before this moment.
        #[must_use]
        pub fn until(self, moment: DateTime<Utc>) -> Self {
            self.with("until", written(moment))
        }

        /// It is in force in any of these windows.
        #[must_use]
        pub fn times(self, windows: impl IntoIterator<Item = Window>) -> Self {
            let windows = windows.into_iter().map(|window| window.into_table().into());
            self.with("times", Written::List(windows.collect()))
        }

        /// What must hold of the call.
        #[must_use]
        pub fn when(self, condition: Condition) -> Self {
            self.with("when", condition.into_written())
        }

        fn with(mut self, key: &str, value: impl Into<Written>) -> Self {
            self.0.put(key, value);
            self
        }

        pub(super) fn into_table(self) -> Table {
            self.0
        }
    };
}

pub(super) use {about, selectors};

/// A rule. What it does not mention, it does not ask for.
#[derive(Clone, Debug)]
pub struct Rule(Table);

impl Rule {
    /// A rule that permits: the only kind that grants.
    pub fn permit(id: impl Into<String>) -> Self {
        Self::of(id, "permit")
    }

    /// A rule that makes calls wait for an answer.
    pub fn ask(id: impl Into<String>) -> Self {
        Self::of(id, "ask")
    }

    /// A rule that forbids, whatever is permitted.
    pub fn forbid(id: impl Into<String>) -> Self {
        Self::of(id, "forbid")
    }

    fn of(id: impl Into<String>, effect: &str) -> Self {
        Self(Table::of("id", id.into()).with("effect", effect))
    }

    /// The author's sentence.
    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Self {
        self.with("reason", reason.into())
    }

    /// The model may be told reason and rule.
    #[must_use]
    pub fn disclose(self) -> Self {
        self.with("disclose", true)
    }

    /// It is recorded only, and takes no part in the decision.
    #[must_use]
    pub fn observe(self) -> Self {
        self.with("observe", true)
    }

    /// Whether the subject must say yes; only an ask can say so.
    #[must_use]
    pub fn confirm(self, confirm: bool) -> Self {
        self.with("confirm", confirm)
    }

    /// A dry run must have been shown; only an ask can say so.
    #[must_use]
    pub fn preview(self) -> Self {
        self.with("preview", true)
    }

    /// Who else must agree; only an ask can say so.
    #[must_use]
    pub fn approval(self, approval: Approval) -> Self {
        self.with("approval", approval.into_table())
    }

    /// Waives the friction of tiers up to this one; only a permit can.
    #[must_use]
    pub fn accepts_tier(self, tier: RiskTier) -> Self {
        self.with("accepts_tier", tier.as_str())
    }

    /// What the host must do with a call that it lets through.
    #[must_use]
    pub fn obligations(self, obligations: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("obligations", names(obligations))
    }

    about!();
}

/// A statement that raises the tier of calls. What is unknown raises it, too.
#[derive(Clone, Debug)]
pub struct Raise(Table);

impl Raise {
    /// Raises to this tier.
    pub fn to(tier: RiskTier, id: impl Into<String>) -> Self {
        Self(Table::of("id", id.into()).with("to", tier.as_str()))
    }

    about!();
}

pub(super) fn written(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
