//! A capability token on its way: an orchestrator issues it for a task, a sub-agent narrows it
//! offline in a process of its own, and the side of the gate verifies it and judges calls.
//!
//! ```sh
//! cargo run --release -p callgate-examples-tokens --example capability
//! ```

mod gate_side;
mod orchestrator;
pub(crate) mod sub_agent;

use std::error::Error;
use std::io::{self, Read, Write};
use std::process::{Command, ExitCode, Stdio};

use callgate::capability::SecretKey;

/// How the program is started to be the sub-agent.
const SUB_AGENT: &str = "sub-agent";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        None => run(in_another_process, &mut io::stdout().lock()),
        Some(SUB_AGENT) => be_the_sub_agent(),
        Some(other) => Err(format!("expected no argument, found `{other}`").into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("capability: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Plays it through; `hand_over` takes the token's text and gives the narrower one.
pub(crate) fn run(
    hand_over: impl Fn(&str) -> Outcome<String>,
    out: &mut impl Write,
) -> Outcome<()> {
    let root = fresh_key()?;
    let token = orchestrator::issue(&root)?;
    let narrower = hand_over(token.as_str())?;
    gate_side::judge(&root.public(), &token, &narrower, out)
}

/// Starts this program once more: it gets the token, and no key.
fn in_another_process(token: &str) -> Outcome<String> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(SUB_AGENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut pipe = child.stdin.take().ok_or("expected a pipe")?;
    pipe.write_all(token.as_bytes())?;
    drop(pipe);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("the sub-agent failed".into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn be_the_sub_agent() -> Outcome<()> {
    let mut token = String::new();
    io::stdin().lock().read_to_string(&mut token)?;
    let narrower = sub_agent::narrow(&token)?;
    io::stdout().lock().write_all(narrower.as_bytes())?;
    Ok(())
}

/// A key from the randomness of the system; each is used once.
pub(crate) fn fresh_key() -> Outcome<SecretKey> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(SecretKey::from_seed(seed)?)
}
