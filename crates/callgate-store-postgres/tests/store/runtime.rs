//! Hosts with a runtime of a single thread.

use std::sync::Arc;

use callgate_audit::{AuditSink as _, Journal};
use callgate_store_postgres::migrate;

use crate::rig::{durable, empty_database, numbered, numbers, open, reader};

#[test]
fn within_a_runtime_of_one_thread() {
    let Some(database) = empty_database() else {
        return;
    };
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().unwrap();
    runtime.block_on(async {
        // Each of these blocks the only thread there is, and none needs it to go on.
        migrate(&database).unwrap();
        let sink = Arc::new(open(&database));
        let journal = Journal::open(Arc::clone(&sink) as Arc<_>).unwrap();
        for number in 0..5 {
            journal.append(&numbered(number), durable()).unwrap();
            tokio::task::yield_now().await;
        }
        assert_eq!(sink.read(0, 9).unwrap().records(), 5);
        drop(reader(&database));
        // Dropping the last one within the runtime is well, too.
        drop((journal, sink));
    });
    assert_eq!(numbers(&database), [0, 1, 2, 3, 4]);
}
