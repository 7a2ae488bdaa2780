//! The sink keeps what every sink promises.

use std::sync::atomic::{AtomicUsize, Ordering};

use callgate_audit::testkit::Kit;
use callgate_store_sqlite::SqliteSink;

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let parent = folder.path().to_owned();
    let count = AtomicUsize::new(0);
    Kit::new(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        SqliteSink::open(parent.join(format!("{number}.db")))
    })
    .reopen(|sink: SqliteSink| {
        let path = sink.path().to_owned();
        drop(sink);
        SqliteSink::open(path)
    })
    .rival(|sink| SqliteSink::open(sink.path()))
    .check()
    .unwrap();
}
