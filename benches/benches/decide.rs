//! Deciding on parsed arguments.

use std::error::Error;
use std::hint::black_box;

use callgate_benches::workload::{Call, Kind, Recording, Size, Workload};
use criterion::{BenchmarkId, Criterion, Throughput};

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    for (entries, size) in [(10, Size::S10), (1_000, Size::S1000)] {
        let workload = Workload::new(size, Recording::Text)?;
        for (name, kind) in [("allowed", Kind::Allowed), ("mixed", Kind::Mixed)] {
            let calls = workload.calls(kind)?;
            let mut group = criterion.benchmark_group(format!("decide {name}"));
            group.throughput(Throughput::Elements(calls.len() as u64));
            group.bench_function(BenchmarkId::new("snapshot", entries), |bencher| {
                bencher.iter(|| {
                    for asked in &calls {
                        let Call {
                            caller,
                            context,
                            call,
                            ..
                        } = black_box(asked);
                        black_box(workload.snapshot.judge(caller, call, context));
                    }
                });
            });
            group.bench_function(BenchmarkId::new("floor", entries), |bencher| {
                bencher.iter(|| {
                    for asked in &calls {
                        black_box(workload.floor.decide(black_box(&asked.floor)));
                    }
                });
            });
            group.finish();
        }
    }
    criterion.final_summary();
    Ok(())
}
