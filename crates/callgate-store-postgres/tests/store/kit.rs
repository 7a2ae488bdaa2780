//! The sink keeps what every sink promises.

use std::sync::atomic::{AtomicUsize, Ordering};

use callgate_audit::testkit::Kit;
use callgate_store_postgres::PostgresSink;

use crate::rig::{database, name, patient};

#[test]
fn conforms() {
    let Some(database) = database() else { return };
    let count = AtomicUsize::new(0);
    let open = move |chain| patient().connect(&database, chain);
    let (again, rival) = (open.clone(), open.clone());
    Kit::new(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        open(name(&format!("kit-{number}")))
    })
    .reopen(move |sink: PostgresSink| {
        let chain = sink.chain().clone();
        drop(sink);
        again(chain)
    })
    .rival(move |sink| rival(sink.chain().clone()))
    .check()
    .unwrap();
}
