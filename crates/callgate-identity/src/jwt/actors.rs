//! Who acts for the subject, as RFC 8693 nests it.

use callgate_types::{Caller, JsonKind, JsonRef, PrincipalId, PrincipalKind};

use super::claim_map::ClaimMap;
use crate::CredentialError;

/// The actors of a token, nearest to the subject first: the innermost `act` is the first actor, and
/// the outermost the one who shows the token.
pub(super) fn actors(
    claims: JsonRef<'_>,
    subject: &str,
    issuer: &str,
    map: &ClaimMap,
) -> Result<Vec<PrincipalId>, CredentialError> {
    let mut seen: Vec<&str> = Vec::new();
    let mut next = claims.get("act");
    while let Some(act) = next {
        if seen.len() >= Caller::MAX_ACTORS {
            return Err(CredentialError::TooManyActors);
        }
        let actor = named(act, issuer, CredentialError::BadActor)?;
        if actor == subject {
            return Err(CredentialError::ActorIsSubject);
        }
        if seen.contains(&actor) {
            return Err(CredentialError::ActorLoop);
        }
        seen.push(actor);
        next = act.get("act");
    }
    let ids = seen.iter().rev();
    ids.map(|actor| id(map, actor, CredentialError::BadActor))
        .collect()
}

/// The only one that may act for the subject, where the token says so.
pub(super) fn may_act(
    claims: JsonRef<'_>,
    issuer: &str,
    map: &ClaimMap,
) -> Result<Option<PrincipalId>, CredentialError> {
    let Some(claim) = claims.get("may_act") else {
        return Ok(None);
    };
    let actor = named(claim, issuer, CredentialError::BadMayAct)?;
    id(map, actor, CredentialError::BadMayAct).map(Some)
}

/// The subject of an `act` or `may_act`, which has to be of the same issuer.
fn named<'a>(
    claim: JsonRef<'a>,
    issuer: &str,
    fault: CredentialError,
) -> Result<&'a str, CredentialError> {
    if claim.kind() != JsonKind::Object {
        return Err(fault);
    }
    match claim.get("iss").map(JsonRef::as_str) {
        None => {}
        Some(Some(other)) if other == issuer => {}
        Some(Some(_)) => return Err(CredentialError::ActorOfOtherIssuer),
        Some(None) => return Err(fault),
    }
    claim.get("sub").and_then(JsonRef::as_str).ok_or(fault)
}

fn id(map: &ClaimMap, actor: &str, fault: CredentialError) -> Result<PrincipalId, CredentialError> {
    let kind: PrincipalKind = map.actor_kind_of();
    PrincipalId::new(kind, &format!("{}{actor}", map.prefix())).map_err(|_| fault)
}
