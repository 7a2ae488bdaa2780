//! A log in files: folders, segments, writers that get in each other's way.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use callgate_audit::{
    AppendError, AuditSink as _, FileSink, FileSinkError, FileSinkOptions, Head, Journal,
    SinkError, VerifyOptions, verify_folder,
};

use crate::rig::{accepted, durable, numbered};

/// Appends records `from` to `to` to the log in `folder`.
pub(crate) fn write(folder: &Path, options: &FileSinkOptions, numbers: std::ops::Range<u64>) {
    let sink = Arc::new(options.open(folder).unwrap());
    let journal = Journal::open(sink).unwrap();
    for number in numbers {
        journal.append(&numbered(number), accepted()).unwrap();
    }
}

fn error_of(folder: &Path) -> String {
    FileSink::open(folder).unwrap_err().to_string()
}

#[test]
fn restart_goes_on_over_segments() {
    let folder = tempfile::tempdir().unwrap();
    let options = FileSinkOptions::new().segment_bytes(500);
    for run in 0..4 {
        write(folder.path(), &options, run * 5..run * 5 + 5);
    }
    let report = verify_folder(folder.path(), &VerifyOptions::new()).unwrap();
    assert!(report.is_good(), "{:?}", report.first_fault);
    assert_eq!(report.records, 20);
    let files = fs::read_dir(folder.path()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let segments = names.filter(|name| name.starts_with('0')).count();
    assert!(segments > 3, "{segments}");
}

/// A line that is being written may be read with its start still zeros, and half of its tail.
#[test]
fn half_a_line_behind_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Arc::new(FileSink::open(folder.path()).unwrap());
    let journal = Journal::open(sink.clone()).unwrap();
    for number in 0..3 {
        journal.append(&numbered(number), durable()).unwrap();
    }
    let path = folder.path().join("00000000000000000000.jsonl");
    let stored = sink.read(0, 3).unwrap().bytes().to_vec();
    let mut segment = fs::read(&path).unwrap();
    segment.truncate(stored.len());
    segment.extend_from_slice(b"\0\0\0\0half of a tail\"}\n");
    fs::write(&path, &segment).unwrap();
    for max in [1, 3, 4, 100] {
        let read = sink.read(0, max).unwrap();
        assert_eq!(read.records(), (max as u64).min(3), "{max}");
    }
    assert_eq!(sink.read(2, 100).unwrap().records(), 1);
    assert_eq!(sink.read(3, 100).unwrap().records(), 0);
}

#[test]
fn reads_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let options = FileSinkOptions::new().segment_bytes(500);
    write(folder.path(), &options, 0..20);
    let sink = FileSink::open(folder.path()).unwrap();
    let head = sink.head().unwrap();
    let all = sink.read(0, 100).unwrap();
    assert_eq!((all.start(), all.end()), (Head::EMPTY, head));
    for from in 0..20 {
        for max in [1, 2, 7] {
            let some = sink.read(from, max).unwrap();
            assert_eq!(some.start().records, from);
            assert_eq!(some.records(), (max as u64).min(20 - from));
            let skipped = usize::try_from(from).unwrap();
            assert!(some.lines().eq(all.lines().skip(skipped).take(max)));
        }
    }
    // One after the other, and from a place that was not the next.
    for max in [1, 3, 20] {
        let (mut from, mut lines) = (0, Vec::new());
        while from < 20 {
            let some = sink.read(from, max).unwrap();
            lines.extend(some.lines().map(<[u8]>::to_vec));
            from = some.end().records;
            if max == 3 {
                sink.read(from / 2, 1).unwrap();
            }
        }
        assert!(all.lines().eq(&lines));
        let again = [0, 7, 10].map(|from| sink.read(from, 3).unwrap().start().records);
        assert_eq!(again, [0, 7, 10]);
    }
    assert_eq!(sink.read(20, 5).unwrap().records(), 0);
    assert_eq!(sink.read(u64::MAX, 5).unwrap().records(), 0);
    assert_eq!(sink.read(3, 0).unwrap().records(), 0);
}

#[test]
fn second_writer_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = FileSink::open(folder.path()).unwrap();
    let told = FileSink::open(folder.path()).unwrap_err();
    assert!(matches!(told, FileSinkError::Locked { .. }));
    let path = folder.path().display();
    assert_eq!(told.to_string(), format!("the log in `{path}` is in use"));
    drop(first);
    FileSink::open(folder.path()).unwrap();
}

#[test]
fn folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let lock = file.join("lock");
    assert_eq!(error_of(&file), format!("cannot lock `{}`", lock.display()));
    let below = file.join("log");
    assert_eq!(
        error_of(&below),
        format!("cannot create `{}`", below.display())
    );
    // A folder in the place of the lock: not even the superuser can open it as a file.
    let log = folder.path().join("log");
    fs::create_dir_all(log.join("lock")).unwrap();
    let lock = log.join("lock");
    assert_eq!(error_of(&log), format!("cannot lock `{}`", lock.display()));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let log = parent.path().join("new").join("log");
    let options = FileSinkOptions::new().segment_bytes(1);
    write(&log, &options, 0..2);
    let last = log.join("00000000000000000001.jsonl");
    fs::write(last, "torn").unwrap();
    drop(FileSink::open(&log).unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&log), 0o700);
    assert_eq!(mode(log.parent().unwrap()), 0o700);
    assert_eq!(mode(&log.join("torn")), 0o700);
    for name in ["lock", "00000000000000000000.jsonl"] {
        assert_eq!(mode(&log.join(name)), 0o600, "{name}");
    }
    for file in fs::read_dir(log.join("torn")).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn chain_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let first = FileSink::open(folder.path()).unwrap();
    let options = FileSinkOptions::new().own_chain();
    let second = options.open(folder.path()).unwrap();
    let chain = second.folder().to_owned();
    for sink in [first, second] {
        let journal = Journal::open(Arc::new(sink)).unwrap();
        journal.append(&numbered(1), durable()).unwrap();
    }
    for log in [folder.path(), &chain] {
        let report = verify_folder(log, &VerifyOptions::new()).unwrap();
        assert!(report.is_good(), "{:?}", report.first_fault);
        assert_eq!(report.records, 1);
    }
}

#[test]
fn log_goes_no_further_after_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let options = FileSinkOptions::new().segment_bytes(1);
    let sink = Arc::new(options.open(folder.path()).unwrap());
    let journal = Journal::open(Arc::clone(&sink) as Arc<_>).unwrap();
    journal.append(&numbered(1), accepted()).unwrap();
    // The next segment cannot be made.
    fs::create_dir(folder.path().join("00000000000000000001.jsonl")).unwrap();
    journal.append(&numbered(2), accepted()).unwrap_err();
    fs::remove_dir(folder.path().join("00000000000000000001.jsonl")).unwrap();
    journal.append(&numbered(3), durable()).unwrap_err();
    assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
    assert!(matches!(
        sink.sync(Head::EMPTY),
        Err(SinkError::Poisoned(_))
    ));
    drop((journal, sink));

    write(folder.path(), &options, 4..5);
    let report = verify_folder(folder.path(), &VerifyOptions::new()).unwrap();
    assert!(report.is_good());
    assert_eq!(report.records, 2);
}

#[test]
fn missing_and_foreign_files() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path();
    let options = FileSinkOptions::new().segment_bytes(1);
    write(log, &options, 0..4);
    let segment = |first: u64| log.join(format!("{first:020}.jsonl"));

    fs::write(log.join("7.jsonl"), "").unwrap();
    let stranger = log.join("7.jsonl");
    let told = format!(
        "`{}` is not named like a file of the log",
        stranger.display()
    );
    assert_eq!(error_of(log), told);
    fs::remove_file(stranger).unwrap();
    // What begins with a letter or a dot is not the log's.
    fs::write(log.join("notes"), "").unwrap();
    fs::write(log.join(".hidden"), "").unwrap();

    let kept = fs::read(segment(2)).unwrap();
    fs::remove_file(segment(2)).unwrap();
    let told = format!(
        "`{}` does not follow the file before it, which ends before record 2",
        segment(3).display()
    );
    assert_eq!(error_of(log), told);
    fs::write(segment(2), &kept[..kept.len() - 1]).unwrap();
    let told = format!("`{}` does not end with a record", segment(2).display());
    assert_eq!(error_of(log), told);
    fs::write(segment(2), kept).unwrap();
    write(log, &options, 4..5);
}

#[test]
fn conflict_and_repetition() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &FileSinkOptions::new(), 0..3);
    let sink = FileSink::open(folder.path()).unwrap();
    let head = sink.head().unwrap();
    let last = sink.read(2, 1).unwrap();
    // The same batch once more: it is there already.
    sink.append(last.start(), &last).unwrap();
    let first = sink.read(0, 1).unwrap();
    let told = sink.append(first.start(), &first);
    assert!(matches!(told, Err(SinkError::Conflict(found)) if found == head));
    assert_eq!(sink.head().unwrap(), head);
}

/// A log whose only segment is the device `name`.
#[cfg(target_os = "linux")]
fn on_device(name: &str) -> (tempfile::TempDir, Arc<FileSink>) {
    let folder = tempfile::tempdir().unwrap();
    let segment = folder.path().join("00000000000000000000.jsonl");
    std::os::unix::fs::symlink(Path::new("/dev").join(name), segment).unwrap();
    let sink = Arc::new(FileSink::open(folder.path()).unwrap());
    (folder, sink)
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk() {
    let (_folder, sink) = on_device("full");
    let journal = Journal::open(Arc::clone(&sink) as Arc<_>).unwrap();
    for _ in 0..2 {
        let told = journal.append(&numbered(1), accepted());
        assert!(matches!(told, Err(AppendError::Closed(SinkError::Full))));
    }
    // The file may end with a part of the record: nothing is written behind it.
    assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
}

#[cfg(target_os = "linux")]
#[test]
fn failed_sync_is_not_tried_again() {
    // What is written there is taken, and cannot be synced.
    let (folder, sink) = on_device("null");
    let journal = Journal::open(Arc::clone(&sink) as Arc<_>).unwrap();
    journal.append(&numbered(1), accepted()).unwrap();
    let told = journal.append(&numbered(2), durable());
    let Err(AppendError::Closed(SinkError::Poisoned(cause))) = told else {
        panic!("expected a closed journal");
    };
    let segment = folder.path().join("00000000000000000000.jsonl");
    assert_eq!(
        cause.to_string(),
        format!("cannot sync `{}`", segment.display())
    );
    let told = sink.sync(Head::EMPTY);
    assert!(matches!(told, Err(SinkError::Poisoned(_))));
    assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
}
