//! Processes that put, erase and compact clear texts in files, and are killed.
//!
//! They are this very program, started once more to run the test [`part`] alone. What one had said when it was
//! killed must be so. `CALLGATE_KILLS` sets how often: 6 by default.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use callgate_audit::Durability;
use callgate_audit::texts::{ClearText, FileTexts, Salt, TextStore as _};
use callgate_types::Digest;

const FOLDER: &str = "CALLGATE_TEST_TEXTS";
const FIRST: &str = "CALLGATE_TEST_TEXTS_FIRST";
const PRODUCERS: u64 = 4;
/// Texts with this bit in their number are long: so many fill a file.
const LONG: u64 = 1 << 31;
const MANY: u64 = 290;
const SOON: Duration = Duration::from_secs(30);

fn text(number: u64) -> (Salt, String) {
    let salt = Salt::from_bytes(*Digest::of(&number.to_le_bytes()).as_bytes());
    let more = "x".repeat(if number & LONG == 0 { 100 } else { 250_000 });
    (salt, format!("\"secret {number}. {more}\""))
}

fn commitment(number: u64) -> Digest {
    let (salt, text) = text(number);
    salt.commit_to(&text)
}

fn say(word: &str, number: u64) {
    // One write, so that no line is mixed with another one.
    let line = format!("\nsaid {word} {number}.\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// Plays its part in the process of another test; does nothing where nobody asked.
#[test]
fn part() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let first: u64 = env::var(FIRST).unwrap().parse().unwrap();
    let texts = FileTexts::open(folder).unwrap();
    thread::scope(|scope| {
        for own in 0..PRODUCERS {
            let texts = &texts;
            scope.spawn(move || {
                for round in 0.. {
                    let number = first + round * PRODUCERS + own;
                    let (salt, text) = text(number);
                    let clear = ClearText::new(salt, &text).unwrap();
                    texts.put(&[clear], Durability::Durable, SOON).unwrap();
                    say("put", number);
                    if round % 6 > 0 {
                        let gone = number - PRODUCERS;
                        say("erasing", gone);
                        texts.erase(&[commitment(gone)]).unwrap();
                        say("erased", gone);
                    }
                }
            });
        }
        loop {
            match texts.compact().unwrap() {
                0 => thread::sleep(Duration::from_millis(5)),
                freed => say("freed", freed),
            }
        }
    });
}

/// Fills a file, and erases most of it, which leaves something to take away.
fn fill(folder: &Path, kill: u64) -> (BTreeMap<u64, Digest>, Vec<u64>) {
    let texts = FileTexts::open(folder).unwrap();
    let put = |it: u64| {
        let number = (kill << 32) | LONG | it;
        let (salt, text) = text(number);
        let clear = ClearText::new(salt, &text).unwrap();
        texts.put(&[clear], Durability::Accepted, SOON).unwrap();
        (number, clear.commitment())
    };
    let all: BTreeMap<u64, Digest> = (0..MANY).map(put).collect();
    let most = all.iter().take(all.len() - 40);
    let (gone, commitments): (Vec<u64>, Vec<Digest>) = most.map(|(it, of)| (*it, *of)).unzip();
    texts.erase(&commitments).unwrap();
    (all, gone)
}

/// What one said before it was killed.
fn life(folder: &Path, kill: u64) -> Vec<(String, u64)> {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "texts_killed::part", "--nocapture"]);
    command
        .env(FOLDER, folder)
        .env(FIRST, (kill << 32).to_string());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let heard = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut all = Vec::new();
            while let Some(Ok(line)) = lines.next() {
                // What a kill cut off was not said.
                let said = line.strip_prefix("said ");
                let said = said.and_then(|it| it.strip_suffix('.')?.split_once(' '));
                if let Some((word, number)) = said {
                    heard.fetch_or(word == "erased", Ordering::Relaxed);
                    all.push((word.to_owned(), number.parse().unwrap()));
                }
            }
            all
        });
        while !heard.load(Ordering::Relaxed) && !reader.is_finished() {
            thread::sleep(Duration::from_millis(1));
        }
        // At another moment each time.
        thread::sleep(Duration::from_micros(kill * 7919 % 120_000));
        child.kill().unwrap();
        child.wait().unwrap();
        reader.join().unwrap()
    })
}

#[test]
fn killed_again_and_again() {
    let kills = env::var("CALLGATE_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (mut put, mut erasing, mut erased) = (Vec::new(), BTreeSet::new(), Vec::new());
    let (mut freed, mut known) = (0, BTreeMap::new());
    for kill in 0..kills {
        if kill % 6 == 0 {
            let (all, gone) = fill(folder.path(), kill);
            put.extend(all.keys());
            known.extend(all);
            erasing.extend(&gone);
            erased.extend(gone);
        }
        for (word, number) in life(folder.path(), kill) {
            match &*word {
                "put" => put.push(number),
                "erasing" => drop(erasing.insert(number)),
                "freed" => freed += number,
                _ => erased.push(number),
            }
        }
    }
    let texts = FileTexts::open(folder.path()).unwrap();
    assert!(put.len() as u64 > kills, "{}", put.len());
    for number in &put {
        let of = known.get(number).copied();
        let of = of.unwrap_or_else(|| commitment(*number));
        match texts.find(of).unwrap() {
            Some(found) => assert!(found.matches(of), "{number}"),
            None => assert!(erasing.contains(number), "{number} is lost"),
        }
    }
    // Of what was erased nothing is left in any file.
    let mut left = BTreeSet::new();
    for file in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let secrets = text.split("secret ").skip(1);
        left.extend(secrets.filter_map(|it| it.split_once('.')?.0.parse::<u64>().ok()));
    }
    assert!(!left.is_empty() && freed > 0);
    for number in &erased {
        assert!(!left.contains(number), "{number} is left");
    }
    let (put, erased) = (put.len(), erased.len());
    println!("{kills} kills: {put} put, {erased} erased, {freed} bytes freed, 0 lost, 0 left");
}
