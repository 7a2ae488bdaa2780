//! Which addresses and names are public.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 that are not public (IANA special-purpose registry), as address and length.
const RESERVED_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
    // Metadata of a cloud, at an address that is public elsewhere.
    ([168, 63, 129, 16], 32),
];

/// Blocks within the global unicast space of IPv6 that are not public, or hold IPv4 addresses.
const RESERVED_V6: &[([u16; 2], u32)] = &[
    ([0x2001, 0x0000], 23),
    ([0x2001, 0x0db8], 32),
    ([0x2002, 0x0000], 16),
    ([0x3fff, 0x0000], 20),
];

/// Domains of private networks; names below them are private, too.
const PRIVATE: &[&str] = &[
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "svc",
    "test",
];

/// Domains whose names resolve to whatever address stands in them, or to this machine.
const REBINDING: &[&str] = &[
    "1u.ms",
    "backname.io",
    "fuf.me",
    "ip6.name",
    "lacolhost.com",
    "local.gd",
    "localtest.me",
    "lvh.me",
    "nip.io",
    "rbndr.us",
    "sslip.io",
    "traefik.me",
    "vcap.me",
    "xip.io",
    "xip.name",
];

/// Whether everybody can reach `address`.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !RESERVED_V4.iter().any(|(start, length)| {
            same_start(address.to_bits(), Ipv4Addr::from(*start).to_bits(), *length)
        }),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Whether everybody can look `name` up and gets what its owner chose. No list is complete: the
/// address that is found has to be judged again by who connects.
pub(super) fn is_public_name(name: &str) -> bool {
    name.contains('.')
        && !PRIVATE
            .iter()
            .chain(REBINDING)
            .any(|domain| is_below(name, domain))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let start = u32::from(first) << 16 | u32::from(second);
    same_start(start, 0x2000_0000, 3)
        && !RESERVED_V6.iter().any(|([first, second], length)| {
            same_start(start, u32::from(*first) << 16 | u32::from(*second), *length)
        })
}

const fn same_start(one: u32, other: u32, length: u32) -> bool {
    (one ^ other).leading_zeros() >= length
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .is_some_and(|labels| labels.is_empty() || labels.ends_with('.'))
}
