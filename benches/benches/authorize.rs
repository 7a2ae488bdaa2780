//! From parsed arguments to a permit, and to the end of a run.

use std::convert::Infallible;
use std::error::Error;
use std::hint::black_box;

use callgate::{Decision, Gate, ToolCall};
use callgate_benches::RingSink;
use callgate_benches::workload::{Call, Calls, Kind, Recording, Size, Workload};
use criterion::{BatchSize, Criterion, Throughput};

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("authorize");
    for (name, recording) in [("text", Recording::Text), ("digest", Recording::Digest)] {
        let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
        let workload = Workload::new(Size::S1000, recording)?;
        let gate = Gate::builder()
            .policy(workload.snapshot)
            .audit(RingSink::new())
            .build()?;
        group.throughput(Throughput::Elements(calls.len() as u64));
        // The permits are used up after the clock has stopped: criterion drops what it is given.
        group.bench_function(format!("permit, arguments by {name}"), |bencher| {
            bencher.iter_batched(
                || copies(&calls),
                |copies| {
                    let answers = calls.iter().zip(copies);
                    answers
                        .map(|(asked, call)| gate.authorize(&asked.caller, call, &asked.context))
                        .collect::<Vec<Decision>>()
                },
                BatchSize::SmallInput,
            );
        });
        group.bench_function(format!("whole run, arguments by {name}"), |bencher| {
            bencher.iter_batched(
                || copies(&calls),
                |copies| {
                    for (asked, call) in calls.iter().zip(copies) {
                        let answer = gate.authorize(&asked.caller, call, &asked.context);
                        if let Decision::Allow(permit) = answer {
                            drop(black_box(permit.run(|_| Ok::<_, Infallible>(()))));
                        }
                    }
                },
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
    criterion.final_summary();
    Ok(())
}

fn copies(calls: &[Call]) -> Vec<ToolCall> {
    calls.iter().map(|asked| asked.call.clone()).collect()
}
