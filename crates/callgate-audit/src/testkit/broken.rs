//! What a sink must do, and what one does instead.

use std::error::Error;
use std::fmt;

/// What a sink must do. The rules are tried in this order; each one assumes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// The store opens.
    Opens,
    /// A new store holds no record: its head is empty.
    BeginsEmpty,
    /// After an append the head is the end of the batch.
    HeadFollowsAppend,
    /// What is read is what was appended, byte by byte, whatever characters it holds.
    KeepsBytes,
    /// A range begins at the record that was asked for, and has at most as many as were asked for.
    ReadsRanges,
    /// Where there is nothing to read, an empty batch is read.
    ReadsNothingBehindTheEnd,
    /// A batch that does not belong where the chain ends is refused, and nothing of it is stored.
    RefusesElsewhere,
    /// Whoever is refused is told where the chain ends.
    ConflictNamesTheHead,
    /// A batch that is there already is stored once, and appending it again succeeds.
    StoresOnce,
    /// A batch with the longest lines there are, and one with a thousand, are stored as a whole.
    TakesBigBatches,
    /// What is stored can be synced, more than once and up to any place.
    SyncsWhatIsStored,
    /// A sync of records that are not stored does not succeed.
    SyncsNothingElse,
    /// A sync, a read and the head work beside an append.
    WorksBesideAppend,
    /// What was synced is there after the store was opened again, and the chain goes on.
    SurvivesReopening,
    /// What was synced is there after a crash, and what was not is lost from the end alone.
    SurvivesCrash,
    /// Of two writers of one chain, the one that comes too late is refused.
    KeepsRivalsApart,
    /// After an append of which nobody knows, the head tells whether it was stored.
    SettlesDoubt,
    /// Many threads write one chain through a journal.
    ServesAJournal,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opens => "the store opens",
            Self::BeginsEmpty => "a new store has the empty head",
            Self::HeadFollowsAppend => "after an append the head is the end of the batch",
            Self::KeepsBytes => "what is read is what was appended, byte by byte",
            Self::ReadsRanges => "a range begins where it was asked for and is no longer",
            Self::ReadsNothingBehindTheEnd => "where nothing is stored an empty batch is read",
            Self::RefusesElsewhere => "a batch is stored only where the chain ends",
            Self::ConflictNamesTheHead => "a conflict names the head of the chain",
            Self::StoresOnce => "a batch that is there already succeeds and is stored once",
            Self::TakesBigBatches => "a big batch is stored as a whole",
            Self::SyncsWhatIsStored => "what is stored can be synced",
            Self::SyncsNothingElse => "what is not stored cannot be synced",
            Self::WorksBesideAppend => "sync, read and head work beside an append",
            Self::SurvivesReopening => "what was synced is there when the store is opened again",
            Self::SurvivesCrash => {
                "a crash loses nothing but records at the end that were not synced"
            }
            Self::KeepsRivalsApart => "of two writers the one that comes too late is refused",
            Self::SettlesDoubt => "the head tells whether a doubtful batch was stored",
            Self::ServesAJournal => "a journal of many threads stands on it",
        })
    }
}

/// A rule that a sink breaks, or, with a [`TextRule`](super::TextRule), a store of clear texts.
///
/// As the error of a test it shows the whole story.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken<R = Rule> {
    /// The rule.
    pub rule: R,
    /// What was done.
    pub when: String,
    /// What should have come of it.
    pub expected: String,
    /// What did.
    pub found: String,
}

impl<R: fmt::Display> Broken<R> {
    pub(super) fn tell(&self, f: &mut fmt::Formatter<'_>, who: &str) -> fmt::Result {
        let Self {
            rule,
            when,
            expected,
            found,
        } = self;
        write!(
            f,
            "{who} breaks a rule: {rule}; {when}, expected {expected}, found {found}"
        )
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(f, "the sink")
    }
}

/// As the text, which is what a test prints that returns it.
impl<R> fmt::Debug for Broken<R>
where
    Self: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<R> Error for Broken<R> where Self: fmt::Display {}

/// What was done, what should have come of it, and what did; the rule is known to who asks.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) when: String,
    pub(super) expected: String,
    pub(super) found: String,
}

impl Finding {
    pub(super) fn new(
        when: impl fmt::Display,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) -> Self {
        Self {
            when: when.to_string(),
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }

    pub(super) fn of<R>(self, rule: R) -> Broken<R> {
        let Self {
            when,
            expected,
            found,
        } = self;
        Broken {
            rule,
            when,
            expected,
            found,
        }
    }
}

/// An error with its causes.
pub(super) fn told(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("the error `{error}`");
    let mut source = error.source();
    while let Some(cause) = source {
        text.extend([", because of `", &*cause.to_string(), "`"]);
        source = cause.source();
    }
    text
}
