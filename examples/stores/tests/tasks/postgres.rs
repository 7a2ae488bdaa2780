//! A store on a server.

use std::error::Error as _;
use std::io::Write as _;
use std::thread;

use callgate_store_postgres::migrate_standing;

use self::server::Server;
use crate::desk::{BOUND, Desk, Other, officer, session, takes_back};
use crate::{Tried, UNKNOWN};

#[expect(dead_code, reason = "other tests stop a server in another way, too")]
#[path = "../../../../crates/callgate-store-postgres/tests/store/server.rs"]
mod server;

/// A server, and the store on it; `None` where none is installed, which is said.
fn start() -> Tried<Option<(Server, String)>> {
    let Some(server) = Server::start(&[])? else {
        let mut stderr = std::io::stderr().lock();
        writeln!(
            stderr,
            "skipped: no Postgres server is installed, nothing was tested"
        )?;
        return Ok(None);
    };
    let socket = server.socket().display();
    let database = format!("host={socket} user=gate dbname=postgres");
    migrate_standing(&database)?;
    Ok(Some((server, format!("postgres {database}"))))
}

#[test]
fn what_one_process_takes_back_the_other_knows_in_time() -> Tried {
    let Some((_server, store)) = start()? else {
        return Ok(());
    };
    takes_back(&store)
}

#[test]
fn a_server_that_is_killed_denies_everything() -> Tried {
    let Some((mut server, store)) = start()? else {
        return Ok(());
    };
    let here = Desk::over(&store)?;
    let mut there = Other::start(&store)?;
    assert_eq!(
        (here.both("s")?, there.asked("s")?),
        ("permitted".into(), "permitted".into())
    );
    server.kill()?;
    // It may have looked just before; then that look counts for as long as any.
    let last = there.reaches("s", "permitted", "standing_unknown")?;
    println!(
        "permitted until {} ms after the server was killed",
        last.as_millis()
    );
    assert!(last <= BOUND.saturating_mul(2), "{last:?}");
    thread::sleep(BOUND);
    // Calls that read and calls that write, in whichever session.
    for id in ["s", "s-1", "s-2"] {
        assert_eq!(
            (here.both(id)?, there.asked(id)?),
            (UNKNOWN.into(), UNKNOWN.into())
        );
    }
    let informed = here.gate.informed().ok_or("no store")?;
    assert!(informed.is_stale);
    let fault = informed.fault.ok_or("no fault")?;
    assert_eq!(fault.to_string(), "the standing store cannot be reached");
    let cause = fault.source().ok_or("no cause")?.to_string();
    assert_eq!(cause, "cannot connect: no connection to the server");
    // What is taken away meanwhile holds here, and others learn of it later.
    let told = here
        .gate
        .revoke(&session("s-1")?, &officer()?, "it went astray");
    assert!(told.is_err_and(|error| error.is_in_force()));

    // It comes back, and so does everybody.
    server.restart()?;
    there.reaches("s", "standing_unknown", "permitted")?;
    there.reaches("s-1", "permitted", "session_revoked")?;
    thread::sleep(BOUND);
    assert_eq!(here.both("s")?, "permitted");
    assert!(here.both("s-1")?.starts_with("session_revoked"));
    assert_eq!(here.gate.informed().map(|it| it.unshared), Some(0));
    Ok(())
}
