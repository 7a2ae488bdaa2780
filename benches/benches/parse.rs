//! Parsing the arguments of a call.

use std::error::Error;
use std::hint::black_box;

use callgate::Arguments;
use callgate_benches::workload;
use criterion::{BatchSize, Criterion, Throughput};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let texts = workload::texts()?;
    let bytes = texts.iter().map(String::len).sum::<usize>() as u64;
    let mut group = criterion.benchmark_group("parse");
    group.throughput(Throughput::Bytes(bytes));
    group.bench_function("arguments", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                drop(black_box(Arguments::parse(black_box(&**text))));
            }
        });
    });
    group.bench_function("owned text", |bencher| {
        let owned = || texts.clone();
        let parse = |texts: Vec<String>| {
            for text in texts {
                drop(black_box(Arguments::parse(black_box(text))));
            }
        };
        bencher.iter_batched(owned, parse, BatchSize::SmallInput);
    });
    group.bench_function("serde_json", |bencher| {
        bencher.iter(|| {
            for text in &texts {
                drop(black_box(serde_json::from_str::<Value>(black_box(text))));
            }
        });
    });
    group.finish();
    criterion.final_summary();
    Ok(())
}
