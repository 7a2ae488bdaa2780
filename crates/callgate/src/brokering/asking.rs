//! What the broker is told of a call, and what the log is told of its answer.

use callgate_audit::CredentialIssuedRecord;
use callgate_identity::CredentialRequest;
use callgate_policy::document::ScopeDemand;
use callgate_types::{Code, Resource};
use chrono::TimeDelta;

use super::Lent;
use crate::held::{Counted, Held};

impl Held {
    /// The credential that the tool needs, once its record is where that of the call has to be;
    /// `None` where it needs none.
    ///
    /// # Errors
    ///
    /// Returns the code with which the call does not begin.
    pub(crate) fn borrow_credential(&self) -> Result<Option<Lent>, Code> {
        let Some(name) = &self.granted.credential else {
            return Ok(None);
        };
        let inner = self.watch.gate.inner();
        // No policy is in force that names a credential which nobody issues.
        let broker = inner.broker.as_ref().ok_or(Code::CredentialFailed)?;
        let request = self.request(name).ok_or(Code::CredentialFailed)?;
        let lent = broker.issue(&request)?;
        let credential = lent.credential();
        let (seq, now) = (self.granted.seq, inner.clock.now());
        let scopes: Vec<&str> = credential.scope_names().collect();
        let mut record =
            CredentialIssuedRecord::new(now, credential.id(), seq, credential.issuer());
        record.audience = credential.audience_name();
        record.scopes = &scopes;
        record.expires = Some(credential.expires());
        let durability = self.granted.durability;
        inner.ledger.credential_issued(&record, durability)?;
        Ok(Some(lent))
    }

    /// What the broker is asked for. `None` where a credential could live at no time.
    fn request(&self, name: &str) -> Option<CredentialRequest> {
        let (caller, call, context) = (&self.caller, &self.call, &self.context);
        let inner = self.watch.gate.inner();
        let decision = self.granted.seq;
        let now = inner.clock.now();
        let life = TimeDelta::from_std(inner.broker.as_ref()?.lives_at_most()).ok()?;
        let end = now.checked_add_signed(life)?;
        let task = self.granted.counted.as_ref().map(Counted::expires);
        let end = caller.expires().into_iter().chain(task).fold(end, Ord::min);
        let request = CredentialRequest::new(name, call.tool(), caller.clone(), decision, now, end);
        let request = request.within(context.session_id(), context.task_id());
        inner.current.with(|snapshot, _| {
            let tool = snapshot.policy().tool(call.tool())?;
            let arguments = call.arguments().ok()?;
            let bound = tool.bind_for(arguments, caller, context).ok()?;
            let (mut resources, mut unnamed) = (Vec::new(), false);
            for named in tool.resource_names(&bound) {
                match (context.resource_named(named), named.id) {
                    (Some(known), _) => resources.push(known.clone()),
                    (None, Some(id)) => resources.push(Resource::new(named.kind, id)),
                    (None, None) => unnamed = true,
                }
            }
            let request = request.on(resources, unnamed);
            Some(match tool.scope() {
                ScopeDemand::Scope(scope) => request.demanding(scope.clone()),
                _ => request,
            })
        })
    }
}
