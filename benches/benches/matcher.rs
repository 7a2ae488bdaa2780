//! Single matchers, on the inputs of the intents.

use std::error::Error;
use std::hint::black_box;

use callgate::policy::document::path::{LinkFact, PathSpec};
use callgate::policy::document::shell::Shell;
use callgate::policy::document::sql::SqlSpec;
use callgate::policy::document::url::UrlSpec;
use callgate_benches::workload::{Case, Matching};
use criterion::{Criterion, Throughput};

fn main() -> Result<(), Box<dyn Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    run(&mut criterion, "url", &Matching::urls()?, UrlSpec::admits);
    let path = |spec: &PathSpec, text: &str| spec.admits(text, LinkFact::None);
    run(&mut criterion, "path", &Matching::paths()?, path);
    let lines = Matching::command_lines()?;
    run(&mut criterion, "shell", &lines, Shell::test);
    let sql = |spec: &SqlSpec, text: &str| spec.test(text, &[]);
    run(&mut criterion, "sql", &Matching::statements()?, sql);
    criterion.final_summary();
    Ok(())
}

/// All inputs, and those apart that are admitted and that are not.
fn run<S>(
    criterion: &mut Criterion,
    name: &str,
    cases: &[Case<S>],
    test: impl Fn(&S, &str) -> Option<bool>,
) {
    let (admitted, refused): (Vec<_>, Vec<_>) = cases
        .iter()
        .partition(|case| test(&case.spec, &case.text) == Some(true));
    let mut group = criterion.benchmark_group(format!("matcher {name}"));
    for (kind, cases) in [
        ("all", cases.iter().collect()),
        ("admitted", admitted),
        ("refused", refused),
    ] {
        group.throughput(Throughput::Elements(cases.len() as u64));
        group.bench_function(kind, |bencher| {
            bencher.iter(|| {
                for Case { spec, text } in &cases {
                    black_box(test(black_box(spec), black_box(text)));
                }
            });
        });
    }
    group.finish();
}
