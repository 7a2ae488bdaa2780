//! What one principal lets another use.

use chrono::{DateTime, Utc};

use crate::{Digest, text};

/// What is handed on along a chain: a cut in what may be used, never a gift.
///
/// What a delegation does not mention, it does not cut: a new one hands everything on. Whoever
/// receives it can use what it names **and** holds already, as everyone before it in the chain
/// does.
///
/// # Examples
///
/// ```
/// use callgate_types::{Caller, Delegation, Principal};
///
/// let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
/// let bot = Principal::asserted("agent:support-bot".parse()?);
/// let reader = Principal::asserted("agent:reader".parse()?);
///
/// let reading = Delegation::new().scopes(["ticket:read"]).tools(["read_ticket"]);
/// let caller = Caller::of(alice)
///     .acting(bot)
///     .acting_with(reader, reading)
///     .in_tenant("acme")?;
/// assert!(caller.cuts_tools());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delegation {
    scopes: Option<Names>,
    tools: Option<Names>,
    until: Option<DateTime<Utc>>,
    fault: Option<DelegationFault>,
}

/// Each once, in order of bytes.
type Names = Box<[Box<str>]>;

impl Delegation {
    /// Most scopes, and most tools, that one delegation names.
    pub const MAX_NAMES: usize = 256;

    /// Hands everything on.
    pub const fn new() -> Self {
        Self {
            scopes: None,
            tools: None,
            until: None,
            fault: None,
        }
    }

    /// Only these scopes. Said twice, only those of both.
    #[must_use]
    pub fn scopes<S: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let names = self.names(names);
        self.scopes = Some(narrowed(self.scopes.take(), names));
        self
    }

    /// Only these tools, by their whole names. Said twice, only those of both.
    #[must_use]
    pub fn tools<S: Into<Box<str>>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        let names = self.names(names);
        self.tools = Some(narrowed(self.tools.take(), names));
        self
    }

    /// Only before `time`. Said twice, before the earlier one.
    #[must_use]
    pub fn until(mut self, time: DateTime<Utc>) -> Self {
        self.until = Some(self.until.map_or(time, |known| known.min(time)));
        self
    }

    /// The names, and notes what is wrong with them. No more are looked at than can be.
    fn names<S: Into<Box<str>>>(&mut self, names: impl IntoIterator<Item = S>) -> Names {
        let room = Self::MAX_NAMES.saturating_add(1);
        let mut list: Vec<Box<str>> = names.into_iter().take(room).map(Into::into).collect();
        if list.len() > Self::MAX_NAMES {
            self.fault = Some(DelegationFault::TooMany);
        } else if !list.iter().all(|name| text::is_name(name)) {
            self.fault = Some(DelegationFault::BadName);
        }
        list.sort_unstable();
        list.dedup();
        list.into()
    }

    /// What both hand on.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        if let Some(names) = other.scopes {
            self.scopes = Some(narrowed(self.scopes.take(), names));
        }
        if let Some(names) = other.tools {
            self.tools = Some(narrowed(self.tools.take(), names));
        }
        self.fault = self.fault.or(other.fault);
        match other.until {
            Some(time) => self.until(time),
            None => self,
        }
    }

    /// Whether the scope `name` is handed on.
    pub fn confers_scope(&self, name: &str) -> bool {
        confers(self.scopes.as_deref(), name)
    }

    /// Whether the tool `name` is handed on.
    pub fn confers_tool(&self, name: &str) -> bool {
        confers(self.tools.as_deref(), name)
    }

    /// The scopes that alone are handed on, in order of bytes; `None` where all are.
    pub fn scope_names(&self) -> Option<impl ExactSizeIterator<Item = &str>> {
        Some(self.scopes.as_ref()?.iter().map(|name| &**name))
    }

    /// The tools that alone are handed on, in order of bytes; `None` where all are.
    pub fn tool_names(&self) -> Option<impl ExactSizeIterator<Item = &str>> {
        Some(self.tools.as_ref()?.iter().map(|name| &**name))
    }

    /// From when on nothing is handed on; `None` where there is no end.
    pub const fn expires(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Whether it hands everything on, for ever.
    pub fn is_whole(&self) -> bool {
        *self == Self::new()
    }

    /// A digest of all that it confers: two with the same digest confer the same.
    pub fn digest(&self) -> Digest {
        let mut line = String::from("callgate delegation v1\n");
        for names in [self.scopes.as_deref(), self.tools.as_deref()] {
            let count = names.map_or_else(|| "all".to_owned(), |names| names.len().to_string());
            line.push_str(&count);
            line.push('\n');
            for name in names.into_iter().flatten() {
                line.push_str(&name.len().to_string());
                line.push(':');
                line.push_str(name);
                line.push('\n');
            }
        }
        if let Some(time) = self.until {
            line.push_str(&time.to_rfc3339());
        }
        Digest::of(line.as_bytes())
    }

    /// What keeps it from being one.
    pub const fn fault(&self) -> Option<DelegationFault> {
        self.fault
    }
}

fn narrowed(known: Option<Names>, names: Names) -> Names {
    match known {
        None => names,
        Some(known) => {
            let kept = names.into_iter();
            kept.filter(|name| known.binary_search(name).is_ok())
                .collect()
        }
    }
}

fn confers(names: Option<&[Box<str>]>, name: &str) -> bool {
    names.is_none_or(|names| names.binary_search_by(|known| (**known).cmp(name)).is_ok())
}

/// Why something cannot be a delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DelegationFault {
    /// It names too much.
    #[error("expected at most {} scopes and as many tools", Delegation::MAX_NAMES)]
    TooMany,
    /// A name is empty, too long, or has control characters.
    #[error("expected names of 1 to 256 bytes without control characters")]
    BadName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saying_it_twice_narrows() {
        let both = Delegation::new().scopes(["b", "a", "b"]).scopes(["b", "c"]);
        assert_eq!(both.scope_names().unwrap().collect::<Vec<_>>(), ["b"]);
        assert!(both.confers_scope("b") && !both.confers_scope("a") && !both.confers_scope("c"));
        assert!(both.confers_tool("anything"));

        let none = Delegation::new().tools([] as [&str; 0]);
        assert!(!none.confers_tool("t") && !none.is_whole());

        let (early, late) = ("2026-05-04T10:00:00Z", "2026-05-05T10:00:00Z");
        let ends = Delegation::new()
            .until(early.parse().unwrap())
            .until(late.parse().unwrap());
        assert_eq!(ends.expires(), Some(early.parse().unwrap()));
        assert!(!ends.is_whole());
        assert!(Delegation::new().is_whole());
    }

    #[track_caller]
    fn check(names: Vec<String>, expected: Option<DelegationFault>) {
        let scopes = Delegation::new().scopes(names.clone());
        let tools = Delegation::new().tools(names).tools(["t"]);
        assert_eq!(scopes.fault(), expected);
        assert_eq!(tools.fault(), expected);
    }

    #[test]
    fn bounds() {
        let many = |count: usize| (0..count).map(|n| format!("s{n}")).collect();
        check(many(256), None);
        check(many(257), Some(DelegationFault::TooMany));
        check(vec!["same".into(); 257], Some(DelegationFault::TooMany));
        check(vec![String::new()], Some(DelegationFault::BadName));
        check(vec!["a\nb".into()], Some(DelegationFault::BadName));
        check(vec!["x".repeat(257)], Some(DelegationFault::BadName));
    }
}
