//! Addresses: section "Addresses" of the specification.

use callgate_policy::document::email::EmailSpec;

use super::expression;

const LOCAL: &str = r"[\w+'][\w+'\-]*(\.[\w+'\-]+)*";
const DOMAIN: &str = r"([A-Za-z0-9]([A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9\-]*[A-Za-z0-9])?";

pub(super) fn admits(spec: &EmailSpec, text: &str) -> Option<bool> {
    let (local, domain) = text.split_once('@')?;
    let is_plain = text.len() <= 254
        && local.len() <= 64
        && expression::matches(LOCAL, local)
        && expression::matches(DOMAIN, domain)
        && domain.split('.').all(|label| label.len() <= 63)
        && domain.rsplit('.').next().unwrap().contains(|c: char| c.is_ascii_alphabetic());
    is_plain.then(|| spec.domains.is_empty() || spec.domains.iter().any(|one| is_in(&one.to_string(), domain)))
}

/// Whether a name is the domain, or, for one with `*.`, below it; whatever the case.
pub(super) fn is_in(domain: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    match domain.strip_prefix('*') {
        Some(end) => name.len() > end.len() && name.ends_with(end),
        None => name == domain,
    }
}
