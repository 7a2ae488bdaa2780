//! What a store of clear texts must do.

use std::fmt;

use super::super::broken::Broken;

/// What a store of clear texts must do. The rules are tried in this order; each one assumes those
/// before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextRule {
    /// The store opens.
    Opens,
    /// A new store holds no text.
    BeginsEmpty,
    /// What is found is what was put, byte by byte, with its salt.
    KeepsTexts,
    /// As many texts as may be put at once, and the longest there are, are stored as a whole.
    TakesManyTexts,
    /// More texts than may be put or erased at once are refused, and nothing is done.
    RefusesTooMany,
    /// A text that is there already can be put again, and is there once.
    StoresOnce,
    /// Commitments are listed in order, from the one behind the one that was named, and no more
    /// than were asked for.
    ListsInOrder,
    /// What was erased is neither found nor listed, and nothing else is gone.
    Erases,
    /// Erasing what is not there succeeds.
    ErasesAgain,
    /// Of a text that was erased no byte is left where the store keeps it.
    LeavesNoTrace,
    /// Many threads put, find and erase beside each other.
    ServesThreads,
    /// What was put is there after the store was opened again, and what was erased is not.
    SurvivesReopening,
    /// What was put durably is there after a crash, and what was erased is not.
    SurvivesCrash,
    /// Whoever opens the store beside finds what is put, and not what is erased.
    ServesRivals,
}

impl fmt::Display for TextRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opens => "the store opens",
            Self::BeginsEmpty => "a new store holds no text",
            Self::KeepsTexts => "what is found is what was put, byte by byte",
            Self::TakesManyTexts => "many texts and long ones are stored as a whole",
            Self::RefusesTooMany => "too many texts at once are refused",
            Self::StoresOnce => "a text that is put again is there once",
            Self::ListsInOrder => "commitments are listed in order, behind the one that was named",
            Self::Erases => "what was erased is gone, and nothing else",
            Self::ErasesAgain => "erasing what is not there succeeds",
            Self::LeavesNoTrace => "of an erased text no byte is left in the store",
            Self::ServesThreads => "many threads use the store beside each other",
            Self::SurvivesReopening => "what was put is there when the store is opened again",
            Self::SurvivesCrash => "what was put durably, and erased, stays so through a crash",
            Self::ServesRivals => "others who open the store find what is put",
        })
    }
}

impl fmt::Display for Broken<TextRule> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(f, "the store of clear texts")
    }
}
