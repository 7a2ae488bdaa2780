//! Removing old records.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use callgate_audit::{
    Ask, Durability, FileSink, FileSinkOptions, GapRecord, Journal, JournalOptions, ProofMaker,
    Prune, PruneError, Record, Removed, Tree, prune, verify_folder,
};
use callgate_types::Digest;

use crate::log::{keyed, noon, signer};

const LONG: Duration = Duration::from_secs(60);

struct Setting {
    log: tempfile::TempDir,
    archive: tempfile::TempDir,
    journal: Journal,
}

/// A log of 30 records in files of some, with a checkpoint every 7, all of it copied.
fn setting() -> Setting {
    let (log, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sink: FileSink = FileSinkOptions::new()
        .segment_bytes(900)
        .open(log.path())
        .unwrap();
    let options = JournalOptions::new()
        .signer(Arc::new(signer(1)))
        .checkpoint_every(7)
        .checkpoint_interval(LONG);
    let journal = Journal::open_with(Arc::new(sink), &options).unwrap();
    for number in 0..30 {
        let record = Record::Gap(GapRecord::new(noon(), number));
        let ask = Ask::new(Durability::Accepted, LONG);
        journal.append(&record, ask).unwrap();
    }
    journal.flush(LONG).unwrap();
    for name in names(log.path()) {
        fs::copy(log.path().join(&name), archive.path().join(&name)).unwrap();
    }
    Setting {
        log,
        archive,
        journal,
    }
}

/// The files of a log.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('0'))
        .collect();
    names.sort();
    names
}

fn first(name: &str) -> u64 {
    name.trim_end_matches(".jsonl").parse().unwrap()
}

impl Setting {
    fn prune(&self, until: u64) -> Result<Removed, PruneError> {
        let request = Prune::new(
            until,
            self.archive.path(),
            "operator",
            "older than a year",
            noon(),
        );
        prune(&self.journal, self.log.path(), &request)
    }

    #[track_caller]
    fn check(&self, from: u64) {
        self.journal.flush(LONG).unwrap();
        let report = verify_folder(self.log.path(), &keyed()).unwrap();
        assert!(report.is_good(), "{}", report.first_fault.unwrap());
        assert_eq!(report.authenticity.as_str(), "ok");
        assert_eq!(report.verified_from, from);
    }
}

#[test]
fn whole_files_are_removed() {
    let setting = setting();
    let names = names(setting.log.path());
    assert!(names.len() > 4, "{names:?}");
    // Within a file: those before it go.
    let removed = setting.prune(first(&names[2]) + 1).unwrap();
    assert_eq!(removed.first, first(&names[2]));
    let gone: Vec<u8> = names[..2]
        .iter()
        .flat_map(|name| fs::read(setting.archive.path().join(name)).unwrap())
        .filter(|byte| *byte != 0)
        .collect();
    assert_eq!(removed.bytes, gone.len() as u64);
    assert_eq!(removed.archive, Digest::of(&gone));
    setting.check(removed.first);
    // Again, further on.
    let again = setting.prune(first(&names[3])).unwrap();
    assert_eq!(again.first, first(&names[3]));
    setting.check(again.first);
    // The log goes on, also after it was opened anew.
    let note = setting.journal.checkpoint(noon(), LONG).unwrap();
    setting.check(again.first);

    // Proofs across the gap.
    let mut whole = Tree::new();
    let mut maker = ProofMaker::of_folder(setting.archive.path(), &whole).unwrap();
    let old = maker.root(again.first).unwrap();
    let mut peaks = ProofMaker::new();
    for name in &names[..3] {
        let bytes = fs::read(setting.archive.path().join(name)).unwrap();
        peaks.read(&*bytes).unwrap();
        for line in bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| line.starts_with(b"{"))
        {
            whole.push(callgate_audit::record_digest(line));
        }
    }
    maker = ProofMaker::of_folder(setting.log.path(), &whole).unwrap();
    let proof = maker.consistency(again.first, note.size()).unwrap();
    assert_eq!(proof.verify(old, note.root()), Ok(()));
}

#[test]
fn nothing_is_removed() {
    let setting = setting();
    let names = names(setting.log.path());
    let refused = |until: u64, expected: &str| {
        let error = setting.prune(until).unwrap_err().to_string();
        let place = setting.archive.path().display().to_string();
        let error = error.replace(&place, "ARCHIVE");
        assert_eq!(error, expected);
        assert_eq!(self::names(setting.log.path()), names);
        setting.check(0);
    };
    refused(0, "no file of the log ends before record 0");
    refused(1, "no file of the log ends before record 1");
    // A copy is missing, or another one.
    let copy = setting.archive.path().join(&names[1]);
    let bytes = fs::read(&copy).unwrap();
    fs::remove_file(&copy).unwrap();
    refused(
        u64::MAX,
        &format!("cannot read or remove `ARCHIVE/{}`", names[1]),
    );
    let mut other = bytes.clone();
    other[80] ^= 1;
    fs::write(&copy, &other).unwrap();
    let told = format!(
        "the copy `ARCHIVE/{}` is not what stands in the log",
        names[1]
    );
    refused(u64::MAX, &told);
    fs::write(
        &copy,
        &bytes[..bytes
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(bytes.len())
            - 9],
    )
    .unwrap();
    refused(u64::MAX, &told);
    fs::write(&copy, &bytes).unwrap();
    // The last file is never removed.
    let removed = setting.prune(u64::MAX).unwrap();
    assert_eq!(removed.first, first(names.last().unwrap()));
    setting.check(removed.first);
}

#[test]
fn broken_logs_are_not_pruned() {
    let setting = setting();
    let names = names(setting.log.path());
    // Changed in both places.
    for folder in [setting.log.path(), setting.archive.path()] {
        let path = folder.join(&names[0]);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen("\"lost\":1,", "\"lost\":7,", 1)).unwrap();
    }
    let error = setting.prune(first(&names[1])).unwrap_err();
    assert_eq!(error.to_string(), "record 2 is not what it should be");
}

#[test]
fn what_is_not_sealed_stays() {
    let (log, archive) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sink = FileSinkOptions::new()
        .segment_bytes(1)
        .open(log.path())
        .unwrap();
    let journal = Journal::open(Arc::new(sink)).unwrap();
    for number in 0..3 {
        let record = Record::Gap(GapRecord::new(noon(), number));
        journal
            .append(&record, Ask::new(Durability::Accepted, LONG))
            .unwrap();
    }
    let request = Prune::new(2, archive.path(), "operator", "old", noon());
    let error = prune(&journal, log.path(), &request).unwrap_err();
    let told = "expected a checkpoint over 2 records, the last one is over 0";
    assert_eq!(error.to_string(), told);
}

#[test]
fn crash_in_between() {
    // After the record, and after each file.
    for gone in 0..3 {
        let setting = setting();
        let names = names(setting.log.path());
        let until = first(&names[3]);
        setting.prune(until).unwrap();
        // What a crash would have left.
        for name in &names[gone..3] {
            let from = setting.archive.path().join(name);
            fs::copy(from, setting.log.path().join(name)).unwrap();
        }
        setting.check(first(&names[gone]));
        // The next removal finishes it.
        let further = first(&names[4]);
        assert_eq!(setting.prune(further).unwrap().first, further);
        setting.check(further);
    }
}
