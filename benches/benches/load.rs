//! Loading a policy of 1 000 rules.

use std::error::Error;
use std::hint::black_box;

use callgate_benches::workload::{Floor, Size, policy_text};
use criterion::{Criterion, Throughput};
use toml::Table;
use toml::de::DeTable;

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    let text = policy_text(Size::S1000);
    let table: Table = text.parse()?;
    let mut group = criterion.benchmark_group("load");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("policy", |bencher| {
        bencher.iter_with_large_drop(|| callgate::parse_policy(black_box(&text), "workload.toml"));
    });
    group.bench_function("spanned TOML alone", |bencher| {
        bencher.iter(|| black_box(DeTable::parse(black_box(&text))).is_ok());
    });
    group.bench_function("table", |bencher| {
        bencher.iter(|| black_box(black_box(&*text).parse::<Table>()).is_ok());
    });
    group.bench_function("floor out of the table", |bencher| {
        bencher.iter_with_large_drop(|| Floor::of_table(black_box(&table)));
    });
    group.finish();
    criterion.final_summary();
    Ok(())
}
