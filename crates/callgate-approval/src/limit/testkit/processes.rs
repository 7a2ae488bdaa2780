//! A crowd of processes: started, one of them killed in the middle, and what they told.

use std::fmt;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;

use super::CountedUse;

/// The line that a process prints at its end.
const DONE: &str = "done";

/// Starts processes, and kills the last of them once it has told a quarter of `calls`: what all of
/// them told, and whether that one was killed before its end. Each prints a [`CountedUse`] a line,
/// behind whatever else, and at its end [`done`].
///
/// # Errors
///
/// Where a process cannot be started, or ends otherwise.
pub fn crowd(
    commands: impl IntoIterator<Item = Command>,
    calls: u32,
) -> io::Result<(Vec<CountedUse>, bool)> {
    let started = commands.into_iter().map(|mut command| {
        command.stdout(Stdio::piped());
        command.spawn()
    });
    let mut children = started.collect::<io::Result<Vec<Child>>>()?;
    let other = || io::Error::other("no process");
    let mut victim = children.pop().ok_or_else(other)?;
    let mut lines = BufReader::new(victim.stdout.take().ok_or_else(other)?).lines();
    let mut told = Vec::new();
    let quarter = usize::try_from(calls / 4).unwrap_or(usize::MAX);
    while told.len() <= quarter
        && let Some(line) = lines.next()
    {
        told.extend(read(&line?));
    }
    victim.kill()?;
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    victim.wait()?;
    let killed = !rest.iter().any(|line| line == DONE);
    told.extend(rest.iter().filter_map(|line| read(line)));
    for child in children {
        let output = child.wait_with_output()?;
        let lines = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || !lines.lines().any(|line| line == DONE) {
            return Err(io::Error::other(lines.into_owned()));
        }
        told.extend(lines.lines().filter_map(read));
    }
    Ok((told, killed))
}

/// The line that a process of a crowd prints at its end.
pub const fn done() -> &'static str {
    DONE
}

/// As a process of a crowd prints it.
impl fmt::Display for CountedUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "counted {} {}", self.key, self.amount)
    }
}

fn read(line: &str) -> Option<CountedUse> {
    let (_, numbers) = line.split_once("counted ")?;
    let (key, amount) = numbers.split_once(' ')?;
    let (key, amount) = (u8::from_str(key).ok()?, u32::from_str(amount).ok()?);
    Some(CountedUse { key, amount })
}
