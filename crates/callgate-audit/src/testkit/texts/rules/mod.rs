//! The rules, each as a function that tries it on stores of its own.

mod erase;
mod others;
mod put;

use super::super::attempt::Test;
use super::TextRule;
use super::kit::TextKit;
use crate::texts::TextStore;

/// All rules, in the order in which they are tried.
pub(super) fn all<S: TextStore + 'static>() -> [(TextRule, Test<TextKit<S>>); 14] {
    [
        (TextRule::Opens, put::opens),
        (TextRule::BeginsEmpty, put::begins_empty),
        (TextRule::KeepsTexts, put::keeps_texts),
        (TextRule::TakesManyTexts, put::many_texts),
        (TextRule::RefusesTooMany, put::too_many),
        (TextRule::StoresOnce, put::stores_once),
        (TextRule::ListsInOrder, put::lists_in_order),
        (TextRule::Erases, erase::erases),
        (TextRule::ErasesAgain, erase::erases_again),
        (TextRule::LeavesNoTrace, erase::leaves_no_trace),
        (TextRule::ServesThreads, others::threads),
        (TextRule::SurvivesReopening, others::reopening),
        (TextRule::SurvivesCrash, others::crash),
        (TextRule::ServesRivals, others::rivals),
    ]
}
