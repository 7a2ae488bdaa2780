//! The thread that looks at the store.

use std::io;
use std::sync::Arc;
use std::thread;

use super::watch::Shared;

/// Starts a thread that looks at the store, four times in the time for which a look counts, until the
/// gate is gone. While the store does not answer, neither does the thread; calls are denied then, and
/// nobody waits.
pub(super) fn start(shared: Arc<Shared>) -> io::Result<()> {
    let thread = thread::Builder::new().name("callgate-standing".to_owned());
    thread.spawn(move || run(&shared)).map(drop)
}

fn run(shared: &Shared) {
    let pause = shared.pause();
    let mut round = 0_usize;
    while !shared.is_over_within(pause) {
        // Whether or not the store answers: time goes on.
        shared.sweep();
        // Why it failed is kept for whoever asks the gate; calls see that no look went well.
        if shared.look().is_ok() && shared.share_all().is_ok() {
            shared.forget(round);
            round = round.wrapping_add(1);
        }
    }
}
