//! Trying rules one after the other, each in a thread that may hang or panic.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::broken::{Broken, Finding};

/// How long a rule may take unless told otherwise.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Tries one rule.
pub(super) type Test<K> = fn(&K) -> Result<(), Finding>;

/// Tries `rules` in their order; each assumes those before it.
pub(super) fn all<K, R>(
    kit: &Arc<K>,
    patience: Duration,
    rules: impl IntoIterator<Item = (R, Test<K>)>,
) -> Result<(), Broken<R>>
where
    K: Send + Sync + 'static,
{
    for (rule, test) in rules {
        one(kit, patience, test).map_err(|finding| finding.of(rule))?;
    }
    Ok(())
}

fn one<K>(kit: &Arc<K>, patience: Duration, test: Test<K>) -> Result<(), Finding>
where
    K: Send + Sync + 'static,
{
    let (sender, receiver) = channel();
    let tried = Arc::clone(kit);
    let trying = thread::Builder::new().spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(|| test(&tried)));
        // Whoever asked may have lost patience.
        drop(sender.send(result));
    });
    match trying.map(|_| receiver.recv_timeout(patience)) {
        Ok(Ok(Ok(result))) => result,
        Ok(Ok(Err(panic))) => Err(panicked(&*panic)),
        Ok(Err(RecvTimeoutError::Timeout)) => Err(Finding::new(
            "in the whole",
            format_args!("an end within {} s", patience.as_secs_f64()),
            "none",
        )),
        Ok(Err(RecvTimeoutError::Disconnected)) => {
            Err(Finding::new("in the whole", "a result", "none"))
        }
        Err(error) => Err(Finding::new("at the start", "a thread", error)),
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Finding {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let found = format!("the panic `{}`", text.unwrap_or("of another type"));
    Finding::new("in the whole", "no panic", found)
}
