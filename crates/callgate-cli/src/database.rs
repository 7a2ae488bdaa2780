//! Logs and clear texts in SQLite files, where the program was built to read them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use callgate::audit::read::LogReader;
use callgate::audit::texts::{FileTexts, TextStore};

use crate::Unusable;

/// How every SQLite file begins.
const START: &[u8] = b"SQLite format 3\0";

/// A log, wherever it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    /// A folder of files.
    Folder(PathBuf),
    /// One file with its records.
    File(PathBuf),
    /// A chain in an SQLite file, by its name.
    Chain(PathBuf, String),
}

impl Log {
    /// What stands at `path`: of an SQLite file the chain `main`, or the only one.
    pub(crate) fn at(path: &Path) -> Result<Self, Unusable> {
        if path.is_dir() {
            return Ok(Self::Folder(path.to_owned()));
        }
        if !is_database(path)? {
            return Ok(Self::File(path.to_owned()));
        }
        let chains = sqlite::chains(path)?;
        let main = chains.iter().find(|chain| *chain == "main");
        let chain = main.or(chains.first()).cloned();
        let none = || Unusable(format!("{}: expected a chain, found none", path.display()));
        Ok(Self::Chain(path.to_owned(), chain.ok_or_else(none)?))
    }

    /// The other chains of the file, each with its name.
    pub(crate) fn others(&self) -> Result<Vec<(String, Self)>, Unusable> {
        let Self::Chain(path, own) = self else {
            return Ok(Vec::new());
        };
        let mut chains = sqlite::chains(path)?;
        chains.retain(|chain| chain != own);
        let log = |chain: &String| Self::Chain(path.clone(), chain.clone());
        Ok(chains
            .iter()
            .map(|chain| (chain.clone(), log(chain)))
            .collect())
    }

    /// Its records, as they are.
    pub(crate) fn records(&self) -> Result<LogReader<'static>, Unusable> {
        Ok(match self {
            Self::Folder(path) => LogReader::folder(path),
            Self::File(_) | Self::Chain(..) => LogReader::stream(self.lines()?),
        })
    }

    /// Its lines, as one stream; not those of a folder.
    pub(crate) fn lines(&self) -> Result<Box<dyn Read + Send>, Unusable> {
        match self {
            Self::Folder(path) | Self::File(path) => Ok(Box::new(open(path)?)),
            Self::Chain(path, chain) => sqlite::lines(path, chain),
        }
    }
}

/// The clear texts in a folder, or in an SQLite file.
pub(crate) fn texts(path: &Path) -> Result<Box<dyn TextStore>, Unusable> {
    if path.is_file() && is_database(path)? {
        return sqlite::texts(path);
    }
    Ok(Box::new(FileTexts::open_to_read(path)?))
}

fn is_database(path: &Path) -> Result<bool, Unusable> {
    let mut start = Vec::new();
    let most = u64::try_from(START.len()).unwrap_or(u64::MAX);
    let read = open(path)?.take(most).read_to_end(&mut start);
    read.map_err(|error| at(path, &error))?;
    Ok(start == START)
}

fn open(path: &Path) -> Result<File, Unusable> {
    File::open(path).map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &io::Error) -> Unusable {
    Unusable(format!("{}: {error}", path.display()))
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::io::{BufReader, Read};
    use std::path::Path;

    use callgate::audit::texts::TextStore;
    use callgate_store_sqlite::{SqliteReader, SqliteTexts};

    use crate::Unusable;

    pub(super) fn chains(path: &Path) -> Result<Vec<String>, Unusable> {
        Ok(SqliteReader::chains(path)?)
    }

    pub(super) fn lines(path: &Path, chain: &str) -> Result<Box<dyn Read + Send>, Unusable> {
        let reader = SqliteReader::open_chain(path, &chain.parse()?)?;
        Ok(Box::new(BufReader::new(reader)))
    }

    pub(super) fn texts(path: &Path) -> Result<Box<dyn TextStore>, Unusable> {
        Ok(Box::new(SqliteTexts::open_to_read(path)?))
    }
}

/// Says what is missing.
#[cfg(not(feature = "sqlite"))]
mod sqlite {
    use std::io::Read;
    use std::path::Path;

    use callgate::audit::texts::TextStore;

    use crate::Unusable;

    fn missing(path: &Path) -> Unusable {
        let why = "an SQLite file; this program was built without the feature `sqlite`";
        Unusable(format!("{}: {why}", path.display()))
    }

    pub(super) fn chains(path: &Path) -> Result<Vec<String>, Unusable> {
        Err(missing(path))
    }

    pub(super) fn lines(path: &Path, _chain: &str) -> Result<Box<dyn Read + Send>, Unusable> {
        Err(missing(path))
    }

    pub(super) fn texts(path: &Path) -> Result<Box<dyn TextStore>, Unusable> {
        Err(missing(path))
    }
}
