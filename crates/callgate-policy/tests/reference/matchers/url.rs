//! URLs: section "URLs" of the specification.
//!
//! Written without a parser for URLs: what is understood is so plain that it can be read as it
//! stands.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use callgate_policy::document::url::{UrlPath, UrlPorts, UrlScheme, UrlSpec};

use super::email::is_in;
use super::expression;
use super::path::{decoded_text, folded};

/// Blocks of IPv4 that are not public.
const PRIVATE_4: &[&str] = &[
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/3",
];
/// Blocks within `2000::/3` that are not.
const PRIVATE_6: &[&str] = &["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
/// Domains that are private, or stand for any address; those that calls of the reference name.
const PRIVATE_NAMES: &[&str] = &["internal", "localhost", "local", "nip.io"];

pub(super) fn admits(spec: &UrlSpec, text: &str) -> Option<bool> {
    let (scheme, rest, own_port) = match text.split_once("://")? {
        ("http", rest) => (UrlScheme::Http, rest, 80),
        ("https", rest) => (UrlScheme::Https, rest, 443),
        _ => return None,
    };
    let before = rest.split(['?', '#']).next()?;
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if text.len() > 8192 || before.contains(is_odd) || text.contains(|c: char| c.is_ascii_control()) {
        return None;
    }
    let end = before.find('/').unwrap_or(before.len());
    let (authority, path) = before.split_at(end);
    let (host, port) = match authority.rsplit_once(':') {
        // A colon of an IPv6 address.
        Some((_, after)) if after.contains(']') => (authority, own_port),
        Some((host, port)) => {
            (host, port.parse::<u16>().ok().filter(|number| *number > 0 && number.to_string() == port)?)
        }
        None => (authority, own_port),
    };
    let is_public = public(host)?;
    let at_path = spec.path.as_ref().map_or(Some(true), |asked| path_admits(asked, path))?;
    let at_port = match &spec.ports {
        UrlPorts::Default => port == own_port,
        UrlPorts::Any => true,
        UrlPorts::These(ports) => ports.iter().any(|one| one.get() == port),
        other => panic!("ports that the reference does not know: {other:?}"),
    };
    let at_host = spec.hosts.is_empty() || spec.hosts.iter().any(|one| is_in(&one.to_string(), host));
    Some(spec.schemes.contains(&scheme) && at_port && at_host && at_path && (!spec.public || is_public))
}

/// Whether a host is public; `None` where it is not written as everybody writes it.
fn public(host: &str) -> Option<bool> {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        let address: Ipv6Addr = inner.parse().ok()?;
        let is_public = in_block("2000::/3", address) && !PRIVATE_6.iter().any(|block| in_block(block, address));
        return (shortest(address) == inner).then_some(is_public);
    }
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Some(!PRIVATE_4.iter().any(|block| in_block(block, address)));
    }
    let label = "([A-Za-z0-9]([A-Za-z0-9\\-]*[A-Za-z0-9])?)";
    let last = "([A-Za-z]([A-Za-z0-9\\-]*[A-Za-z0-9])?)";
    let is_private = |name: &&str| *name == host || host.ends_with(&format!(".{name}"));
    let is_public = host.contains('.') && !PRIVATE_NAMES.iter().any(is_private) && host.to_ascii_lowercase() == host;
    expression::matches(&format!("({label}\\.)*{last}"), host).then_some(is_public)
}

fn in_block(block: &str, address: impl Into<IpAddr>) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let (start, length) = block.split_once('/').unwrap();
    let rest = 128 - length.parse::<u32>().unwrap();
    bits(start.parse().unwrap()) >> rest == bits(address.into()) >> rest
}

/// An address as URLs write it: the first longest run of at least two zeros left out, no dots.
fn shortest(address: Ipv6Addr) -> String {
    let all = address.segments();
    let runs = (0..8).flat_map(|from| (from + 2..=8).map(move |to| (from, to)));
    let zeros = runs.filter(|(from, to)| all[*from..*to].iter().all(|one| *one == 0));
    let longest = zeros.max_by_key(|(from, to)| (to - from, 8 - from));
    let hex = |part: &[u16]| part.iter().map(|one| format!("{one:x}")).collect::<Vec<_>>().join(":");
    longest.map_or_else(|| hex(&all), |(from, to)| format!("{}::{}", hex(&all[..from]), hex(&all[to..])))
}

fn path_admits(asked: &UrlPath, written: &str) -> Option<bool> {
    let known = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,=:@%;/".contains(c);
    assert!(written.chars().all(known), "a path that the reference does not know: {written}");
    for after in written.split('%').skip(1) {
        let code = u8::from_str_radix(after.get(..2)?, 16).ok()?;
        if code.is_ascii_control() || b"%/\\\xc0\xc1".contains(&code) {
            return None;
        }
    }
    let segments = undotted(written.strip_prefix('/').unwrap_or_default());
    let (under, deny): (Vec<_>, Vec<_>) = (asked.under().collect(), asked.deny().collect());
    let count = |path: &String| path.matches('/').count();
    let deciding = under.iter().map(|path| count(path) + 1).chain(deny.iter().map(count)).max().unwrap_or(0);
    let inner = &segments[..segments.len() - 1];
    if inner.iter().any(String::is_empty) || segments.iter().take(deciding).any(|one| one.contains(';')) {
        return None;
    }
    let starts = |path: &String, spelled: fn(&str) -> String| {
        let wanted: Vec<&str> = path.split('/').skip(1).collect();
        segments.len() >= wanted.len() && wanted.iter().zip(&segments).all(|(one, other)| *one == spelled(other))
    };
    let goes_on = |path: &String| segments.get(count(path)).is_some_and(|next| !next.is_empty());
    let is_under = under.is_empty() || under.iter().any(|path| starts(path, str::to_owned) && goes_on(path));
    Some(is_under && !deny.iter().any(|path| starts(path, |segment| folded(&decoded_text(segment)))))
}

/// The segments of a path after `.` and `..` are undone, which may be written `%2e`.
fn undotted(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        match &*part.to_ascii_lowercase().replace("%2e", ".") {
            "." => {}
            ".." => drop(segments.pop()),
            _ => {
                segments.push(part.to_owned());
                continue;
            }
        }
        if is_last {
            segments.push(String::new());
        }
    }
    segments
}
