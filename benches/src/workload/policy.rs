//! The text of a policy.

use std::fmt::Write as _;

/// How many entries: tenants × roles × tools × 2 environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many tenants.
    pub tenants: u32,
    /// How many tenants one permit names.
    pub tenants_a_permit: u32,
    /// How many roles that have permits.
    pub roles: u32,
    /// How many tools.
    pub tools: u32,
}

impl Size {
    /// 10 entries.
    pub const S10: Self = Self::new(1, 1, 1, 5);
    /// 1 000 entries.
    pub const S1000: Self = Self::new(5, 1, 5, 20);
    /// 10 000 entries.
    pub const S10000: Self = Self::new(20, 1, 10, 25);
    /// 100 000 entries.
    pub const S100000: Self = Self::new(100, 10, 10, 50);

    const fn new(tenants: u32, tenants_a_permit: u32, roles: u32, tools: u32) -> Self {
        Self {
            tenants,
            tenants_a_permit,
            roles,
            tools,
        }
    }
}

/// What the log keeps of arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// The text.
    Text,
    /// The digest of the canonical form.
    Digest,
    /// What a gate with a store for clear texts keeps where the policy says nothing: a commitment.
    Unstated,
}

/// Rules beside the one permit that a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Further {
    /// Permits with a limit of their own, of which every fourth one matches.
    Permits,
    /// Forbids with a bound of their own, of which none matches.
    Forbids,
}

impl Further {
    const fn effect(self) -> &'static str {
        match self {
            Self::Permits => "permit",
            Self::Forbids => "forbid",
        }
    }
}

/// The environments in which there are entries.
pub(super) const ENVIRONMENTS: [&str; 2] = ["prod", "staging"];

/// The currencies that calls of tool number `tool` may name.
pub(super) fn currencies(tool: u32) -> [&'static str; 3] {
    match tool % 3 {
        0 => ["EUR", "USD", "GBP"],
        1 => ["USD", "CAD", "EUR"],
        _ => ["EUR", "CHF", "SEK"],
    }
}

/// The largest amount that an entry allows, in cents: the same for the tenants of one permit.
pub(super) fn limit(size: Size, tenant: u32, role: u32, tool: u32, environment: u32) -> u32 {
    let group = tenant.checked_div(size.tenants_a_permit).unwrap_or(0);
    [7, 31, 131, 517]
        .into_iter()
        .zip([group, role, tool, environment])
        .fold(0_u32, |sum, (factor, number)| {
            sum.wrapping_add(number.wrapping_mul(factor))
        })
        .wrapping_rem(90_000)
        .wrapping_add(10_000)
}

pub(super) fn tenant_name(tenant: u32) -> String {
    format!("tenant-{tenant:03}")
}

pub(super) fn role_name(role: u32) -> String {
    format!("support-{role:02}")
}

pub(super) fn tool_name(tool: u32) -> String {
    format!("adjust_billing_{tool:02}")
}

/// What precedes the date in an account's id; tools differ.
pub(super) fn prefix(tool: u32) -> &'static str {
    match tool % 3 {
        0 => "acct",
        1 => "bill",
        _ => "cust",
    }
}

pub(super) fn text(size: Size, recording: Recording) -> String {
    let mut out = String::from(HEAD);
    for role in 0..size.roles {
        line(&mut out, format_args!("{} = {HOLDS}", role_name(role)));
    }
    for tool in 0..size.tools {
        push_tool(&mut out, tool, recording);
    }
    out.push_str(SELDOM);
    let groups = size.tenants.checked_div(size.tenants_a_permit).unwrap_or(0);
    for group in 0..groups {
        for role in 0..size.roles {
            for tool in 0..size.tools {
                for environment in 0..2 {
                    push_permit(&mut out, size, [group, role, tool, environment]);
                }
            }
        }
    }
    out
}

/// The policy of 10 entries, with further rules that are candidates wherever its permits are.
pub(super) fn further_text(further: Further, count: u32) -> String {
    let size = Size::S10;
    let mut out = text(size, Recording::Text);
    for tool in 0..size.tools {
        for environment in 0..2 {
            for number in 0..count {
                // No call asks for less than 1, or for 100 and more.
                let bound = match further {
                    Further::Permits if number % 4 == 3 => format!("at_most = \"1{number:02}\""),
                    Further::Permits => format!("at_most = \"0.{number:02}\""),
                    Further::Forbids => format!("above = \"1{number:02}\""),
                };
                let id = format!("further-{tool:02}-{environment}-{number:02}");
                let effect = further.effect();
                push_rule(
                    &mut out,
                    &id,
                    effect,
                    size,
                    [0, 0, tool, environment],
                    &bound,
                );
            }
        }
    }
    out
}

fn push_tool(out: &mut String, tool: u32, recording: Recording) {
    let (access, scope, tier) = match tool % 5 {
        0..=2 => ("read", "billing:read", "read-only"),
        3 => ("write", "billing:adjust", "bounded-write"),
        _ => ("write", "billing:close", "privileged"),
    };
    let record = match recording {
        Recording::Text => Some("text"),
        Recording::Digest => Some("digest"),
        Recording::Unstated => None,
    };
    let name = tool_name(tool);
    line(out, format_args!("[tools.{name}]"));
    line(out, format_args!("access = \"{access}\""));
    line(out, format_args!("scope = \"{scope}\""));
    line(out, format_args!("tier = \"{tier}\""));
    if let Some(record) = record {
        line(out, format_args!("record = {{ arguments = \"{record}\" }}"));
    }
    line(out, format_args!("[tools.{name}.arguments]{ARGUMENTS}"));
}

fn push_permit(out: &mut String, size: Size, [group, role, tool, environment]: [u32; 4]) {
    let first = group.wrapping_mul(size.tenants_a_permit);
    let (whole, cents) = split(limit(size, first, role, tool, environment));
    let id = format!("permit-{group:03}-{role:02}-{tool:02}-{environment}");
    let bound = format!("at_most = \"{whole}.{cents:02}\"");
    push_rule(
        out,
        &id,
        "permit",
        size,
        [first, role, tool, environment],
        &bound,
    );
}

/// A rule about calls of these tenants (from the first one on), role, tool and environment, with
/// five conditions.
fn push_rule(
    out: &mut String,
    id: &str,
    effect: &str,
    size: Size,
    [first, role, tool, environment]: [u32; 4],
    bound: &str,
) {
    let tenants: Vec<String> = (first..first.wrapping_add(size.tenants_a_permit))
        .map(|tenant| format!("\"{}\"", tenant_name(tenant)))
        .collect();
    let environment = ENVIRONMENTS.get(environment as usize).unwrap_or(&"prod");
    line(out, format_args!("[[rules]]"));
    line(out, format_args!("id = \"{id}\""));
    line(out, format_args!("effect = \"{effect}\""));
    line(out, format_args!("roles = [\"{}\"]", role_name(role)));
    line(out, format_args!("tools = [\"{}\"]", tool_name(tool)));
    line(out, format_args!("tenants = [{}]", tenants.join(", ")));
    line(out, format_args!("environments = [\"{environment}\"]"));
    line(out, format_args!("[rules.when]"));
    let prefix = prefix(tool);
    line(
        out,
        format_args!(
            "\"arguments/account/id\" = {{ matches = \"{prefix}-[0-9]{{4}}-[0-9a-f]{{8}}-[a-z0-9]{{16,24}}\" }}"
        ),
    );
    line(
        out,
        format_args!(
            "\"arguments/account/tenant\" = {{ equals = {{ fact = \"caller/tenant\" }} }}"
        ),
    );
    line(
        out,
        format_args!("\"arguments/amount/value\" = {{ decimal = {{ {bound} }} }}"),
    );
    let [one, two, three] = currencies(tool);
    line(
        out,
        format_args!(
            "\"arguments/amount/currency\" = {{ one_of = [\"{one}\", \"{two}\", \"{three}\"] }}"
        ),
    );
    line(
        out,
        format_args!("\"arguments/note\" = {{ length = {{ max = 200 }} }}"),
    );
}

const fn split(cents: u32) -> (u32, u32) {
    (cents / 100, cents % 100)
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // A `String` takes whatever it is given.
    let _written = out.write_fmt(text);
    out.push('\n');
}

const HOLDS: &str = r#"{ scopes = ["billing:read", "billing:adjust", "billing:close"] }"#;

const HEAD: &str = r#"format = 1
name = "workload"

[friction.privileged]

[actors.support-bot]
scopes = ["ticket:read", "billing:read", "billing:adjust", "billing:close"]

[roles]
auditor = { scopes = ["billing:read"] }
guest = { scopes = ["billing:read", "billing:adjust", "billing:close"] }
"#;

const ARGUMENTS: &str = r#"
"/account/id" = { text = { max_chars = 64 } }
"/account/tenant" = { text = { max_chars = 64 } }
"/amount/value" = { decimal = { above = "0", scale = 2 } }
"/amount/currency" = { text = { max_chars = 3 } }
"/note" = { text = { max_chars = 500 } }
"/ticket" = { integer = { at_least = 1 }, optional = true }
"#;

/// Looked up in every call, found in none of them but the raise.
const SELDOM: &str = r#"
[[raise]]
id = "very-large"
to = "privileged"
when = { "arguments/amount/value" = { decimal = { above = "100000" } } }

[[rules]]
id = "frozen"
effect = "forbid"
environments = ["frozen"]

[[rules]]
id = "closed-tenant"
effect = "forbid"
tenants = ["tenant-closed"]

[[rules]]
id = "auditors-read"
effect = "forbid"
roles = ["auditor"]
environments = ["frozen"]

[[rules]]
id = "rehearsal"
effect = "ask"
tools = ["adjust_billing_00"]
environments = ["rehearsal"]
"#;
