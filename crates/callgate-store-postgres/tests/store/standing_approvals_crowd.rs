//! One standing approval that many processes spend: never more uses than there are, also where one of them dies.

use std::env;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use callgate_approval::standing::{Spent, StandingApprovalStore};

use crate::approvals::id;
use crate::standing_approvals::{database, given, open};

const DATABASE: &str = "CALLGATE_STANDING_DATABASE";
const USES: &str = "CALLGATE_STANDING_USES";
const PROCESSES: usize = 16;
/// In how many threads each, over one connection.
const THREADS: usize = 2;

/// What one process of the crowd does; a test that does nothing where it is not one of them.
#[test]
fn of_the_crowd() {
    let Ok(database) = env::var(DATABASE) else {
        return;
    };
    let store = &open(&database);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Spent::Left(left) = store.spend(id(1)).unwrap() {
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "said left {left}").unwrap();
                    out.flush().unwrap();
                }
            });
        }
    });
}

fn process(database: &str) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args([
        "--exact",
        "standing_approvals_crowd::of_the_crowd",
        "--nocapture",
    ]);
    command.env(DATABASE, database);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// `CALLGATE_STANDING_USES=10000` is the long run.
#[test]
fn sixteen_processes() {
    let Some(database) = database() else { return };
    let uses: u64 = env::var(USES).map_or(400, |uses| uses.parse().unwrap());
    let store = open(&database);
    given(&store, 1, uses);
    let mut children: Vec<Child> = (0..PROCESSES).map(|_| process(&database)).collect();
    let spent_in_all = || store.load(id(1)).unwrap().standing.unwrap().used;
    // In the middle of it: what the one that dies spent stays spent.
    while spent_in_all() < uses / 4 {
        thread::sleep(Duration::from_millis(2));
    }
    let mut killed = children.pop().unwrap();
    killed.kill().unwrap();
    let mut told = String::from_utf8(killed.wait_with_output().unwrap().stdout).unwrap();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        told.push_str(&String::from_utf8(output.stdout).unwrap());
    }
    let left = told
        .lines()
        .filter_map(|line| line.split_once("said left "));
    let mut left: Vec<u64> = left.map(|(_, left)| left.parse().unwrap()).collect();
    left.sort_unstable();
    let spent = left.len();
    left.dedup();
    println!(
        "16 processes: {uses} uses, {spent} spent as told, {} in the store",
        spent_in_all()
    );
    assert_eq!(left.len(), spent, "a use was spent twice");
    // The one that was killed may have spent uses that it did not tell, one in each thread.
    assert!(spent as u64 <= uses && (spent + THREADS) as u64 >= uses);
    assert_eq!(spent_in_all(), uses);
    assert_eq!(store.spend(id(1)).unwrap(), Spent::UsedUp);
}
