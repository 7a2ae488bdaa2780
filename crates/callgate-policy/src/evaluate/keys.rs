//! The names of a call, as numbers of the index.

use callgate_types::{Caller, CallerNumbers, Context};

use super::list::List;
use crate::compile::{Compiled, Key};

/// By what the index is asked: one tool, several roles, a tenant, an environment.
#[derive(Clone, Debug)]
pub(crate) struct Keys<'a> {
    pub(crate) tool: u32,
    roles: Roles<'a>,
    pub(crate) caller_known: bool,
    pub(crate) tenant: Known,
    pub(crate) environment: Known,
}

#[derive(Clone, Debug)]
enum Roles<'a> {
    Kept(&'a [u32]),
    LookedUp(List<8>),
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing.
    Unknown,
    /// The name: its number, or that of names which stand in no rule.
    Name(u32),
}

impl Known {
    /// The number; where nothing is known one that stands for any.
    #[inline]
    pub(crate) const fn number(self) -> u32 {
        match self {
            Self::Unknown => Key::ANY,
            Self::Name(number) => number,
        }
    }
}

impl<'a> Keys<'a> {
    #[inline]
    pub(super) fn new(
        compiled: &Compiled,
        tool: u32,
        caller: &'a Caller,
        numbers: Option<&'a CallerNumbers>,
        context: &Context,
    ) -> Self {
        let (roles, tenant) = match numbers {
            Some(numbers) => {
                let tenant = numbers.tenant.map_or(Known::Unknown, Known::Name);
                (Roles::Kept(numbers.roles()), tenant)
            }
            None => (
                Roles::LookedUp(roles(compiled, caller)),
                tenant(compiled, caller),
            ),
        };
        Self {
            tool,
            roles,
            caller_known: caller.subject().is_some(),
            tenant,
            environment: known(context.environment_name(), |name| {
                compiled.environments().number(name)
            }),
        }
    }

    /// Empty for the unknown caller, too.
    #[inline]
    pub(crate) fn roles(&self) -> &[u32] {
        match &self.roles {
            Roles::Kept(roles) => roles,
            Roles::LookedUp(roles) => roles.as_slice(),
        }
    }
}

/// Fills in the roles and the tenant of `caller`; `None` where there are too many roles.
pub(crate) fn number(
    compiled: &Compiled,
    caller: &Caller,
    mut numbers: CallerNumbers,
) -> Option<CallerNumbers> {
    let roles = roles(compiled, caller);
    let roles = roles.as_slice();
    numbers.role_count = roles.len();
    numbers.roles.get_mut(..roles.len())?.copy_from_slice(roles);
    numbers.tenant = match tenant(compiled, caller) {
        Known::Unknown => None,
        Known::Name(number) => Some(number),
    };
    Some(numbers)
}

#[inline(never)]
fn roles(compiled: &Compiled, caller: &Caller) -> List<8> {
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
    roles
}

fn tenant(compiled: &Compiled, caller: &Caller) -> Known {
    known(caller.tenant(), |name| compiled.tenants().number(name))
}

#[inline]
fn known(name: Option<&str>, number: impl FnOnce(&str) -> Option<u32>) -> Known {
    name.map_or(Known::Unknown, |name| {
        Known::Name(number(name).unwrap_or(Key::FOREIGN))
    })
}
