//! Power is lost at every step, and every choice of what had arrived by then.

use std::io::ErrorKind;

use super::host::{Host, integrity};
use super::machine::{Fault, Machine};
use super::model::random;
use crate::{FileSinkOptions, Integrity};

/// Writes a few batches over two segments, some of them durable; stops where anything fails.
pub(super) fn script(host: &mut Host) -> Option<()> {
    host.open().ok()?;
    host.append(2, 10).ok()?;
    host.sync().ok()?;
    host.append(1, 300).ok()?;
    host.append(2, 10).ok()?;
    host.sync().ok()?;
    host.append(1, 10).ok()?;
    host.append(2, 100).ok()?;
    Some(())
}

pub(super) fn host(ahead: u64, sector: usize) -> Host {
    let options = FileSinkOptions::new().segment_bytes(900).zero_ahead(ahead);
    Host::new(Machine::new(sector), options)
}

/// How many steps the script takes.
pub(super) fn steps(ahead: u64) -> u64 {
    let mut host = host(ahead, 512);
    script(&mut host).unwrap();
    host.machine.steps()
}

/// After every step, tries `lost` with all choices, or with many.
#[track_caller]
fn every_crash(ahead: u64, sector: usize, mut then: impl FnMut(&mut Host)) {
    for step in 0..=steps(ahead) {
        let crashed = || {
            let mut host = host(ahead, sector);
            host.machine.fault(step, Fault::Dead);
            let _stopped = script(&mut host);
            host
        };
        let choices = crashed().machine.unsynced();
        let all = choices <= 6;
        for choice in 0..if all { 1 << choices } else { 40 } {
            let mut host = crashed();
            if all {
                let mut bits = (0..choices).map(|bit| choice >> bit & 1 == 1);
                host.crash(|| bits.next().unwrap_or(false));
            } else {
                host.crash(random(step * 1000 + choice));
            }
            then(&mut host);
        }
    }
}

#[test]
fn at_every_step_with_every_choice_of_sectors() {
    for (ahead, sector) in [(0, 64), (0, 512), (0, 4096), (600, 64), (600, 512)] {
        every_crash(ahead, sector, |host| {
            host.open().unwrap();
            host.append(1, 10).unwrap();
            host.sync().unwrap();
            host.crash(|| false);
            host.open().unwrap();
        });
    }
}

#[test]
fn byte_by_byte() {
    // With sectors of one byte any byte of a batch may be missing, and any end of it.
    every_crash(0, 1, |host| {
        host.open().unwrap();
        host.append(1, 10).unwrap();
    });
}

#[test]
fn twice_during_recovery() {
    let torn = || {
        let mut host = host(600, 64);
        script(&mut host).unwrap();
        host.crash(random(11));
        host
    };
    let opening = {
        let mut host = torn();
        let before = host.machine.steps();
        host.open().unwrap();
        assert_eq!(host.log.as_ref().unwrap().torn.len(), 1);
        host.machine.steps() - before
    };
    for first in 0..opening {
        for second in 0..opening + 4 {
            for seed in [first + second] {
                let mut host = torn();
                for (at, seed) in [(first, seed), (second, seed + 7)] {
                    host.machine.fault(at, Fault::Dead);
                    let _stopped = host.open();
                    host.crash(random(seed));
                }
                host.open().unwrap();
                let names = host.machine.names("/data/audit/torn");
                assert!(
                    names.iter().all(|name| name.starts_with("seq-")),
                    "{names:?}"
                );
            }
        }
    }
}

#[test]
fn again_after_appending_behind_a_torn_end() {
    for seed in 0..50 {
        let mut host = host(600, 64);
        script(&mut host).unwrap();
        for round in 0..4 {
            host.crash(random(seed * 10 + round));
            host.open().unwrap();
            host.append(2, 50).unwrap();
            host.sync().unwrap();
            host.append(2, 150).unwrap();
        }
        host.crash(random(seed));
        host.open().unwrap();
    }
}

#[test]
fn between_write_and_sync() {
    // The process dies: what it wrote stays, whether or not anybody was told.
    let mut host = host(600, 512);
    host.open().unwrap();
    host.append(1, 10).unwrap();
    host.sync().unwrap();
    host.append(2, 10).unwrap();
    host.kill();
    host.open().unwrap();
    assert_eq!(host.possible, [0, 1, 2]);
    // Power is lost: it may be gone.
    host.append(2, 10).unwrap();
    host.crash(|| false);
    host.open().unwrap();
    assert_eq!(host.possible, [0, 1, 2]);
}

#[test]
fn device_that_lies_about_its_syncs() {
    // Nothing can be promised then. But whatever opens is a start of what was written, or the
    // verifier says what is wrong.
    for seed in 0..400 {
        let mut host = host(600, 64);
        host.machine.lies();
        script(&mut host).unwrap();
        host.crash(random(seed));
        host.machine.heal();
        match host.stored() {
            Ok(stored) => {
                let good = integrity(&host.machine) == Integrity::Ok;
                assert!(host.possible.starts_with(&stored) || !good, "{stored:?}");
            }
            Err(error) => {
                let text = error.to_string();
                let told = [
                    "is damaged",
                    "does not follow",
                    "does not end with a record",
                ];
                assert!(told.iter().any(|told| text.contains(told)), "{text}");
            }
        }
    }
}

#[test]
fn sync_that_failed_and_then_seems_to_work() {
    // The system took the records for written when it could not write them. Opened anew without a
    // crash, the log must not believe that.
    let mut host = host(0, 64);
    host.open().unwrap();
    host.append(2, 10).unwrap();
    host.sync().unwrap();
    host.append(2, 10).unwrap();
    host.machine.fault(0, Fault::Error(ErrorKind::Other));
    host.sync().unwrap_err();
    host.sync().unwrap_err();
    host.open().unwrap();
    host.append(1, 10).unwrap();
    host.sync().unwrap();
    host.crash(|| false);
    host.open().unwrap();
    assert_eq!(host.possible, [0, 1, 2, 3, 4]);
}
