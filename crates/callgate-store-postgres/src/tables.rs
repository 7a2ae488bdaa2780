//! What tables must be like.

use tokio_postgres::Client;

use crate::connect::told;
use crate::error::PostgresChange;
use crate::{PostgresAction, PostgresSinkError};

/// The schema that holds the tables.
pub(crate) const SCHEMA: &str = "callgate";
/// The schema that holds clear texts: one of its own, so that rights and backups can be, too.
pub(crate) const TEXTS_SCHEMA: &str = "callgate_texts";

/// Tables that are made together.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) schema: &'static str,
    /// The format of this version.
    pub(crate) format: i32,
    /// The table in whose column `version` the format is.
    pub(crate) version: &'static str,
    /// That table holds nothing else, so it is looked at first: what is not there beside it is gone.
    pub(crate) apart: bool,
    /// Each table with its unique constraints as the server writes them, as a list of SQL.
    pub(crate) constraints: &'static str,
    /// Whether a table `c` is there, and what it needs beside itself, in SQL.
    pub(crate) there: &'static str,
    /// Only the server that is written to will do.
    pub(crate) primary: bool,
    /// Nobody has made them.
    pub(crate) missing: fn(String) -> PostgresSinkError,
}

/// Those of a log.
pub(crate) const LOG: Tables = Tables {
    schema: SCHEMA,
    format: 1,
    version: "format",
    apart: true,
    constraints: "('chain', '{PRIMARY KEY (id),UNIQUE (name)}'::text[]), \
                  ('record', '{\"PRIMARY KEY (chain, seq)\",\"UNIQUE (chain, prev)\"}'::text[])",
    there: "true",
    primary: false,
    missing: |schema| PostgresSinkError::NotMigrated { schema },
};

/// Those of clear texts.
pub(crate) const TEXTS: Tables = Tables {
    schema: TEXTS_SCHEMA,
    format: 1,
    version: "format",
    apart: true,
    constraints: "('clear_text', '{PRIMARY KEY (commitment)}'::text[])",
    there: "true",
    primary: false,
    missing: |schema| PostgresSinkError::NoTexts { schema },
};

impl Tables {
    /// Tables that are all there, keep what is put into them, and have a format that is known here.
    pub(crate) async fn check(&self, client: &Client) -> Result<(), PostgresSinkError> {
        if self.apart {
            self.check_made(client).await?;
            self.check_format(client, PostgresAction::Connect).await?;
            return self.check_facts(client).await;
        }
        self.check_facts(client).await?;
        self.check_format(client, PostgresAction::Connect).await
    }

    /// Nobody has made them.
    pub(crate) fn missing(&self) -> PostgresSinkError {
        (self.missing)(self.schema.to_owned())
    }

    /// They are not there yet, or are not those of a later version.
    pub(crate) async fn check_not_newer(&self, client: &Client) -> Result<(), PostgresSinkError> {
        let action = PostgresAction::Migrate;
        if !self.is_made(client, action).await? {
            return Ok(());
        }
        match self.check_format(client, action).await {
            Err(error @ PostgresSinkError::Newer { .. }) => Err(error),
            _ => Ok(()),
        }
    }

    async fn check_made(&self, client: &Client) -> Result<(), PostgresSinkError> {
        if self.is_made(client, PostgresAction::Connect).await? {
            return Ok(());
        }
        Err(self.missing())
    }

    async fn is_made(
        &self,
        client: &Client,
        action: PostgresAction,
    ) -> Result<bool, PostgresSinkError> {
        let table = format!("{}.{}", self.schema, self.version);
        let sql = "SELECT to_regclass($1) IS NOT NULL";
        let made = client.query_one(sql, &[&table]).await;
        made.and_then(|row| row.try_get(0)).map_err(told(action))
    }

    /// The format that is found is the one of this version.
    pub(crate) async fn check_format(
        &self,
        client: &Client,
        action: PostgresAction,
    ) -> Result<(), PostgresSinkError> {
        let sql = format!("SELECT max(version) FROM {}.{}", self.schema, self.version);
        let found = client.query_one(&sql, &[]).await;
        let found = found.and_then(|row| row.try_get::<_, Option<i32>>(0));
        match found.map_err(told(action))? {
            Some(found) if found == self.format => Ok(()),
            Some(found) if found > self.format => Err(PostgresSinkError::Newer {
                schema: self.schema.to_owned(),
                found,
                expected: self.format,
            }),
            _ => Err(self.missing()),
        }
    }

    /// Each table keeps what is put into it, and refuses a second row in one place.
    async fn check_facts(&self, client: &Client) -> Result<(), PostgresSinkError> {
        let connecting = told(PostgresAction::Connect);
        for row in client
            .query(&self.facts(), &[])
            .await
            .map_err(&connecting)?
        {
            let fact = |place: usize| row.try_get::<_, Option<bool>>(place);
            let facts = (|| Ok((fact(1)?, fact(2)?, fact(3)?, fact(4)?, fact(5)?)))();
            let (there, shape, permanent, triggers, hidden) = facts.map_err(&connecting)?;
            if there != Some(true) {
                return Err(self.missing());
            }
            let change = if shape != Some(true) {
                PostgresChange::Shape
            } else if permanent != Some(true) {
                PostgresChange::NotPermanent
            } else if triggers != Some(false) {
                PostgresChange::Triggers
            } else if hidden != Some(false) {
                PostgresChange::RowSecurity
            } else {
                continue;
            };
            let name: String = row.try_get(0).map_err(&connecting)?;
            let table = format!("{}.{name}", self.schema);
            return Err(PostgresSinkError::Altered { table, change });
        }
        Ok(())
    }

    fn facts(&self) -> String {
        let Self {
            schema,
            constraints,
            there,
            ..
        } = self;
        format!(
            "SELECT t.name, \
               {there}, \
               c.relkind = 'r' AND (SELECT count(*) FROM pg_constraint k WHERE k.conrelid = c.oid \
                 AND pg_get_constraintdef(k.oid) = ANY (t.unique)) = cardinality(t.unique), \
               c.relpersistence = 'p', \
               c.relhasrules OR EXISTS (SELECT FROM pg_trigger \
                 WHERE tgrelid = c.oid AND NOT tgisinternal), \
               c.relrowsecurity \
             FROM (VALUES {constraints}) AS t (name, \"unique\") \
             LEFT JOIN pg_class c ON c.oid = to_regclass('{schema}.' || t.name)"
        )
    }
}
