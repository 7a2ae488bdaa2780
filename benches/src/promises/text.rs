//! From the text of the arguments to the decision.

use std::error::Error;
use std::hint::black_box;

use callgate::{Arguments, ToolCall};
use serde_json::Value;

use super::{Promise, Sides, each};
use crate::workload::{Call, Calls, Kind, Recording, Size, Workload};

pub(super) fn promises() -> Vec<Promise> {
    vec![Promise::new("text", sides).at_most(0.45)]
}

/// Parsing and deciding; against `serde_json` to a `Value`, and deciding.
fn sides() -> Result<Sides, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let texts: Vec<(Call, String)> = calls
        .into_iter()
        .map(|call| {
            let text = call.text().to_owned();
            (call, text)
        })
        .collect();
    let workload = Workload::new(Size::S1000, Recording::Text)?;
    let again = Workload::new(Size::S1000, Recording::Text)?;
    Ok(Sides::new(
        each(texts.clone(), move |(asked, text)| {
            let Call {
                caller,
                context,
                call,
            } = black_box(asked);
            if let Ok(arguments) = Arguments::parse(black_box(&**text)) {
                let call = ToolCall::new(call.tool(), arguments);
                black_box(workload.snapshot.judge(caller, &call, context));
            }
        }),
        each(texts, move |(asked, text)| {
            drop(black_box(serde_json::from_str::<Value>(black_box(text))));
            let Call {
                caller,
                context,
                call,
            } = black_box(asked);
            black_box(again.snapshot.judge(caller, call, context));
        }),
    ))
}
