//! A credential that is with a tool.

use callgate_identity::ToolCredential;

use super::{Brokering, Ended};

/// A credential that is lent to a call. However the call ends, it goes back: dropping it queues
/// that, and waits for nobody.
pub(crate) struct Lent {
    brokering: Brokering,
    ticket: u64,
    credential: ToolCredential,
    ended: Ended,
}

impl Lent {
    pub(super) const fn new(brokering: Brokering, ticket: u64, credential: ToolCredential) -> Self {
        Self {
            brokering,
            ticket,
            credential,
            ended: Ended::NotBegun,
        }
    }

    pub(crate) const fn credential(&self) -> &ToolCredential {
        &self.credential
    }

    /// The call has begun: whoever drops it from now on abandons it.
    pub(crate) const fn begin(&mut self) {
        self.ended = Ended::Abandoned;
    }

    /// The call has ended: takes the credential back, and waits for that a bounded time.
    pub(crate) fn give_back(mut self) {
        self.ended = Ended::Finished;
        let (brokering, ticket) = (self.brokering.clone(), self.ticket);
        drop(self);
        brokering.0.due.wait_for(ticket, brokering.0.within);
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.brokering.0.due.end(self.ticket, self.ended);
        self.brokering.work_off();
    }
}
