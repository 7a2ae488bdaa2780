//! Authorizing, against its parts.

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;
use std::mem;

use callgate::standing::MemoryStanding;
use callgate::{Arguments, Decision, Gate, GateBuilder, ToolCall};
use chrono::Utc;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::recorded::{Recorded, SALT};
use super::{Block, Promise, Sides, each};
use crate::workload::{Call, Calls, Kind, Recording, Size, Workload};
use crate::{RingSink, RingTexts};

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("authorize", || authorize(Recording::Text))
            .at_most(1.25)
            .allocating(3),
        Promise::new("authorize/digest", || authorize(Recording::Digest)).at_most(1.25),
        Promise::new("authorize/standing", || {
            authorize_with(Recording::Text, |gate| {
                gate.standing(MemoryStanding::new(Utc::now))
            })
        })
        .at_most(1.25)
        .allocating(3),
        Promise::new("authorize/commitment", || authorize(Recording::Unstated)),
        Promise::new("recorded", recorded).at_most(0.6),
    ]
}

/// From parsed arguments to the permit, the record in a sink; against its parts. Where the policy
/// does not say what is kept, the arguments go to a store for clear texts.
fn authorize(recording: Recording) -> Result<Sides, Box<dyn Error>> {
    authorize_with(recording, |gate| gate)
}

/// The same, of a gate that has `more` than others.
fn authorize_with(
    recording: Recording,
    more: impl FnOnce(GateBuilder) -> GateBuilder,
) -> Result<Sides, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let (ours, floor) = (calls.clone(), calls);
    let parts = Workload::new(Size::S1000, recording)?;
    let gate = Gate::builder()
        .policy(Workload::new(Size::S1000, recording)?.snapshot)
        .audit(RingSink::new());
    let gate = match recording {
        Recording::Unstated => gate.texts(RingTexts::new()),
        Recording::Text | Recording::Digest => gate,
    };
    let gate = more(gate).build()?;
    Ok(Sides::new(
        authorizing(gate, ours),
        decide_encode_hash(parts, floor)?,
    ))
}

/// So many permits are out at a time: a host uses one up soon after it got it.
const OUT: usize = 16;

/// `authorize` takes its call: copies are made before the clock starts, and the permits are used
/// up after it has stopped, some calls at a time.
fn authorizing(gate: Gate, calls: Vec<Call>) -> Block {
    let mut answers: Vec<Decision> = Vec::with_capacity(OUT);
    Box::new(move |meter| {
        for calls in calls.chunks(OUT) {
            let mut batch: Vec<_> = calls.iter().map(|call| Some(call.call.clone())).collect();
            meter.measure(calls.len(), &mut || {
                for (asked, call) in calls.iter().zip(&mut batch) {
                    if let Some(call) = call.take() {
                        let answer = gate.authorize(&asked.caller, black_box(call), &asked.context);
                        answers.push(black_box(answer));
                    }
                }
            });
            used_up(&mut answers);
        }
    })
}

/// Decide, encoding the record, and SHA-256 of its line; and of the text that it commits to, where it
/// commits to one.
fn decide_encode_hash(workload: Workload, calls: Vec<Call>) -> Result<Block, Box<dyn Error>> {
    let recorded = Recorded::all(&workload.snapshot, calls)?;
    let mut body = Vec::with_capacity(4096);
    Ok(each(recorded, move |recorded: &Recorded| {
        let Call {
            caller,
            context,
            call,
        } = black_box(&recorded.parts.call);
        black_box(workload.snapshot.judge(caller, call, context));
        if let Some(text) = &recorded.parts.committed {
            black_box(SALT.commit_to(black_box(text)));
        }
        recorded
            .parts
            .with_record(|record| record.encode(black_box(0), &mut body));
        black_box(&body);
        black_box(Sha256::digest(black_box(&recorded.line)));
    }))
}

/// From the text of the arguments to the permit, the record in a sink; against `serde_json` to a
/// `Value`, our own decide, `serde_json` of the same record, and SHA-256 of its line.
fn recorded() -> Result<Sides, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let parts = Workload::new(Size::S1000, Recording::Text)?;
    let recorded = Recorded::all(&parts.snapshot, calls.clone())?;
    let texts: Vec<(Recorded, String)> = recorded
        .into_iter()
        .map(|recorded| {
            let text = recorded.parts.call.text().to_owned();
            (recorded, text)
        })
        .collect();
    let gate = Gate::builder()
        .policy(Workload::new(Size::S1000, Recording::Text)?.snapshot)
        .audit(RingSink::new())
        .build()?;
    let mut line = Vec::with_capacity(4096);
    Ok(Sides::new(
        authorizing_texts(gate, calls),
        each(texts, move |(recorded, text)| {
            drop(black_box(serde_json::from_str::<Value>(black_box(text))));
            let Call {
                caller,
                context,
                call,
            } = black_box(&recorded.parts.call);
            black_box(parts.snapshot.judge(caller, call, context));
            line.clear();
            // A buffer takes what is written to it.
            let _written = serde_json::to_writer(&mut line, black_box(&recorded.typed));
            black_box(Sha256::digest(black_box(&line)));
        }),
    ))
}

/// As [`authorizing`], from text: who calls has the text as a `String`, and gives it away.
fn authorizing_texts(gate: Gate, calls: Vec<Call>) -> Block {
    let mut answers: Vec<Decision> = Vec::with_capacity(OUT);
    Box::new(move |meter| {
        for calls in calls.chunks(OUT) {
            let mut texts: Vec<String> = calls.iter().map(|call| call.text().to_owned()).collect();
            meter.measure(calls.len(), &mut || {
                for (asked, text) in calls.iter().zip(&mut texts) {
                    if let Ok(arguments) = Arguments::parse(black_box(mem::take(text))) {
                        let call = ToolCall::new(asked.call.tool(), arguments);
                        let answer = gate.authorize(&asked.caller, call, &asked.context);
                        answers.push(black_box(answer));
                    }
                }
            });
            used_up(&mut answers);
        }
    })
}

/// Uses the permits up.
fn used_up(answers: &mut Vec<Decision>) {
    for answer in answers.drain(..) {
        if let Decision::Allow(permit) = answer {
            drop(permit.run(|_| Ok::<_, Infallible>(())));
        }
    }
}
