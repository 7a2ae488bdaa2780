//! The matcher `url`.

#[cfg(feature = "url")]
pub(super) use present::url;

#[cfg(not(feature = "url"))]
pub(super) use absent::url;

#[cfg(not(feature = "url"))]
mod absent {
    use crate::DiagnosticCode as Code;
    use crate::document::Matcher;
    use crate::read::faults::Faults;
    use crate::read::node::{Node, Span};

    /// Reports a matcher that this build cannot judge.
    pub(in crate::read) fn url(_: &Node<'_>, key: Span, faults: &Faults<'_>) -> Option<Matcher> {
        let message = "the matcher `url` is not part of this build";
        let help = "build callgate-policy with its feature `url`";
        faults.add_with_help(Code::UnknownKey, key, message, help);
        None
    }
}

#[cfg(feature = "url")]
mod present {
    use std::num::NonZeroU16;

    use crate::DiagnosticCode as Code;
    use crate::document::Matcher;
    use crate::document::url::{HostPattern, UrlPath, UrlPorts, UrlScheme, UrlSpec};
    use crate::read::faults::Faults;
    use crate::read::fields::{Fields, count, shown, text, word};
    use crate::read::node::{Node, Span, Value};

    const KEYS: &[&str] = &["schemes", "hosts", "ports", "addresses", "path"];

    const SCHEMES: &[(&str, UrlScheme)] = &[
        (UrlScheme::Https.as_str(), UrlScheme::Https),
        (UrlScheme::Http.as_str(), UrlScheme::Http),
    ];

    /// Reads `url`.
    pub(in crate::read) fn url(node: &Node<'_>, _: Span, faults: &Faults<'_>) -> Option<Matcher> {
        let fields = Fields::of(node, "`url`", KEYS, faults)?;
        fields.list("schemes", "schemes");
        let mut schemes = fields.each("schemes", "schemes", |node| word(node, SCHEMES, faults));
        if fields.get("schemes").is_none() {
            schemes.push(UrlScheme::Https);
        }
        fields.list("hosts", "hosts");
        let hosts = fields.each("hosts", "hosts", |node| host(node, faults));
        let addresses = fields.get("addresses");
        let public =
            addresses.and_then(|node| word(node, &[("public", true), ("any", false)], faults));
        if fields.get("hosts").is_none() && addresses.is_none() {
            let help = "name `hosts`, or write `addresses = \"public\"` for every public host";
            let message = "`url` says neither `hosts` nor `addresses`";
            faults.add_with_help(Code::MissingKey, node.span, message, help);
        }
        let path = fields.get("path").and_then(|node| path(node, faults));
        Some(Matcher::Url(Box::new(UrlSpec {
            schemes,
            hosts,
            ports: fields
                .get("ports")
                .map_or(UrlPorts::Default, |node| ports(node, &fields, faults)),
            public: public.unwrap_or(false),
            path,
        })))
    }

    fn host(node: &Node<'_>, faults: &Faults<'_>) -> Option<HostPattern> {
        let written = text(node, "a host", faults)?;
        let host = HostPattern::parse(written);
        if let Err(error) = &host {
            let message = format!("`{}` {error}", shown(written));
            let help = "write a name as in `example.com`, or `*.example.com` for those below it";
            faults.add_with_help(Code::BadName, node.span, message, help);
        }
        host.ok()
    }

    fn ports(node: &Node<'_>, fields: &Fields<'_, '_>, faults: &Faults<'_>) -> UrlPorts {
        if let Value::Text(_) = node.value {
            let words = [("any", UrlWord::Any), ("default", UrlWord::Default)];
            return match word(node, &words, faults) {
                Some(UrlWord::Any) => UrlPorts::Any,
                _ => UrlPorts::Default,
            };
        }
        fields.list("ports", "ports");
        let ports = fields.each("ports", "ports", |node| {
            let port = count(node, 1, u64::from(u16::MAX), faults)?;
            u16::try_from(port).ok().and_then(NonZeroU16::new)
        });
        UrlPorts::These(ports)
    }

    #[derive(Clone, Copy)]
    enum UrlWord {
        Any,
        Default,
    }

    fn path(node: &Node<'_>, faults: &Faults<'_>) -> Option<UrlPath> {
        let fields = Fields::of(node, "`path`", &["under", "deny"], faults)?;
        let list = |key| {
            fields.list(key, "paths");
            fields.each(key, "paths", |node| prefix(node, faults))
        };
        let [under, deny] = [list("under"), list("deny")];
        if fields.entries().is_empty() {
            faults.add(Code::EmptyCondition, node.span, "`path` says nothing");
        }
        UrlPath::new(under, deny).ok()
    }

    fn prefix<'t>(node: &Node<'t>, faults: &Faults<'_>) -> Option<&'t str> {
        let written = text(node, "the path of a URL", faults)?;
        let path = UrlPath::new([written], []);
        if let Err((_, error)) = &path {
            let message = format!("`{}` {error}", shown(written));
            let help = "write whole segments without encoding, as in `/v1/users`";
            faults.add_with_help(Code::BadName, node.span, message, help);
        }
        path.is_ok().then_some(written)
    }
}
