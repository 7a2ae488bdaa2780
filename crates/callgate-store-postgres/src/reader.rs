//! Reading a chain as one stream of lines.

use std::fmt;
use std::io;

use callgate_audit::ChainName;

use crate::connect::Target;
use crate::lane::Lane;
use crate::link::Link;
use crate::reading::{Found, Read, Reading, Rows};
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions, worker};

/// A stream looks up so many rows at once.
const ROWS: usize = 4096;

/// The lines of a chain, in the order of their rows, for [`callgate_audit::verify_reader`].
///
/// Nothing is looked into: what a row holds comes out as it is, so that it is the verifier that
/// finds what is wrong. It reads up to where the chain ended when it was opened, over a connection and a
/// thread of its own.
pub struct PostgresReader {
    lane: Lane<Read, Found>,
    next: u64,
    end: u64,
    lines: Vec<u8>,
    read: usize,
}

impl PostgresReader {
    /// Connects, and opens the chain `chain`. The role needs no right but to read.
    ///
    /// # Errors
    ///
    /// As [`PostgresSinkOptions::connect`]; also where there is no such chain.
    pub fn connect(
        database: &str,
        chain: &ChainName,
        options: &PostgresSinkOptions,
    ) -> Result<Self, PostgresSinkError> {
        let target = Target::parse(database, options)?;
        Self::of(target, chain)
    }

    pub(crate) fn of(target: Target, chain: &ChainName) -> Result<Self, PostgresSinkError> {
        let (lane, questions) = Lane::new(target.timeout);
        let link = Link::<Reading>::new(target, chain.clone());
        let serve = async move |()| link.serve(questions).await;
        worker::start("callgate-read", async || Ok(()), serve)?;
        let Found::End(end) = lane.ask(Read::End, PostgresAction::Read)? else {
            return Err(PostgresSinkError::NoThread);
        };
        Ok(Self {
            lane,
            next: 0,
            end,
            lines: Vec::new(),
            read: 0,
        })
    }

    fn fill(&mut self) -> Result<(), PostgresSinkError> {
        self.lines.clear();
        self.read = 0;
        if self.next >= self.end {
            return Ok(());
        }
        // Rows behind the end came later.
        let left = usize::try_from(self.end.saturating_sub(self.next)).unwrap_or(ROWS);
        let question = Read::Rows(self.next, left.min(ROWS));
        let Found::Rows(Rows { lines, next }) = self.lane.ask(question, PostgresAction::Read)?
        else {
            return Err(PostgresSinkError::NoThread);
        };
        self.lines = lines;
        self.next = next.unwrap_or(self.end);
        Ok(())
    }
}

impl io::Read for PostgresReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read >= self.lines.len() {
            self.fill().map_err(io::Error::other)?;
        }
        let mut rest = self.lines.get(self.read..).unwrap_or_default();
        let count = rest.read(into)?;
        self.read = self.read.saturating_add(count);
        Ok(count)
    }
}

impl fmt::Debug for PostgresReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresReader")
            .field("next", &self.next)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}
