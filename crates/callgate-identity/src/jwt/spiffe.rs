//! SPIFFE ids.

use crate::CredentialError;

/// The trust domain and the paths that are accepted.
#[derive(Clone, Debug)]
pub(super) struct SpiffeRules {
    pub(super) trust_domain: Box<str>,
    /// Whole paths, or all below one that ends in `/*`. None stated: every path.
    pub(super) paths: Vec<Box<str>>,
}

impl SpiffeRules {
    /// Checks the id of a workload.
    pub(super) fn judge(&self, id: &str) -> Result<(), CredentialError> {
        let rest = id
            .strip_prefix("spiffe://")
            .ok_or(CredentialError::BadSpiffeId)?;
        let (domain, path) = rest.split_once('/').ok_or(CredentialError::BadSpiffeId)?;
        if !is_trust_domain(domain) || !path.split('/').all(is_segment) {
            return Err(CredentialError::BadSpiffeId);
        }
        if *domain != *self.trust_domain {
            return Err(CredentialError::WrongTrustDomain);
        }
        let fits = |rule: &str| match rule.strip_suffix("/*") {
            Some(above) => path
                .strip_prefix(above.trim_start_matches('/'))
                .is_some_and(|below| below.starts_with('/') || above.is_empty()),
            None => rule.strip_prefix('/') == Some(path),
        };
        if !self.paths.is_empty() && !self.paths.iter().any(|rule| fits(rule)) {
            return Err(CredentialError::PathNotAllowed);
        }
        Ok(())
    }

    /// Whether the rules themselves can be.
    pub(super) fn are_well_formed(&self) -> bool {
        let path = |rule: &str| {
            let whole = rule.strip_suffix("/*").unwrap_or(rule);
            let segments = whole.strip_prefix('/');
            whole.is_empty() || segments.is_some_and(|path| path.split('/').all(is_segment))
        };
        is_trust_domain(&self.trust_domain)
            && self.paths.iter().all(|rule| !rule.is_empty() && path(rule))
    }
}

fn is_trust_domain(name: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
    (1..=255).contains(&name.len()) && name.bytes().all(allowed)
}

fn is_segment(segment: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !matches!(segment, "" | "." | "..") && segment.bytes().all(allowed)
}
