//! The matcher `email`.

use super::faults::Faults;
use super::fields::{Fields, shown, text};
use super::node::Node;
use crate::DiagnosticCode as Code;
use crate::document::email::{DomainPattern, EmailSpec};

/// Reads `email`.
pub(super) fn email(node: &Node<'_>, faults: &Faults<'_>) -> Option<EmailSpec> {
    let fields = Fields::of(node, "`email`", &["domains"], faults)?;
    fields.list("domains", "domains");
    let domains = fields.each("domains", "domains", |node| domain(node, faults));
    Some(EmailSpec::new(domains))
}

fn domain(node: &Node<'_>, faults: &Faults<'_>) -> Option<DomainPattern> {
    let written = text(node, "a domain", faults)?;
    let domain = DomainPattern::parse(written);
    if let Err(error) = &domain {
        let message = format!("`{}` {error}", shown(written));
        let help = "write a domain as in `example.com`, or `*.example.com` for those below it";
        faults.add_with_help(Code::BadName, node.span, message, help);
    }
    domain.ok()
}
