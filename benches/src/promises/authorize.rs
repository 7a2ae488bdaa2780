//! Authorizing, and recording.

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use callgate::audit::{Ask, DecisionRecord, Durability, Head, Journal, Keep, Record};
use callgate::policy::Question;
use callgate::{Decision, Gate, RiskTier, Snapshot};
use callgate_types::{Factor, FactorSource};
use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::{Block, Promise, Sides, each};
use crate::RingSink;
use crate::workload::{Call, Calls, Kind, Recording, Size, Workload};

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("authorize", || authorize(Recording::Text)).at_most(2.0),
        Promise::new("authorize/digest", || authorize(Recording::Digest)).at_most(2.0),
        Promise::new("record", record),
    ]
}

/// From parsed arguments to the permit, the record in a sink; against its parts.
fn authorize(recording: Recording) -> Result<Sides, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let (ours, floor) = (calls.clone(), calls);
    let parts = Workload::new(Size::S1000, recording)?;
    let gate = Gate::builder()
        .policy(Workload::new(Size::S1000, recording)?.snapshot)
        .audit(RingSink::new())
        .build()?;
    Ok(Sides::new(
        authorizing(gate, ours),
        decide_encode_hash(parts, floor)?,
    ))
}

/// `authorize` takes its call: copies are made before the clock starts, and the permits are used
/// up after it has stopped.
fn authorizing(gate: Gate, calls: Vec<Call>) -> Block {
    let mut answers: Vec<Decision> = Vec::with_capacity(calls.len());
    Box::new(move |meter| {
        let mut batch: Vec<_> = calls.iter().map(|call| Some(call.call.clone())).collect();
        meter.measure(calls.len(), &mut || {
            for (asked, call) in calls.iter().zip(&mut batch) {
                if let Some(call) = call.take() {
                    let answer = gate.authorize(&asked.caller, black_box(call), &asked.context);
                    answers.push(black_box(answer));
                }
            }
        });
        for answer in answers.drain(..) {
            if let Decision::Allow(permit) = answer {
                drop(permit.run(|_| Ok::<_, Infallible>(())));
            }
        }
    })
}

fn decide_encode_hash(workload: Workload, calls: Vec<Call>) -> Result<Block, Box<dyn Error>> {
    let recorded: Vec<Recorded> = calls
        .into_iter()
        .map(|call| Recorded::new(&workload.snapshot, call))
        .collect::<Result<_, _>>()?;
    let mut body = Vec::with_capacity(4096);
    Ok(each(recorded, move |recorded: &Recorded| {
        let Call {
            caller,
            context,
            call,
        } = black_box(&recorded.call);
        black_box(workload.snapshot.judge(caller, call, context));
        recorded.with_record(|record| record.encode(black_box(0), &mut body));
        black_box(&body);
        black_box(Sha256::digest(black_box(&recorded.line)));
    }))
}

/// Encoding a record, linking it, putting it into a sink; against hashing its line and copying it.
fn record() -> Result<Sides, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let workload = Workload::new(Size::S1000, Recording::Text)?;
    let recorded = || {
        let calls = calls.iter().cloned();
        calls
            .map(|call| Recorded::new(&workload.snapshot, call))
            .collect::<Result<Vec<_>, _>>()
    };
    let journal = Journal::open(Arc::new(RingSink::new()))?;
    let ask = Ask::new(Durability::Accepted, Duration::from_secs(5));
    let mut log: Vec<u8> = Vec::with_capacity(4096);
    Ok(Sides::new(
        each(recorded()?, move |recorded: &Recorded| {
            recorded.with_record(|record| {
                drop(black_box(journal.append(black_box(record), ask)));
            });
        }),
        each(recorded()?, move |recorded: &Recorded| {
            let line = black_box(&*recorded.line);
            black_box(Sha256::digest(line));
            log.clear();
            log.extend_from_slice(line);
            black_box(&log);
        }),
    ))
}

/// What a gate records of one allowed call.
struct Recorded {
    call: Call,
    tier: RiskTier,
    rule: String,
    matched: Vec<String>,
    policy: callgate::Digest,
    keep: Keep,
    /// The finished line, its line feed included.
    line: Vec<u8>,
}

impl Recorded {
    fn new(snapshot: &Snapshot, call: Call) -> Result<Self, Box<dyn Error>> {
        let asked = &call.call;
        let tool = snapshot.policy().tool(asked.tool()).ok_or("no such tool")?;
        let arguments = asked.arguments().map_err(|_| "arguments were refused")?;
        let bound = tool.bind(arguments)?;
        let question = Question::new(tool, &call.caller, &call.context, &bound, &[]);
        let rules = snapshot.policy().judge(&question);
        let matched: Vec<String> = rules.permits().map(|rule| rule.id.to_string()).collect();
        let keep = if tool.recording().arguments_text {
            Keep::Text
        } else {
            Keep::Digest
        };
        let mut recorded = Self {
            tier: tool.tier(),
            rule: matched.first().cloned().ok_or("not permitted")?,
            matched,
            policy: snapshot.digest(),
            keep,
            line: Vec::new(),
            call,
        };
        let (mut body, mut line) = (Vec::new(), Vec::new());
        recorded.with_record(|record| record.encode(0, &mut body));
        // Somewhere in the middle of a log.
        let _end = Head::new(1_000, callgate::Digest::of(b"before")).link(&body, &mut line);
        recorded.line = line;
        Ok(recorded)
    }

    fn with_record<R>(&self, run: impl FnOnce(&Record<'_>) -> R) -> R {
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

const TIME: DateTime<Utc> = DateTime::from_timestamp_nanos(1_790_000_000_123_456_000);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What a gate has written, without what differs from call to call.
    fn written(line: &[u8]) -> Value {
        let mut value: Value = serde_json::from_slice(line).unwrap();
        let object = value.as_object_mut().unwrap();
        for key in ["time", "durable", "seq", "prev"] {
            object.remove(key).unwrap();
        }
        value
    }

    #[test]
    fn the_floor_hashes_what_the_gate_writes() {
        for recording in [Recording::Text, Recording::Digest] {
            let workload = Workload::new(Size::S1000, recording).unwrap();
            let calls = Calls::new(Size::S1000, Kind::Allowed).unwrap().ours;
            let recorded: Vec<Recorded> = calls
                .into_iter()
                .map(|call| Recorded::new(&workload.snapshot, call).unwrap())
                .collect();
            let sink = Arc::new(RingSink::new());
            let gate = Gate::builder()
                .policy(workload.snapshot)
                .audit_shared(sink.clone())
                .build()
                .unwrap();
            for recorded in recorded {
                let Call {
                    caller,
                    context,
                    call,
                } = recorded.call;
                let answer = gate.authorize(&caller, call, &context);
                assert_eq!(answer.kind(), callgate::DecisionKind::Allow);
                let line = sink.last_line();
                assert_eq!(written(&line), written(&recorded.line));
                drop(answer);
            }
        }
    }
}
