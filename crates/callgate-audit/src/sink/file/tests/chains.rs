//! Several writers of one folder.

use std::path::{Path, PathBuf};

use super::host::LOG;
use super::machine::Machine;
use super::sim::Sim;
use crate::sink::AuditSink as _;
use crate::sink::file::log::Log;
use crate::{FileSinkError, FileSinkOptions, Head};

fn open(machine: &Machine, options: &FileSinkOptions) -> Result<Log<Sim>, FileSinkError> {
    Log::open(machine.disk(), Path::new(LOG), options)
}

fn folder(log: &Log<Sim>) -> PathBuf {
    log.folder.path.clone()
}

#[test]
fn second_writer_is_refused() {
    let machine = Machine::new(512);
    let _first = open(&machine, &FileSinkOptions::new()).unwrap();
    let told = open(&machine, &FileSinkOptions::new()).unwrap_err();
    assert_eq!(told.to_string(), "the log in `/data/audit` is in use");
}

#[test]
fn chains_of_their_own() {
    let machine = Machine::new(512);
    let own = FileSinkOptions::new().own_chain();
    // The first one has the folder itself.
    let first = open(&machine, &own).unwrap();
    assert_eq!(folder(&first), Path::new(LOG));
    let second = open(&machine, &own).unwrap();
    let third = open(&machine, &own).unwrap();
    let chains = [folder(&second), folder(&third)];
    assert_ne!(chains[0], chains[1]);
    for chain in &chains {
        assert_eq!(chain.parent(), Some(Path::new(LOG)));
        let name = chain.file_name().unwrap().to_str().unwrap();
        assert!(name.len() == 22 && name.starts_with("chain-"), "{name}");
    }
    assert_eq!(second.head().unwrap(), Head::EMPTY);

    // One that nobody writes any more is gone on with, so that there are never more than needed.
    drop(second);
    let fourth = open(&machine, &own).unwrap();
    assert_eq!(folder(&fourth), chains[0]);
    // And the folder itself comes first.
    drop(first);
    assert_eq!(
        folder(&open(&machine, &FileSinkOptions::new()).unwrap()),
        Path::new(LOG)
    );
}

#[test]
fn names_that_are_no_chains() {
    let machine = Machine::new(512);
    let own = FileSinkOptions::new().own_chain();
    let _first = open(&machine, &own).unwrap();
    for name in [
        "chain-",
        "chain-1",
        "chain-000000000000000G",
        "chain-0000000000000000.old",
    ] {
        machine.unlink(&format!("{LOG}/{name}"), Some(Vec::new()));
    }
    let second = folder(&open(&machine, &own).unwrap());
    assert_eq!(second.file_name().unwrap().len(), 22);
}

#[test]
fn too_many_chains() {
    let machine = Machine::new(512);
    let own = FileSinkOptions::new().own_chain();
    let _all: Vec<_> = (0..=256).map(|_| open(&machine, &own).unwrap()).collect();
    let told = open(&machine, &own).unwrap_err();
    assert_eq!(told.to_string(), "all chains in `/data/audit` are in use");
}
