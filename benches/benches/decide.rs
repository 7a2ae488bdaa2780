//! Deciding on parsed arguments.

use std::error::Error;
use std::hint::black_box;

use callgate::policy::Question;
use callgate::policy::document::Pattern;
use callgate_benches::workload::{Call, Calls, Kind, Recording, Size, Workload};
use criterion::{BenchmarkId, Criterion, Throughput};

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    for (entries, size) in [(10, Size::S10), (1_000, Size::S1000)] {
        let allowed = Calls::new(size, Kind::Allowed)?;
        let mixed = Calls::new(size, Kind::Mixed)?;
        let workload = Workload::new(size, Recording::Text)?;
        for (name, calls) in [("allowed", allowed), ("mixed", mixed)] {
            let mut group = criterion.benchmark_group(format!("decide {name}"));
            group.throughput(Throughput::Elements(calls.ours.len() as u64));
            group.bench_function(BenchmarkId::new("snapshot", entries), |bencher| {
                bencher.iter(|| {
                    for asked in &calls.ours {
                        let Call {
                            caller,
                            context,
                            call,
                        } = black_box(asked);
                        black_box(workload.snapshot.judge(caller, call, context));
                    }
                });
            });
            group.bench_function(BenchmarkId::new("floor", entries), |bencher| {
                bencher.iter(|| {
                    for asked in &calls.floor {
                        black_box(workload.floor.decide(black_box(asked)));
                    }
                });
            });
            group.finish();
        }
    }
    steps(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// What the policy does of a decision, step by step; each includes those before it.
fn steps(criterion: &mut Criterion) -> Result<(), Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let workload = Workload::new(Size::S1000, Recording::Text)?;
    let policy = workload.snapshot.policy();
    let mut group = criterion.benchmark_group("decide steps");
    group.throughput(Throughput::Elements(calls.len() as u64));
    let mut step = |name: &str, run: &dyn Fn(&Call) -> Option<()>| {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for asked in &calls {
                    black_box(run(black_box(asked)));
                }
            });
        });
    };
    step("1 tool", &|asked| {
        black_box(policy.tool(asked.call.tool())?);
        Some(())
    });
    step("2 arguments", &|asked| {
        let tool = policy.tool(asked.call.tool())?;
        let arguments = asked.call.arguments().ok()?;
        let bound = tool.bind_for(arguments, &asked.caller, &asked.context);
        black_box(&bound.ok()?);
        Some(())
    });
    let question = |asked: &Call, then: &dyn Fn(&Question<'_, '_>)| {
        let tool = policy.tool(asked.call.tool())?;
        let arguments = asked.call.arguments().ok()?;
        let bound = tool.bind_for(arguments, &asked.caller, &asked.context);
        let bound = bound.ok()?;
        then(&Question::new(
            tool,
            &asked.caller,
            &asked.context,
            &bound,
            &[],
        ));
        Some(())
    };
    step("3 names", &|asked| {
        question(asked, &|question| {
            black_box(question);
        })
    });
    step("4 statements", &|asked| {
        question(asked, &|question| {
            black_box(&policy.judge(question));
        })
    });
    let pattern = Pattern::new("acct-[0-9]{4}-[0-9a-f]{8}-[a-z0-9]{16,24}")?;
    step("regular expression alone", &|asked| {
        let id = asked.call.arguments().ok()?.pointer("/account/id")?;
        black_box(pattern.is_match(black_box(id.as_str()?)));
        Some(())
    });
    group.finish();
    Ok(())
}
