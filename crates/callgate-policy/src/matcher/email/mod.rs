//! `email`: one bare address, written plainly.
//!
//! Protects tools that hand a recipient to a mail server. Only the plain form that every server
//! reads in one way is read at all: a dot-atom of ASCII letters, digits and `_`, `+`, `'`, `-`,
//! then `@`, then a domain name. Display names, comments, quotes, routes, address literals,
//! several addresses in one text and whatever is not ASCII are unknown.
//!
//! It cannot say whether the mailbox exists, who reads it, or where a server forwards it.

mod domain;

pub use domain::{DomainError, DomainPattern};

/// What an address has to be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EmailSpec {
    /// Its domain is one of these; empty asks nothing.
    pub domains: Vec<DomainPattern>,
}

/// The longest address that servers have to take, in bytes (RFC 5321).
const MAX_ADDRESS: usize = 254;
/// The longest part before the `@`, in bytes.
const MAX_LOCAL: usize = 64;

impl EmailSpec {
    /// An address in one of `domains`; in any where there are none.
    pub fn new(domains: impl IntoIterator<Item = DomainPattern>) -> Self {
        Self {
            domains: domains.into_iter().collect(),
        }
    }

    /// Whether `text` is such an address; `None` where it is none, written plainly.
    pub fn admits(&self, text: &str) -> Option<bool> {
        if text.len() > MAX_ADDRESS {
            return None;
        }
        let (local, name) = text.split_once('@')?;
        if !is_local(local) || !domain::is_name(name) {
            return None;
        }
        Some(self.domains.is_empty() || self.domains.iter().any(|domain| domain.matches(name)))
    }
}

/// Pieces of plain characters with single dots between them. None of them begins an option: some
/// tools hand the address to a program.
fn is_local(local: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+'-".contains(&byte);
    local.len() <= MAX_LOCAL
        && !local.starts_with('-')
        && local
            .split('.')
            .all(|piece| !piece.is_empty() && piece.bytes().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(domains: &[&str], text: &str, expected: Option<bool>) {
        let domains = domains
            .iter()
            .map(|text| DomainPattern::parse(text).unwrap());
        assert_eq!(EmailSpec::new(domains).admits(text), expected, "{text:?}");
    }

    #[test]
    fn in_the_domain() {
        for text in [
            "a@company.com",
            "A.b_c+d-e'f@COMPANY.com",
            "1@company.com",
            "a--b@company.com",
        ] {
            check(&["company.com"], text, Some(true));
            check(&[], text, Some(true));
            check(&["other.org", "company.com"], text, Some(true));
        }
        check(&["*.company.com"], "a@mail.company.com", Some(true));
        check(&["*.company.com"], "a@x.mail.company.com", Some(true));
    }

    #[test]
    fn in_another_domain() {
        for text in [
            "a@evil.com",
            "a@mail.company.com",
            "a@company.com.evil.com",
            "a@company.co",
            "a@xcompany.com",
            "a@company-com.org",
            "a@xn--cmpany-xxa.com",
        ] {
            check(&["company.com"], text, Some(false));
        }
        check(&["*.company.com"], "a@company.com", Some(false));
        check(&["*.company.com"], "a@xcompany.com", Some(false));
    }

    #[test]
    fn no_plain_address() {
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@company.com",
            "a@b@company.com",
            "a@company.com@evil.com",
            "a@company.com,b@company.com",
            "a@company.com;b@company.com",
            "a@company.com b@company.com",
            " a@company.com",
            "a@company.com ",
            "a@company.com\n",
            "a@company.com\r\nBcc: e@evil.com",
            "a\u{0}@company.com",
            "<a@company.com>",
            "A <a@company.com>",
            "a(x)@company.com",
            "a@company.com(x)",
            "\"a\"@company.com",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@company.com.",
            "a@.company.com",
            "a@company..com",
            "a@company",
            "a@-x.company.com",
            "a@x-.company.com",
            ".a@company.com",
            "a.@company.com",
            "a..b@company.com",
            "a%b@company.com",
            "a!b@company.com",
            "evil.com!a@company.com",
            "a=b@company.com",
            "a/b@company.com",
            "-oX@company.com",
            "mailto:a@company.com",
            "a@company.com?cc=e@evil.com",
            "a@company\u{3002}com",
            "\u{430}@company.com",
            "a@c\u{43e}mpany.com",
            "a@company.com\u{200b}",
            "a@\u{ff43}ompany.com",
            "a@company.com#",
            "a@company.com/x",
            "a@company_x.com",
            "a@company.com:25",
            "a@company.c0m\u{2019}",
            "a\u{2019}b@company.com",
        ] {
            check(&["company.com"], text, None);
            check(&[], text, None);
        }
        check(&[], &format!("{}@company.com", "a".repeat(64)), Some(true));
        check(&[], &format!("{}@company.com", "a".repeat(65)), None);
        check(&[], &format!("a@{}com", "x.".repeat(200)), None);
        check(&[], &format!("a@{}.com", "x".repeat(64)), None);
    }

    #[test]
    fn domains_of_policies() {
        for (text, expected) in [
            ("", DomainError::NotAName),
            ("company", DomainError::NotAName),
            ("company.com.", DomainError::NotAName),
            ("a.*.com", DomainError::Star),
            ("*company.com", DomainError::Star),
            ("*", DomainError::Star),
            ("*.com", DomainError::Star),
            ("größe.de", DomainError::NotAName),
            ("1.2.3.4", DomainError::NotAName),
        ] {
            assert_eq!(DomainPattern::parse(text), Err(expected), "{text}");
        }
        assert_eq!(
            DomainPattern::parse("Company.COM").unwrap().to_string(),
            "company.com"
        );
        assert_eq!(
            DomainPattern::parse("*.company.com").unwrap().to_string(),
            "*.company.com"
        );
    }
}
