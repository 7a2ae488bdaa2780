//! Time zones by name.

#[cfg(feature = "zones")]
pub(super) use present::Zones;

#[cfg(not(feature = "zones"))]
pub(super) use absent::Zones;

#[cfg(not(feature = "zones"))]
mod absent {
    use crate::DiagnosticCode as Code;
    use crate::document::Clock;
    use crate::read::faults::Faults;
    use crate::read::node::Entry;

    /// No zones: this build has no data of them.
    #[derive(Default)]
    pub(in crate::read) struct Zones(());

    impl Zones {
        /// Reports a zone that this build cannot know.
        #[expect(clippy::unused_self, reason = "as where there are zones")]
        pub(in crate::read) fn clock(
            &self,
            zone: &Entry<'_>,
            faults: &Faults<'_>,
        ) -> Option<Clock> {
            let message = "time zones by name are not part of this build";
            let help = "build callgate-policy with its feature `zones`, or write `offset`";
            faults.add_with_help(Code::UnknownKey, zone.key_span, message, help);
            None
        }
    }
}

#[cfg(feature = "zones")]
mod present {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use crate::DiagnosticCode as Code;
    use crate::document::{Clock, Zone};
    use crate::read::faults::Faults;
    use crate::read::fields::{shown, text};
    use crate::read::node::Entry;

    /// The zones that a policy names, each read once.
    #[derive(Default)]
    pub(in crate::read) struct Zones(RefCell<BTreeMap<&'static str, Zone>>);

    impl Zones {
        /// The clock of the zone that stands in `zone`; reports an unknown one.
        pub(in crate::read) fn clock(
            &self,
            zone: &Entry<'_>,
            faults: &Faults<'_>,
        ) -> Option<Clock> {
            let name = text(&zone.node, "the name of a time zone", faults)?;
            let known = self.0.borrow().get(name).cloned();
            let found = known.or_else(|| Zone::named(name));
            match &found {
                Some(zone) => {
                    let mut known = self.0.borrow_mut();
                    known.entry(zone.as_str()).or_insert_with(|| zone.clone());
                }
                None => unknown(name, zone, faults),
            }
            found.map(Clock::Zone)
        }
    }

    fn unknown(name: &str, zone: &Entry<'_>, faults: &Faults<'_>) {
        let message = format!("unknown time zone `{}`", shown(name));
        let span = zone.node.span;
        if name.contains('/') && !name.starts_with("Etc/") {
            faults.add_unknown(Code::UnknownWord, span, message, name, Zone::names());
            return;
        }
        let place = |zone: &&str| zone.rsplit('/').next() == Some(name);
        let help = match Zone::names().find(place) {
            Some(zone) => format!("did you mean `{zone}`?"),
            None => "write region and place as in `Europe/Berlin`, or an `offset`".to_owned(),
        };
        faults.add_with_help(Code::UnknownWord, span, message, help);
    }
}
