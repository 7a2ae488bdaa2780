//! The sink for Postgres, on a server that is started for it.

use super::Promise;

#[cfg(unix)]
#[expect(dead_code, reason = "the tests kill and restart servers, too")]
#[path = "../../../crates/callgate-store-postgres/tests/store/server.rs"]
mod server;

#[cfg(not(unix))]
pub(super) fn promises() -> Vec<Promise> {
    Vec::new()
}

#[cfg(unix)]
pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::rate("postgres", rows::batches)
            .at_least(0.8)
            .rounds(101, 5),
        Promise::rate("postgres/callers", rows::callers)
            .at_least(10.0)
            .rounds(21, 3),
        Promise::rate("limits/postgres", rows::limits)
            .at_least(0.7)
            .rounds(101, 5),
    ]
}

#[cfg(unix)]
mod rows {
    use std::error::Error;
    use std::future::Future;
    use std::sync::{Arc, Barrier};
    use std::thread;
    use std::time::{Duration, Instant};

    use callgate::audit::{Ask, AuditSink as _, Durability, GapRecord, Journal, Record};
    use callgate_store_postgres::{PostgresLimits, PostgresSink, migrate, migrate_limits};
    use chrono::DateTime;
    use tokio::runtime::{Builder, Runtime};
    use tokio_postgres::types::ToSql;
    use tokio_postgres::{Client, NoTls, Statement};

    use super::super::Subject;
    use super::super::limits::{ROUND, reserve};
    use super::super::stored::{Side, per_second, rate};
    use super::server::Server;

    const CALLERS: usize = 32;
    /// How many records a caller writes in a round: ours, and the floor.
    const EACH: (usize, usize) = (64, 4);

    /// Batches through the sink; against the same rows in a table of the same shape, a statement
    /// for each batch, over one connection.
    pub(super) fn batches() -> Result<Subject, Box<dyn Error>> {
        let Some(server) = Server::start(&[])? else {
            return Ok(NO_SERVER);
        };
        let database = database(&server);
        migrate(&database)?;
        let sink = PostgresSink::connect(&database, "main".parse()?)?;
        let mut bare = Connected::new(&database)?;
        bare.run("CREATE TABLE public.record (LIKE callgate.record INCLUDING ALL)")?;
        bare.statement = Some(bare.prepare(
            "INSERT INTO public.record (chain, seq, prev, line) \
             SELECT 1, $1 + part.place - 1, part.prev, part.line \
             FROM unnest($2::bytea[], $3::bytea[]) WITH ORDINALITY AS part (prev, line, place)",
        )?);
        let ours: Side = Box::new(move |batches| {
            // The server goes when the sink does.
            let _kept = &server;
            for batch in batches {
                sink.append(batch.start(), batch).ok()?;
            }
            Some(())
        });
        let floor: Side = Box::new(move |batches| {
            for batch in batches {
                let (places, lines): (Vec<_>, Vec<_>) = batch.placed().unzip();
                let digests = places.iter().map(|place| place.digest.as_bytes());
                let prevs: Vec<&[u8]> = digests.map(<[u8; 32]>::as_slice).collect();
                let from = i64::try_from(batch.start().records).ok()?;
                bare.execute(&[&from, &prevs, &lines])?;
            }
            Some(())
        });
        rate(ours, floor)
    }

    /// 32 threads that make records durable through one journal; against as many connections to a
    /// function that locks the head and inserts one record.
    pub(super) fn callers() -> Result<Subject, Box<dyn Error>> {
        let Some(server) = Server::start(&[])? else {
            return Ok(NO_SERVER);
        };
        let database = database(&server);
        migrate(&database)?;
        let sink = PostgresSink::connect(&database, "main".parse()?)?;
        let journal = Journal::open(Arc::new(sink))?;
        Connected::new(&database)?.run(
            "CREATE TABLE public.record (LIKE callgate.record INCLUDING ALL); \
             CREATE TABLE public.head (records bigint, digest bytea); \
             INSERT INTO public.head VALUES (0, decode(repeat('00', 32), 'hex')); \
             CREATE FUNCTION public.add(line bytea) RETURNS void LANGUAGE plpgsql AS $$ \
             DECLARE before public.head; \
             BEGIN \
               SELECT * INTO before FROM public.head FOR UPDATE; \
               INSERT INTO public.record VALUES (1, before.records, before.digest, line); \
               UPDATE public.head SET records = before.records + 1, \
                 digest = sha256(line || before.digest); \
             END $$",
        )?;
        let mut floor = Vec::new();
        for _ in 0..CALLERS {
            let mut connected = Connected::new(&database)?;
            connected.statement = Some(connected.prepare("SELECT public.add($1)")?);
            floor.push(connected);
        }
        let ask = Ask::new(Durability::Durable, Duration::from_secs(60));
        let record = Record::Gap(GapRecord::new(DateTime::UNIX_EPOCH, 3));
        let mut body = Vec::new();
        record.encode(0, &mut body);
        let mut ours: Vec<Journal> = (0..CALLERS).map(|_| journal.clone()).collect();
        let mut ours_first = false;
        Ok(Subject::Rate(Box::new(move || {
            let _kept = &server;
            let append = |journal: &mut Journal| journal.append(&record, ask).ok().map(drop);
            let add = |connected: &mut Connected| connected.execute(&[&body]);
            ours_first = !ours_first;
            if ours_first {
                let rate = all_at_once(&mut ours, EACH.0, append)?;
                Some((rate, all_at_once(&mut floor, EACH.1, add)?))
            } else {
                let rate = all_at_once(&mut floor, EACH.1, add)?;
                Some((all_at_once(&mut ours, EACH.0, append)?, rate))
            }
        })))
    }

    /// Reservations; against one statement that updates a row and inserts another, over one connection.
    pub(super) fn limits() -> Result<Subject, Box<dyn Error>> {
        let Some(server) = Server::start(&[])? else {
            return Ok(NO_SERVER);
        };
        let database = database(&server);
        migrate_limits(&database)?;
        let store = PostgresLimits::connect(&database)?;
        let mut bare = Connected::new(&database)?;
        bare.run(
            "CREATE TABLE public.account (key bytea PRIMARY KEY, used numeric NOT NULL) \
               WITH (fillfactor = 50); \
             CREATE TABLE public.reservation (id bytea PRIMARY KEY, amount numeric NOT NULL); \
             INSERT INTO public.account VALUES ('acme', 0)",
        )?;
        bare.statement = Some(bare.prepare(
            "WITH used AS (UPDATE public.account SET used = used + 1 WHERE key = 'acme' RETURNING 1) \
             INSERT INTO public.reservation SELECT $1, 1 FROM used",
        )?);
        let (mut next, mut own, mut ours_first) = (0, 0_u64, false);
        let mut floor = move || {
            let start = Instant::now();
            for _ in 0..ROUND {
                own = own.checked_add(1)?;
                let id = u128::from(own).to_be_bytes();
                bare.execute(&[&id.as_slice()])?;
            }
            Some(per_second(usize::try_from(ROUND).ok()?, start))
        };
        Ok(Subject::Rate(Box::new(move || {
            let _kept = &server;
            ours_first = !ours_first;
            if ours_first {
                let rate = reserve(&store, &mut next)?;
                Some((rate, floor()?))
            } else {
                let rate = floor()?;
                Some((reserve(&store, &mut next)?, rate))
            }
        })))
    }

    const NO_SERVER: Subject = Subject::Skipped("no Postgres server is installed");

    fn database(server: &Server) -> String {
        let socket = server.socket().display();
        format!("host={socket} user=gate dbname=postgres")
    }

    /// Records a second of callers that begin together and write `each` records.
    fn all_at_once<T: Send>(
        callers: &mut [T],
        each: usize,
        one: impl Fn(&mut T) -> Option<()> + Sync,
    ) -> Option<f64> {
        let records = callers.len().checked_mul(each)?;
        let begin = Barrier::new(callers.len().checked_add(1)?);
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for caller in callers {
                let (begin, one) = (&begin, &one);
                threads.push(scope.spawn(move || {
                    begin.wait();
                    (0..each).try_for_each(|_| one(caller))
                }));
            }
            begin.wait();
            let start = Instant::now();
            for thread in threads {
                thread.join().ok()??;
            }
            Some(per_second(records, start))
        })
    }

    /// A client of its own, for the floors.
    struct Connected {
        runtime: Runtime,
        client: Client,
        statement: Option<Statement>,
    }

    impl Connected {
        fn new(database: &str) -> Result<Self, Box<dyn Error>> {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let client = runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
                tokio::spawn(connection);
                Ok::<_, tokio_postgres::Error>(client)
            })?;
            let statement = None;
            Ok(Self {
                runtime,
                client,
                statement,
            })
        }

        fn wait<T>(&self, future: impl Future<Output = T>) -> T {
            self.runtime.block_on(future)
        }

        fn run(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
            self.wait(self.client.batch_execute(sql))
        }

        fn prepare(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
            self.wait(self.client.prepare(sql))
        }

        /// Runs the statement; `None` where it fails.
        fn execute(&self, parameters: &[&(dyn ToSql + Sync)]) -> Option<()> {
            let statement = self.statement.as_ref()?;
            let done = self.wait(self.client.execute(statement, parameters));
            done.ok().map(drop)
        }
    }
}
