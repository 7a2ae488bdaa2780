//! Who calls, as records of decisions hold it.

use callgate_types::Caller;

use super::extent::Extent;
use super::write::{display_or_null, write_actors, write_subject};
use crate::encode::{Object, push_name};

/// What is written of a caller, once it was written; nothing where it is too long to be kept.
///
/// Nobody else can name this type, so nobody else can say what is written.
struct Written(Option<Box<[u8]>>);

impl Written {
    /// Most bytes that are kept with a caller.
    const MOST: usize = 4 << 10;

    fn of(caller: &Caller) -> Self {
        let mut out = Vec::new();
        write_anew(&mut Object::resume(&mut out), Extent::Whole, caller);
        Self((out.len() <= Self::MOST).then(|| out.into()))
    }
}

/// Writes all that a decision says of its caller. The same callers call over and over: what was
/// written of one stays with it.
#[inline]
pub(super) fn write_caller(object: &mut Object<'_>, extent: Extent, caller: &Caller) {
    let written = match extent {
        Extent::Whole => caller.worked_out(|| Written::of(caller)),
        Extent::Digests | Extent::Brief => None,
    };
    match written.and_then(|written| written.0.as_deref()) {
        Some(members) => object.out().extend_from_slice(members),
        None => write_anew(object, extent, caller),
    }
}

fn write_anew(object: &mut Object<'_>, extent: Extent, caller: &Caller) {
    write_subject(object, extent, caller);
    let roles = caller.roles();
    object.list("roles", extent.items(), roles, push_name);
    write_actors(object, extent, caller);
    object.name("tenant", caller.tenant());
    display_or_null(object, "caller_error", caller.refusal());
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::Principal;

    fn caller(roles: usize) -> Caller {
        let roles = (0..roles).map(|number| format!("role-{number}-of-many"));
        let alice = Principal::asserted("user:alice".parse().unwrap()).member_of("acme", roles);
        let bot = Principal::asserted("agent:bot".parse().unwrap());
        Caller::of(alice).acting(bot).in_tenant("acme").unwrap()
    }

    fn written(caller: &Caller) -> Vec<u8> {
        let mut out = Vec::new();
        write_caller(&mut Object::resume(&mut out), Extent::Whole, caller);
        out
    }

    #[test]
    fn the_same_whether_or_not_it_is_kept() {
        for roles in [0, 1, 3, 250, 300] {
            let (kept, other) = (caller(roles), caller(roles));
            let first = written(&kept);
            assert_eq!(written(&kept), first, "{roles} roles");
            other.worked_out(|| "something else").unwrap();
            assert_eq!(written(&other), first, "{roles} roles");
            let is_kept = kept.worked_out(|| Written(None)).unwrap().0.is_some();
            assert_eq!(is_kept, first.len() <= Written::MOST, "{roles} roles");
        }
    }
}
