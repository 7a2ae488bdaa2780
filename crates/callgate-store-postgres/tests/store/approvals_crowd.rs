//! Approvals that many processes are after: each is used once, and none is held for ever.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use callgate_approval::{ApprovalId, ApprovalStore, State, Taken};
use callgate_store_postgres::PostgresApprovals;

use crate::approvals::{approved, database, id, open};

const DATABASE: &str = "CALLGATE_APPROVALS_DATABASE";
const PROCESS: &str = "CALLGATE_APPROVALS_PROCESS";
const CALLS: &str = "CALLGATE_APPROVALS_CALLS";
/// The process that dies.
const VICTIM: u8 = 15;
/// How long a permit holds what it does not use.
const HOLD: Duration = Duration::from_secs(2);

/// What one process of the crowd does; a test that does nothing where it is not one of them.
#[test]
fn of_the_crowd() {
    let (Ok(database), Ok(process)) = (env::var(DATABASE), env::var(PROCESS)) else {
        return;
    };
    let calls: u32 = env::var(CALLS).unwrap().parse().unwrap();
    let (store, process) = (open(&database), process.parse().unwrap());
    if process == VICTIM {
        // From the end, of which it leaves the last one held.
        let last = calls - 1;
        let by = permit(process, last);
        assert!(claimed(&store, last, by));
        say("holds");
        for number in (0..last).rev() {
            use_up(&store, number, process);
            say("tried");
        }
    } else {
        for number in 0..calls {
            use_up(&store, number, process);
        }
    }
    say("done");
}

fn say(word: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "said {word}").unwrap();
    out.flush().unwrap();
}

fn heard(line: &str) -> Option<&str> {
    line.split_once("said ").map(|(_, word)| word)
}

/// What a permit of this process for this approval is known by.
fn permit(process: u8, number: u32) -> ApprovalId {
    ApprovalId::from_bytes((u128::from(process) << 64 | u128::from(number)).to_be_bytes())
}

/// Whether this permit got hold of it.
fn claimed(store: &PostgresApprovals, number: u32, by: ApprovalId) -> bool {
    let loaded = store.load(id(number)).unwrap();
    let step = loaded.approval.unwrap().claim(loaded.now, by, HOLD);
    step.is_ok_and(|step| store.take(&step).unwrap() == Taken::Yes)
}

/// One call: tries to get hold of an approval and to begin by it, until somebody has.
fn use_up(store: &PostgresApprovals, number: u32, process: u8) {
    let by = permit(process, number);
    loop {
        let approval = store.load(id(number)).unwrap().approval.unwrap();
        match approval.state {
            State::Consumed(_) => return,
            State::Claimed(claim) if claim.by == by => {
                let step = approval.consume(by).unwrap();
                if store.take(&step).unwrap() == Taken::Yes {
                    return say(&format!("used {number}"));
                }
            }
            _ if claimed(store, number, by) => {}
            // Somebody else holds it.
            _ => thread::sleep(Duration::from_millis(1)),
        }
    }
}

fn process(database: &str, calls: u32, process: u8) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "approvals_crowd::of_the_crowd", "--nocapture"]);
    command.env(DATABASE, database);
    command.env(PROCESS, process.to_string());
    command.env(CALLS, calls.to_string());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// Reads until something was said so often, or the end: what was said.
fn hear(lines: &mut Lines<BufReader<ChildStdout>>, word: &str, times: usize) -> Vec<String> {
    let mut said = Vec::new();
    let mut left = times;
    while left > 0
        && let Some(Ok(line)) = lines.next()
    {
        if let Some(heard) = heard(&line) {
            left -= usize::from(heard == word);
            said.push(heard.to_owned());
        }
    }
    said
}

/// `CALLGATE_APPROVALS_CALLS=10000` is the long run: 16 processes, each of which is after every one of so many
/// approvals.
#[test]
fn sixteen_processes() {
    let Some(database) = database() else { return };
    let calls: u32 = env::var(CALLS).map_or(25, |calls| calls.parse().unwrap());
    let store = open(&database);
    for number in 0..calls {
        approved(&store, number);
    }
    let since = Instant::now();
    let (mut victim, mut lines) = process(&database, calls, VICTIM);
    let mut said = hear(&mut lines, "holds", 1);
    let others: Vec<_> = (0..VICTIM)
        .map(|own| {
            let (mut child, mut lines) = process(&database, calls, own);
            thread::spawn(move || {
                let said = hear(&mut lines, "done", 1);
                assert!(child.wait().unwrap().success());
                said
            })
        })
        .collect();
    // In the middle of its calls.
    said.extend(hear(&mut lines, "tried", calls as usize / 4));
    victim.kill().unwrap();
    victim.wait().unwrap();
    said.extend(hear(&mut lines, "done", 1));
    assert!(
        !said.contains(&"done".to_owned()),
        "it was not killed in time"
    );
    for other in others {
        let all = other.join().unwrap();
        assert_eq!(all.last().map(String::as_str), Some("done"));
        said.extend(all);
    }
    let mut used = BTreeMap::<u32, usize>::new();
    for word in &said {
        if let Some(number) = word.strip_prefix("used ") {
            *used.entry(number.parse().unwrap()).or_default() += 1;
        }
    }
    let seconds = since.elapsed().as_secs();
    let (told, twice) = (
        used.len(),
        used.values().filter(|times| **times > 1).count(),
    );
    let consumed = |number| {
        let state = store.load(id(number)).unwrap().approval.unwrap().state;
        matches!(state, State::Consumed(_))
    };
    let held = (0..calls).filter(|number| !consumed(*number)).count();
    println!(
        "16 processes x {calls} calls in {seconds} s: {calls} approvals, {told} used as told, {twice} \
         twice, {held} not used"
    );
    assert_eq!((twice, held), (0, 0));
    // Whoever is killed may have used one that it did not tell.
    assert!(told + 1 >= calls as usize, "{told}");
}
