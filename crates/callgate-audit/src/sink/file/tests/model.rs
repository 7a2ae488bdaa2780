//! For all that can happen: what was acknowledged as durable is there, none of it twice, in its
//! order; what was only accepted is lost from the end alone.

use proptest::prelude::*;
use std::io::ErrorKind;

use super::host::Host;
use super::machine::{Fault, Machine};
use crate::FileSinkOptions;

#[derive(Clone, Debug)]
enum Step {
    Append(u64, usize),
    Sync,
    /// The log is closed and opened.
    Reopen,
    Kill,
    /// With what decides which sectors arrive.
    Crash(u64),
    /// So many steps from now.
    Fault(u64, Fault),
    Room(usize),
}

fn steps() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![
        Just(Fault::Error(ErrorKind::Other)),
        Just(Fault::Error(ErrorKind::StorageFull)),
        Just(Fault::Error(ErrorKind::Interrupted)),
        Just(Fault::Short),
        Just(Fault::Dead),
    ];
    prop_oneof![
        8 => (1_u64..4, 0_usize..300).prop_map(|(records, bytes)| Step::Append(records, bytes)),
        6 => Just(Step::Sync),
        1 => Just(Step::Reopen),
        1 => Just(Step::Kill),
        3 => any::<u64>().prop_map(Step::Crash),
        2 => (0_u64..20, fault).prop_map(|(ahead, fault)| Step::Fault(ahead, fault)),
        1 => (0_usize..3000).prop_map(Step::Room),
    ]
}

/// Numbers that look random.
pub(crate) fn random(mut state: u64) -> impl FnMut() -> bool {
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 63 == 1
    }
}

fn run(steps: Vec<Step>, segment: u64, ahead: u64, sector: usize) {
    let options = FileSinkOptions::new()
        .segment_bytes(segment)
        .zero_ahead(ahead);
    let mut host = Host::new(Machine::new(sector), options);
    host.open().unwrap();
    for step in steps {
        match step {
            Step::Append(..) | Step::Sync if host.log.is_none() => {}
            // Whatever it says: the host believes what it is told.
            Step::Append(records, bytes) => {
                if host.append(records, bytes).is_err() {
                    reopen(&mut host);
                }
            }
            Step::Sync => {
                if host.sync().is_err() {
                    reopen(&mut host);
                }
            }
            Step::Reopen => reopen(&mut host),
            Step::Kill => {
                host.kill();
                reopen(&mut host);
            }
            Step::Crash(seed) => {
                host.crash(random(seed));
                reopen(&mut host);
            }
            Step::Fault(ahead, fault) => host.machine.fault(ahead, fault),
            Step::Room(bytes) => host.machine.room(bytes),
        }
    }
    host.crash(random(1));
    host.machine.heal();
    host.open().unwrap();
}

/// Opens the log: at the first try, or once nothing is in its way.
fn reopen(host: &mut Host) {
    host.log = None;
    for seed in 0..3 {
        if host.open().is_ok() {
            return;
        }
        if seed > 0 {
            host.crash(random(seed));
        }
    }
    host.kill();
    host.machine.heal();
    host.open().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn acknowledged_records_survive(
        steps in prop::collection::vec(steps(), 1..40),
        segment in prop_oneof![Just(1_u64), Just(700), Just(4000), Just(1 << 20)],
        ahead in prop_oneof![Just(0_u64), Just(600), Just(1 << 16)],
        sector in prop_oneof![Just(1_usize), Just(64), Just(512), Just(4096)],
    ) {
        run(steps, segment, ahead, sector);
    }
}
