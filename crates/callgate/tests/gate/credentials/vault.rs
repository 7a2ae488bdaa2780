//! A broker that does as it is told, and a gate that has it.

use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use callgate::{
    BrokerError, Context, CredentialBroker, CredentialRequest, Gate, NotBegun, Secret,
    ToolCredential,
};
use chrono::{DateTime, Utc};

use super::SECRET;
use crate::support::{Faulty, alice, allowed, builder, change, context};

pub(super) fn policy() -> String {
    crate::support::POLICY.replace(
        "access = \"write\"\n",
        "access = \"write\"\ncredential = \"accounts\"\n",
    )
}

/// What the broker does with requests, or with what it is to take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Well,
    Refuses,
    Fails,
    Panics,
    /// Answers when it is let go.
    Waits,
    ShortSecret,
    ShowsSecret,
    NoName,
    LivesLong,
    Ended,
}

pub(super) struct Vault {
    issue: Mutex<Way>,
    revoke: Mutex<Way>,
    asked: Mutex<Vec<CredentialRequest>>,
    revoked: Mutex<Vec<String>>,
    go: (Mutex<bool>, Condvar),
    /// Called when a credential is asked for.
    pub(super) meanwhile: Mutex<Box<dyn Fn() + Send>>,
}

#[derive(Clone)]
pub(super) struct Broker(pub(super) Arc<Vault>);

impl Broker {
    pub(super) fn new() -> Self {
        Self(Arc::new(Vault {
            issue: Mutex::new(Way::Well),
            revoke: Mutex::new(Way::Well),
            asked: Mutex::default(),
            revoked: Mutex::default(),
            go: (Mutex::new(false), Condvar::new()),
            meanwhile: Mutex::new(Box::new(|| ())),
        }))
    }

    pub(super) fn issues(&self, way: Way) {
        *self.0.issue.lock().unwrap() = way;
    }

    pub(super) fn takes_back(&self, way: Way) {
        *self.0.revoke.lock().unwrap() = way;
    }

    pub(super) fn let_go(&self) {
        *self.0.go.0.lock().unwrap() = true;
        self.0.go.1.notify_all();
    }

    fn wait(&self) {
        let guard = self.0.go.0.lock().unwrap();
        let went = self.0.go.1.wait_while(guard, |go| !*go);
        drop(went.unwrap());
    }

    pub(super) fn asked(&self) -> Vec<CredentialRequest> {
        self.0.asked.lock().unwrap().clone()
    }

    pub(super) fn revoked(&self) -> Vec<String> {
        self.0.revoked.lock().unwrap().clone()
    }

    /// Waits until so many were revoked; fails after a while.
    #[track_caller]
    pub(super) fn revoked_in_time(&self, count: usize) {
        let begun = Instant::now();
        while self.revoked().len() < count {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{:?}",
                self.revoked()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(self.revoked().len(), count);
    }
}

impl CredentialBroker for Broker {
    fn knows(&self, credential: &str) -> bool {
        assert_ne!(credential, "that panics");
        credential == "accounts" || credential == "other"
    }

    fn issue(&self, request: &CredentialRequest) -> Result<ToolCredential, BrokerError> {
        self.0.asked.lock().unwrap().push(request.clone());
        (self.0.meanwhile.lock().unwrap())();
        let id = format!("c-{}", request.decision());
        let sound = |id: &str, secret: &str, end: DateTime<Utc>| {
            let secret = Secret::new(secret.to_owned());
            let credential = ToolCredential::new(id, "vault", secret, end);
            Ok(credential.audience("accounts.example").scopes(["change"]))
        };
        let way = *self.0.issue.lock().unwrap();
        match way {
            Way::Refuses => return Err(BrokerError::Refused),
            Way::Fails => return Err(BrokerError::Failed),
            Way::Panics => panic!("the broker panics, as it was told to"),
            Way::Waits => self.wait(),
            _ => {}
        }
        match way {
            Way::ShortSecret => sound(&id, "short", request.expires()),
            Way::ShowsSecret => sound(&format!("{id} {SECRET}"), SECRET, request.expires()),
            Way::NoName => sound("", SECRET, request.expires()),
            Way::LivesLong => sound(&id, SECRET, DateTime::<Utc>::MAX_UTC),
            Way::Ended => sound(&id, SECRET, request.now()),
            _ => sound(&id, SECRET, request.expires()),
        }
    }

    fn revoke(&self, id: &str) -> Result<(), BrokerError> {
        let way = *self.0.revoke.lock().unwrap();
        match way {
            Way::Panics => panic!("the broker panics, as it was told to"),
            Way::Fails => return Err(BrokerError::Failed),
            Way::Waits => self.wait(),
            _ => {}
        }
        self.0.revoked.lock().unwrap().push(id.to_owned());
        Ok(())
    }
}

pub(super) fn gate(sink: &Arc<Faulty>, broker: &Broker) -> Gate {
    waiting(sink, broker, Duration::from_secs(60))
}

pub(super) fn waiting(sink: &Arc<Faulty>, broker: &Broker, deadline: Duration) -> Gate {
    let gate = builder(&policy(), sink.clone()).broker(broker.clone());
    gate.broker_deadline(deadline).build().unwrap()
}

pub(super) fn begun(gate: &Gate, context: &Context) -> callgate::Running {
    let permit = allowed(gate.authorize(&alice(), change(), context));
    permit.begin().unwrap()
}

#[track_caller]
pub(super) fn not_begun(gate: &Gate) -> NotBegun {
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    permit.begin().unwrap_err()
}
