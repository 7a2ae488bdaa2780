//! What a gate records of one allowed call, for ours and for the floors.

use std::error::Error;

use callgate::audit::texts::{Salt, arguments_text};
use callgate::audit::{DecisionRecord, Durability, Head, Keep, Record};
use callgate::policy::Question;
use callgate::policy::document::Keeping;
use callgate::{RiskTier, Snapshot};
use callgate_types::{Factor, FactorSource};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::workload::Call;

/// What a gate records of one allowed call.
pub(super) struct Recorded {
    pub(super) parts: Parts,
    /// The finished line, its line feed included.
    pub(super) line: Vec<u8>,
    /// The same, for `serde_json`.
    pub(super) typed: Typed,
}

/// What the record is made of.
pub(super) struct Parts {
    pub(super) call: Call,
    tier: RiskTier,
    rule: String,
    matched: Vec<String>,
    policy: callgate::Digest,
    keep: Keep,
    /// The text that the record commits to.
    pub(super) committed: Option<String>,
}

impl Recorded {
    /// What is recorded of these calls.
    pub(super) fn all(snapshot: &Snapshot, calls: Vec<Call>) -> Result<Vec<Self>, Box<dyn Error>> {
        let calls = calls.into_iter();
        calls.map(|call| Self::new(snapshot, call)).collect()
    }

    fn new(snapshot: &Snapshot, call: Call) -> Result<Self, Box<dyn Error>> {
        let parts = Parts::new(snapshot, call)?;
        let (mut body, mut line) = (Vec::new(), Vec::new());
        parts.with_record(|record| record.encode(0, &mut body));
        // Somewhere in the middle of a log.
        let _end = Head::new(1_000, callgate::Digest::of(b"before")).link(&body, &mut line);
        let typed = serde_json::from_slice(&line)?;
        Ok(Self { parts, line, typed })
    }
}

impl Parts {
    fn new(snapshot: &Snapshot, call: Call) -> Result<Self, Box<dyn Error>> {
        let asked = &call.call;
        let tool = snapshot.policy().tool(asked.tool()).ok_or("no such tool")?;
        let arguments = asked.arguments().map_err(|_| "arguments were refused")?;
        let bound = tool.bind(arguments)?;
        let question = Question::new(tool, &call.caller, &call.context, &bound, &[]);
        let rules = snapshot.policy().judge(&question);
        let matched: Vec<String> = rules.permits().map(|rule| rule.id.to_string()).collect();
        let is_stated = tool.recording().arguments.is_some();
        let committed = (!is_stated).then(|| arguments_text(arguments, &[]));
        Ok(Self {
            tier: tool.tier(),
            rule: matched.first().cloned().ok_or("not permitted")?,
            matched,
            policy: snapshot.digest(),
            keep: match (tool.recording().arguments, &committed) {
                (_, Some(text)) => Keep::Commitment(SALT.commit_to(text)),
                (Some(Keeping::Text), None) => Keep::Text,
                _ => Keep::Digest,
            },
            committed,
            call,
        })
    }

    pub(super) fn with_record<R>(&self, run: impl FnOnce(&Record<'_>) -> R) -> R {
        let Call {
            caller,
            context,
            call,
        } = &self.call;
        let factors = [Factor::new(FactorSource::Tool, call.tool(), self.tier)];
        let (mut matched, mut count) = ([""; 2], 0_usize);
        for (place, id) in matched.iter_mut().zip(&self.matched) {
            *place = id;
            count = count.saturating_add(1);
        }
        let mut record = DecisionRecord::new(
            TIME,
            call,
            caller,
            context,
            callgate::DecisionKind::Allow,
            callgate::Code::Permitted,
            self.policy,
        );
        record.durability = if self.tier > RiskTier::ReadOnly {
            Durability::Durable
        } else {
            Durability::Accepted
        };
        record.arguments = self.keep;
        record.rule = Some(&self.rule);
        record.matched = matched.get(..count).unwrap_or_default();
        record.tier = Some(self.tier);
        record.factors = &factors;
        run(&Record::Decision(&record))
    }
}

/// As good as any, where nobody guesses.
pub(super) const SALT: Salt = Salt::from_bytes([7; 32]);

const TIME: DateTime<Utc> = DateTime::from_timestamp_nanos(1_790_000_000_123_456_000);

/// The same record as `serde_json` writes it: its texts and digests are at hand, the arguments a
/// `Value`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Typed {
    v: u32,
    kind: String,
    time: DateTime<Utc>,
    durable: u64,
    decision: String,
    code: String,
    rule: Option<String>,
    matched: Vec<String>,
    observed: bool,
    observed_rules: Vec<String>,
    tier: Option<String>,
    factors: Vec<TypedFactor>,
    friction: Option<Value>,
    obligations: Vec<String>,
    policy: String,
    durability: String,
    rejudges: Option<u64>,
    message: Option<String>,
    subject: Option<TypedPrincipal>,
    roles: Vec<String>,
    actors: Vec<TypedPrincipal>,
    tenant: Option<String>,
    caller_error: Option<String>,
    call: Option<String>,
    tool: String,
    call_error: Option<String>,
    definition: Option<String>,
    arguments: TypedArguments,
    resources: Vec<Value>,
    environment: Option<String>,
    session: Option<String>,
    task: Option<String>,
    trace: Option<String>,
    context_time: Option<DateTime<Utc>>,
    prompt: Option<Value>,
    facts: Vec<Value>,
    seq: u64,
    prev: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct TypedFactor {
    source: String,
    name: String,
    tier: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct TypedPrincipal {
    id: String,
    verified: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum TypedArguments {
    Text(Value),
    Digest(String),
    Commitment(String),
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use callgate::Gate;

    use super::*;
    use crate::workload::{Calls, Kind, Recording, Size, Workload};
    use crate::{RingSink, RingTexts};

    fn value(line: &[u8]) -> Value {
        serde_json::from_slice(line).unwrap()
    }

    /// What a gate has written, without what differs from call to call.
    fn written(line: &[u8]) -> Value {
        let mut value = value(line);
        let object = value.as_object_mut().unwrap();
        for key in ["time", "durable", "seq", "prev"] {
            object.remove(key).unwrap();
        }
        // No salt comes twice.
        if let Some(commitment) = value.pointer_mut("/arguments/commitment") {
            *commitment = commitment.as_str().unwrap().len().into();
        }
        value
    }

    #[test]
    fn the_floor_hashes_what_the_gate_writes() {
        for recording in [Recording::Text, Recording::Digest, Recording::Unstated] {
            let workload = Workload::new(Size::S1000, recording).unwrap();
            let calls = Calls::new(Size::S1000, Kind::Allowed).unwrap().ours;
            let recorded = Recorded::all(&workload.snapshot, calls).unwrap();
            let sink = Arc::new(RingSink::new());
            let gate = Gate::builder()
                .policy(workload.snapshot)
                .audit_shared(sink.clone())
                .texts(RingTexts::new())
                .build()
                .unwrap();
            for recorded in recorded {
                let typed = serde_json::to_vec(&recorded.typed).unwrap();
                assert_eq!(value(&typed), value(&recorded.line));
                let Call {
                    caller,
                    context,
                    call,
                } = recorded.parts.call;
                let answer = gate.authorize(&caller, call, &context);
                assert_eq!(answer.kind(), callgate::DecisionKind::Allow);
                let line = sink.last_line();
                assert_eq!(written(&line), written(&recorded.line));
                drop(answer);
            }
        }
    }
}
