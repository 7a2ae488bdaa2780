//! Calls that come with a capability token.

use std::sync::Arc;

use callgate_approval::ApprovalId;
use callgate_identity::capability::{Grant, Possession, RevocationId, Use};
use callgate_identity::standing::Standing;
use callgate_types::{Caller, CallerError, Context, Digest, Principal, ResourceName, ToolCall};
use chrono::{DateTime, Utc};

use crate::gate::{Decision, Gate};
use crate::record::By;
use crate::snapshot::Snapshot;

impl Gate {
    /// As [`authorize`](Gate::authorize), for a caller that acts on the authority of `grant`: the
    /// call has to be as every block of the token demands, and then as the policy says.
    ///
    /// The tenant is the caller's, the task the context's, the resources are those that the
    /// arguments name by the catalogue, one without an id among them; `proofs` are of holders whose
    /// keys are at hand. A call that is not granted, or that is made on the authority of another
    /// subject than the grant's, is denied with `invalid_caller` and recorded with the code of the
    /// fault as the error of its caller.
    ///
    /// Whether the token was revoked is seen when it is
    /// [resolved](callgate_identity::capability::Grants::resolve): do that for each call. What was
    /// revoked through a [store](crate::GateBuilder::standing) of the gate's is seen here, too, and
    /// once more when the permit begins; so is the end of the token, and of its task.
    pub fn authorize_granted(
        &self,
        caller: &Caller,
        grant: &Arc<Grant>,
        proofs: &[Possession],
        call: ToolCall,
        context: &Context,
    ) -> Decision {
        let bond = Bond::new(grant, proofs);
        self.authorize_bound(bond, None, caller, call, context)
    }

    /// As [`resume`](Gate::resume), of a call that was asked about with `grant`: the same token has to
    /// grant it still, and no other.
    pub fn resume_granted(
        &self,
        id: ApprovalId,
        caller: &Caller,
        grant: &Arc<Grant>,
        proofs: &[Possession],
        call: ToolCall,
        context: &Context,
    ) -> Decision {
        let bond = Bond::new(grant, proofs);
        self.authorize_bound(bond, Some(id), caller, call, context)
    }

    fn authorize_bound(
        &self,
        bond: Bond,
        resumed: Option<ApprovalId>,
        caller: &Caller,
        call: ToolCall,
        context: &Context,
    ) -> Decision {
        if let Err(error) = bond.check(self, caller, &call, context) {
            return self.authorize(&Caller::refused(error), call, context);
        }
        let before = self.0.current.version();
        let by = By {
            resumed,
            authority: self.0.consent.as_ref().map(|_| bond.digest()),
        };
        let decision = self.authorize_by(by, caller, call.clone(), context);
        // By a policy that came in between, the arguments may name other resources.
        if self.0.current.version() != before
            && let Err(error) = bond.check(self, caller, &call, context)
        {
            drop(decision);
            return self.authorize(&Caller::refused(error), call, context);
        }
        match decision {
            Decision::Allow(mut permit) => {
                permit.bind(bond);
                Decision::Allow(permit)
            }
            other => other,
        }
    }
}

/// What binds a call to a token.
pub(crate) struct Bond {
    grant: Arc<Grant>,
    proofs: Box<[Possession]>,
}

impl Bond {
    fn new(grant: &Arc<Grant>, proofs: &[Possession]) -> Self {
        Self {
            grant: Arc::clone(grant),
            proofs: proofs.into(),
        }
    }

    /// Tells the token from all others: each of its blocks is signed with a key of its own.
    fn digest(&self) -> Digest {
        let ids = self.grant.revocation_ids().iter();
        let ids: Vec<String> = ids.map(ToString::to_string).collect();
        Digest::of(ids.join("\n").as_bytes())
    }

    /// Checks that the token grants the call as it is now: by the time and the policy of now, and by
    /// what was revoked until now.
    pub(crate) fn check(
        &self,
        gate: &Gate,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
    ) -> Result<(), CallerError> {
        let asked = Asked {
            caller,
            call,
            context,
            proofs: &self.proofs,
            now: gate.0.clock.now(),
        };
        gate.0.current.with_standing(|snapshot, _, standing| {
            if let Some(standing) = standing {
                is_in_force(&self.grant, standing)?;
            }
            asked.is_granted(&self.grant, snapshot)
        })
    }
}

struct Asked<'a> {
    caller: &'a Caller,
    call: &'a ToolCall,
    context: &'a Context,
    proofs: &'a [Possession],
    now: DateTime<Utc>,
}

impl Asked<'_> {
    fn is_granted(&self, grant: &Grant, snapshot: &Snapshot) -> Result<(), CallerError> {
        let unacceptable = self.call.fault().is_some() || self.call.arguments().is_err();
        if unacceptable || self.caller.refusal().is_some() {
            // Denied for that, with a code of its own.
            return Ok(());
        }
        let subject = self.caller.subject().map(Principal::id);
        if subject != Some(grant.subject()) {
            let code = "other_subject";
            return Err(CallerError::Credential { code });
        }
        snapshot.naming(self.caller, self.call, self.context, |names| {
            let mut asked = Use::new(self.call, self.now)
                .naming(names)
                .proved_by(self.proofs);
            if let Some(tenant) = self.caller.tenant() {
                asked = asked.in_tenant(tenant);
            }
            if let Some(task) = self.context.task_id() {
                asked = asked.for_task(task);
            }
            Ok(grant.allows(&asked)?)
        })
    }
}

/// Refuses a token of which any block was revoked.
fn is_in_force(grant: &Grant, standing: &Standing) -> Result<(), CallerError> {
    let mut ids = grant.revocation_ids().iter();
    let revoked = |id: &RevocationId| standing.is_token_revoked(grant.tenant(), &id.to_string());
    if standing.revokes_tokens() && ids.any(revoked) {
        let code = "revoked";
        return Err(CallerError::Credential { code });
    }
    Ok(())
}

impl Snapshot {
    /// Hands all resources that the arguments name to `look`, those of which no argument gives
    /// the id among them. A call that is not acceptable names none, and is denied for that.
    fn naming<T>(
        &self,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
        look: impl FnOnce(&[ResourceName<'_>]) -> T,
    ) -> T {
        let tool = self.policy().tool(call.tool());
        let bound = tool.and_then(|tool| {
            let arguments = call.arguments().ok()?;
            Some((tool, tool.bind_for(arguments, caller, context).ok()?))
        });
        match bound {
            None => look(&[]),
            Some((tool, bound)) => {
                let names: Vec<ResourceName<'_>> = tool.resource_names(&bound).collect();
                look(&names)
            }
        }
    }
}
