//! The program `callgate`: checks policies, imports tools, decides calls, reads and verifies logs.
//!
//! Exit codes: 0 is fine, 1 is a finding (an invalid policy, a broken log), 2 is wrong usage or
//! input that cannot be read.

mod approvals;
mod call_line;
mod check;
mod database;
mod eval;
mod explain;
mod import;
mod lines;
mod log;
mod options;
mod output;
mod schema;
mod snippet;
mod test;
mod timing;
mod verify;
mod verify_from;
mod verify_texts;

use std::process::ExitCode;

use clap::Parser as _;

use crate::options::{Command, Options};
use crate::output::Output;

/// What a command found; a program that could not do its work says why instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// All is well.
    Nothing,
    /// Something is amiss with what was looked at.
    Something,
}

/// A command could not do its work: wrong usage, or input that cannot be read.
#[derive(Debug)]
struct Unusable(String);

impl<E: std::error::Error> From<E> for Unusable {
    fn from(error: E) -> Self {
        Self(output::chain(&error))
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let mut output = Output::new(options.command.format());
    let result = match &options.command {
        Command::Approvals(command) => approvals::run(command, &mut output),
        Command::Check(command) => check::run(command, &mut output),
        Command::Eval(command) => eval::run(command, &mut output),
        Command::Explain(command) => explain::run(command, &mut output),
        Command::Import(command) => import::run(command, &mut output),
        Command::Log(command) => log::run(command, &mut output),
        Command::Schema(_) => schema::run(&mut output),
        Command::Test(command) => test::run(command, &mut output),
        Command::Verify(command) => verify::run(command, &mut output),
    };
    match result.and_then(|found| Ok((found, output.finish()?))) {
        Ok((Found::Nothing, ())) => ExitCode::SUCCESS,
        Ok((Found::Something, ())) => ExitCode::from(1),
        Err(Unusable(why)) => {
            output::complain(&why);
            ExitCode::from(2)
        }
    }
}
