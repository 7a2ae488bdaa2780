//! What the settings of a server have to be.

use tokio_postgres::Client;

use crate::connect::told;
use crate::{PostgresAction, PostgresSinkError};

/// Commits that wait for the device of the server at least.
pub(crate) const SYNCHRONOUS: [&str; 3] = ["on", "remote_write", "remote_apply"];

/// What `synchronous_commit` is, where it is good enough.
pub(crate) async fn check_settings(
    client: &Client,
    fsync_off: bool,
) -> Result<String, PostgresSinkError> {
    let sql = "SELECT current_setting('fsync'), current_setting('synchronous_commit')";
    let settings = client.query_one(sql, &[]).await;
    let settings = settings.and_then(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let (fsync, commit): (String, String) = settings.map_err(told(PostgresAction::Connect))?;
    if fsync != "on" && !fsync_off {
        return Err(PostgresSinkError::Setting {
            setting: "fsync",
            found: fsync,
            expected: "`on`",
        });
    }
    synchronous(commit)
}

/// A replica may be behind: what it has not heard of would not be in force.
pub(crate) async fn check_primary(client: &Client) -> Result<(), PostgresSinkError> {
    let sql = "SELECT CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END";
    let found = client.query_one(sql, &[]).await;
    let found = found.and_then(|row| row.try_get::<_, String>(0));
    let found = found.map_err(told(PostgresAction::Connect))?;
    if found == "off" {
        return Ok(());
    }
    Err(PostgresSinkError::Setting {
        setting: "in_recovery",
        found,
        expected: "`off`",
    })
}

/// What `synchronous_commit` is; refused where commits would be acknowledged before they are durable.
pub(crate) fn synchronous(found: String) -> Result<String, PostgresSinkError> {
    if SYNCHRONOUS.contains(&&*found) {
        return Ok(found);
    }
    Err(PostgresSinkError::Setting {
        setting: "synchronous_commit",
        found,
        expected: "`on`, `remote_write` or `remote_apply`",
    })
}
