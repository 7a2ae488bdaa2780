//! The names of a call, as numbers of the index.

use callgate_types::{Caller, Context};

use super::list::List;
use crate::compile::{Compiled, Key};

/// By what the index is asked: one tool, several roles, a tenant, an environment.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) tool: u32,
    /// Empty for the unknown caller, too.
    pub(crate) roles: List,
    pub(crate) caller_known: bool,
    pub(crate) tenant: Known,
    pub(crate) environment: Known,
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing.
    Unknown,
    /// The name: its number, or that of names which stand in no rule.
    Name(u32),
}

impl Keys {
    pub(super) fn new(compiled: &Compiled, tool: u32, caller: &Caller, context: &Context) -> Self {
        let mut roles = List::EMPTY;
        if compiled.has_role_keys() {
            let mut foreign = false;
            for role in caller.roles() {
                match compiled.roles().number(role) {
                    Some(number) => roles.push(number),
                    None => foreign = true,
                }
            }
            if foreign {
                roles.push(Key::FOREIGN);
            }
        }
        Self {
            tool,
            roles,
            caller_known: caller.subject().is_some(),
            tenant: known(caller.tenant(), |name| compiled.tenants().number(name)),
            environment: known(context.environment_name(), |name| {
                compiled.environments().number(name)
            }),
        }
    }
}

fn known(name: Option<&str>, number: impl FnOnce(&str) -> Option<u32>) -> Known {
    name.map_or(Known::Unknown, |name| {
        Known::Name(number(name).unwrap_or(Key::FOREIGN))
    })
}
