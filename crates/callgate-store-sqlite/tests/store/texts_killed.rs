//! Processes that put and erase, and are killed.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use callgate_audit::Durability;
use callgate_audit::texts::{ClearText, Salt, TextStore as _};
use callgate_store_sqlite::SqliteTexts;
use callgate_types::Digest;

use crate::rig::folder;

const FILE: &str = "CALLGATE_TEST_TEXTS";
const FIRST: &str = "CALLGATE_TEST_TEXTS_FIRST";
const PRODUCERS: u64 = 4;
const SOON: Duration = Duration::from_secs(30);

/// How often a writer is killed; more for a longer run.
const KILLS: &str = "CALLGATE_TEST_KILLS";

fn text(number: u64) -> (Salt, String) {
    let salt = Salt::from_bytes(*Digest::of(&number.to_le_bytes()).as_bytes());
    // Now and then one that fills pages of its own.
    let more = if number.is_multiple_of(7) {
        "x".repeat(9000)
    } else {
        String::new()
    };
    (salt, format!("\"secret {number}. {more}\""))
}

fn commitment(number: u64) -> Digest {
    let (salt, text) = text(number);
    salt.commit_to(&text)
}

/// Plays its part in the process of another test; does nothing where nobody asked.
#[test]
fn part() {
    let Ok(path) = env::var(FILE) else { return };
    let first: u64 = env::var(FIRST).unwrap().parse().unwrap();
    let texts = SqliteTexts::open(PathBuf::from(path)).unwrap();
    let say = |word: &str, number: u64| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "said {word} {number}.").unwrap();
        out.flush().unwrap();
    };
    thread::scope(|scope| {
        for own in 0..PRODUCERS {
            let (texts, say) = (&texts, &say);
            scope.spawn(move || {
                for round in 0.. {
                    let number = first + round * PRODUCERS + own;
                    let (salt, text) = text(number);
                    let clear = ClearText::new(salt, &text).unwrap();
                    texts.put(&[clear], Durability::Durable, SOON).unwrap();
                    say("put", number);
                    if round % 3 == 2 {
                        let gone = number - PRODUCERS;
                        say("erasing", gone);
                        texts.erase(&[commitment(gone)]).unwrap();
                        say("erased", gone);
                    }
                }
            });
        }
    });
}

#[test]
fn killed_again_and_again() {
    let kills = env::var(KILLS).map_or(12, |kills| kills.parse().unwrap());
    let (_folder, path) = folder();
    let (mut put, mut erasing, mut erased) = (Vec::new(), Vec::new(), Vec::new());
    for kill in 0..kills {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "texts_killed::part", "--nocapture"]);
        command
            .env(FILE, &path)
            .env(FIRST, (kill << 32).to_string());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let reader = thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            // What a kill cut off was not said.
            let said = lines.filter_map(|line| {
                let said = line.split_once("said ")?.1.strip_suffix('.')?.to_owned();
                let (word, number) = said.split_once(' ')?;
                Some((word.to_owned(), number.parse::<u64>().ok()?))
            });
            said.collect::<Vec<_>>()
        });
        thread::sleep(Duration::from_millis(60 + kill * 7 % 60));
        child.kill().unwrap();
        child.wait().unwrap();
        for (word, number) in reader.join().unwrap() {
            match &*word {
                "put" => put.push(number),
                "erasing" => erasing.push(number),
                _ => erased.push(number),
            }
        }
    }
    let texts = SqliteTexts::open(&path).unwrap();
    assert!(put.len() as u64 > kills, "{}", put.len());
    assert!(!erased.is_empty());
    for number in &put {
        let found = texts.find(commitment(*number)).unwrap();
        match found {
            Some(found) => assert!(found.matches(commitment(*number)), "{number}"),
            None => assert!(erasing.contains(number), "{number} is lost"),
        }
    }
    for number in &erased {
        assert!(texts.find(commitment(*number)).unwrap().is_none());
    }
    // Of what was erased nothing is left in any file.
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(fs::read(path.with_file_name("audit.db-wal")).unwrap());
    let bytes = String::from_utf8_lossy(&bytes);
    for number in &erased {
        assert!(!bytes.contains(&format!("secret {number}.")), "{number}");
    }
    let (put, erased) = (put.len(), erased.len());
    println!("{kills} kills: {put} put, {erased} erased, 0 lost, 0 left");
}
