//! Measures every promise about speed beside its floor, and says which are kept.
//!
//! `ratios [--only NAME] [--format text|json] [--quick]`: exits 0 where all are kept, 1 where one
//! is missed, 2 where it was asked for something that there is not. A quick run never exits 1.

mod measure;
mod options;
mod report;

use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use callgate_benches::promises;

use crate::measure::{Measured, measure};
use crate::options::{Options, USAGE};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            return exit(write!(io::stdout(), "{USAGE}"), ExitCode::SUCCESS);
        }
        Err(error) => {
            return exit(write!(io::stderr(), "{error}\n{USAGE}"), ExitCode::from(2));
        }
    };
    match run(&options) {
        Ok(code) => code,
        Err(error) => exit(writeln!(io::stderr(), "{error}"), ExitCode::from(2)),
    }
}

/// What could not be written was not said: that is no success.
fn exit(written: io::Result<()>, code: ExitCode) -> ExitCode {
    written.map_or(ExitCode::from(2), |()| code)
}

fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let chosen = options.choose(promises::all());
    if chosen.is_empty() {
        return Err("no promise has this name".into());
    }
    let mut out = io::stdout().lock();
    report::head(&mut out, options.format)?;
    let mut kept = true;
    for promise in chosen {
        let rounds = options.rounds(&promise);
        match measure(promise, rounds)? {
            Measured::Row(row) => {
                kept &= row.is_kept();
                report::row(&mut out, options.format, &row)?;
            }
            Measured::Skipped { name, reason } => {
                report::skipped(&mut out, options.format, &name, reason)?;
            }
        }
        out.flush()?;
    }
    Ok(if kept || options.quick {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
