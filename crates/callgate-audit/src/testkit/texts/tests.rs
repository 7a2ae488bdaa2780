//! The kit finds what is planted, and nothing in what is well.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "helpers of tests count small things"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate_types::Digest;

use super::super::Broken;
use super::super::flaws::{check_flaws, check_text};
use super::{TextKit, TextRule, check_texts};
use crate::Durability;
use crate::texts::{ClearText, FileTexts, MemoryTexts, Salt, StoredText, TextError, TextStore};

/// One thing that is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    Closed,
    BeginsWithAText,
    SharedStore,
    TrimsTexts,
    ForgetsTheSalt,
    KeepsDurableTextsAlone,
    TakesFew,
    CutsLongTexts,
    TakesTooMany,
    ErasesTooMany,
    RefusesRepeated,
    ListsTwice,
    ListsInOrderOfArrival,
    IgnoresMost,
    ListsFromTheOneNamed,
    HidesAndStillLists,
    ErasesNothing,
    ErasesNeighbours,
    RefusesToEraseAgain,
    LeavesSalt,
    LeavesText,
    BusyBesideOthers,
    PanicsBesideOthers,
    LosesTheLastAtReopening,
    RevivesErasedAtReopening,
    LosesDurableInCrash,
    RevivesErasedInCrash,
    RemembersWhatItRead,
}

/// What outlives a store.
#[derive(Debug, Default)]
struct Disk {
    texts: Mutex<Vec<(Digest, [u8; 32], String)>>,
    /// Everything that was ever put.
    all: Mutex<Vec<(Digest, [u8; 32], String)>>,
    traces: Mutex<Vec<u8>>,
}

#[derive(Debug)]
struct Flawed {
    flaw: Flaw,
    disk: Arc<Disk>,
    busy: AtomicBool,
    seen: Mutex<BTreeMap<Digest, Option<StoredText>>>,
}

impl Flawed {
    fn on(flaw: Flaw, disk: Arc<Disk>) -> Self {
        if flaw == Flaw::BeginsWithAText {
            let salt = Salt::from_bytes([9; 32]);
            let text = (salt.commit_to("1"), [9; 32], "1".to_owned());
            disk.texts.lock().unwrap().push(text);
        }
        Self {
            flaw,
            disk,
            busy: AtomicBool::new(false),
            seen: Mutex::default(),
        }
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }
}

fn trouble() -> TextError {
    TextError::failed(io::Error::other("planted"))
}

impl TextStore for Flawed {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        _deadline: Duration,
    ) -> Result<(), TextError> {
        if !self.is(Flaw::TakesTooMany) {
            TextError::check_count(texts.len())?;
        }
        if self.is(Flaw::KeepsDurableTextsAlone) && durability == Durability::Accepted {
            return Ok(());
        }
        if matches!(self.flaw, Flaw::BusyBesideOthers | Flaw::PanicsBesideOthers) {
            let busy = self.busy.swap(true, Ordering::SeqCst);
            if busy && self.is(Flaw::BusyBesideOthers) {
                return Err(trouble());
            }
            if busy {
                std::panic::resume_unwind(Box::new("planted"));
            }
            thread::sleep(Duration::from_micros(300));
            self.busy.store(false, Ordering::SeqCst);
        }
        let mut stored = self.disk.texts.lock().unwrap();
        for (number, text) in texts.iter().enumerate() {
            let known = stored.iter().any(|(known, ..)| *known == text.commitment());
            if known && self.is(Flaw::RefusesRepeated) {
                return Err(trouble());
            }
            if number >= 100 && self.is(Flaw::TakesFew) {
                break;
            }
            if known && !self.is(Flaw::ListsTwice) {
                continue;
            }
            let mut salt = *text.salt().as_bytes();
            let mut kept = text.text().to_owned();
            match self.flaw {
                Flaw::TrimsTexts => kept = kept.replace("  ", " "),
                Flaw::ForgetsTheSalt => salt = [0; 32],
                Flaw::CutsLongTexts => kept.truncate(65_536),
                _ => {}
            }
            let one = (text.commitment(), salt, kept);
            self.disk.all.lock().unwrap().push(one.clone());
            stored.push(one);
        }
        Ok(())
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        let look = || {
            let stored = self.disk.texts.lock().unwrap();
            let found = stored.iter().find(|(known, ..)| *known == commitment);
            found.map(|(_, salt, text)| StoredText::new(Salt::from_bytes(*salt), text.as_str()))
        };
        if self.is(Flaw::RemembersWhatItRead) {
            let mut seen = self.seen.lock().unwrap();
            let found = seen.entry(commitment).or_insert_with(look);
            return Ok(found.clone());
        }
        Ok(look())
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        if !self.is(Flaw::ErasesTooMany) {
            TextError::check_count(commitments.len())?;
        }
        let mut seen = self.seen.lock().unwrap();
        let mut stored = self.disk.texts.lock().unwrap();
        for commitment in commitments {
            seen.remove(commitment);
            let Some(at) = stored.iter().position(|(known, ..)| known == commitment) else {
                if self.is(Flaw::RefusesToEraseAgain) {
                    return Err(trouble());
                }
                continue;
            };
            match self.flaw {
                Flaw::ErasesNothing => continue,
                Flaw::ErasesNeighbours if stored.len() > at + 1 => drop(stored.remove(at + 1)),
                _ => {}
            }
            let (_, salt, text) = stored.remove(at);
            let mut traces = self.disk.traces.lock().unwrap();
            match self.flaw {
                Flaw::LeavesSalt => traces.extend(salt),
                Flaw::LeavesText => traces.extend(text.bytes()),
                _ => {}
            }
        }
        Ok(())
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        let source = if self.is(Flaw::HidesAndStillLists) {
            &self.disk.all
        } else {
            &self.disk.texts
        };
        let mut all: Vec<Digest> = source.lock().unwrap().iter().map(|it| it.0).collect();
        if !self.is(Flaw::ListsInOrderOfArrival) {
            all.sort_unstable();
        }
        let named = self.is(Flaw::ListsFromTheOneNamed);
        all.retain(|one| after.is_none_or(|it| *one > it || (named && *one == it)));
        if !self.is(Flaw::IgnoresMost) {
            all.truncate(most);
        }
        Ok(all)
    }
}

fn kit(flaw: Flaw) -> TextKit<Flawed> {
    let shared = Arc::new(Disk::default());
    TextKit::new(move || match flaw {
        Flaw::Closed => Err(io::Error::other("planted")),
        Flaw::SharedStore => Ok(Flawed::on(flaw, Arc::clone(&shared))),
        _ => Ok(Flawed::on(flaw, Arc::default())),
    })
    .reopen(|store: Flawed| {
        match store.flaw {
            Flaw::LosesTheLastAtReopening => drop(store.disk.texts.lock().unwrap().pop()),
            Flaw::RevivesErasedAtReopening => revive(&store.disk),
            _ => {}
        }
        Ok::<_, io::Error>(Flawed::on(store.flaw, Arc::clone(&store.disk)))
    })
    .crash(|store: Flawed| {
        match store.flaw {
            Flaw::LosesDurableInCrash => drop(store.disk.texts.lock().unwrap().remove(0)),
            Flaw::RevivesErasedInCrash => revive(&store.disk),
            _ => drop(store.disk.texts.lock().unwrap().pop()),
        }
        Ok::<_, io::Error>(Flawed::on(store.flaw, Arc::clone(&store.disk)))
    })
    .rival(|store| Ok::<_, io::Error>(Flawed::on(store.flaw, Arc::clone(&store.disk))))
    .bytes(|store| {
        let mut bytes = store.disk.traces.lock().unwrap().clone();
        for (commitment, salt, text) in &*store.disk.texts.lock().unwrap() {
            bytes.extend(
                commitment
                    .as_bytes()
                    .iter()
                    .chain(salt)
                    .chain(text.as_bytes()),
            );
        }
        Ok::<_, io::Error>(bytes)
    })
    .patience(Duration::from_secs(20))
}

fn revive(disk: &Disk) {
    let all = disk.all.lock().unwrap().clone();
    *disk.texts.lock().unwrap() = all;
}

#[test]
fn every_flaw_breaks_its_rule() {
    let flaws = [
        (Flaw::Closed, TextRule::Opens),
        (Flaw::BeginsWithAText, TextRule::BeginsEmpty),
        (Flaw::SharedStore, TextRule::KeepsTexts),
        (Flaw::TrimsTexts, TextRule::KeepsTexts),
        (Flaw::ForgetsTheSalt, TextRule::KeepsTexts),
        (Flaw::KeepsDurableTextsAlone, TextRule::KeepsTexts),
        (Flaw::ListsInOrderOfArrival, TextRule::KeepsTexts),
        (Flaw::ListsFromTheOneNamed, TextRule::KeepsTexts),
        (Flaw::TakesFew, TextRule::TakesManyTexts),
        (Flaw::CutsLongTexts, TextRule::TakesManyTexts),
        (Flaw::TakesTooMany, TextRule::RefusesTooMany),
        (Flaw::ErasesTooMany, TextRule::RefusesTooMany),
        (Flaw::RefusesRepeated, TextRule::StoresOnce),
        (Flaw::ListsTwice, TextRule::StoresOnce),
        (Flaw::IgnoresMost, TextRule::ListsInOrder),
        (Flaw::HidesAndStillLists, TextRule::StoresOnce),
        (Flaw::ErasesNothing, TextRule::StoresOnce),
        (Flaw::ErasesNeighbours, TextRule::Erases),
        (Flaw::RefusesToEraseAgain, TextRule::ErasesAgain),
        (Flaw::LeavesSalt, TextRule::LeavesNoTrace),
        (Flaw::LeavesText, TextRule::LeavesNoTrace),
        (Flaw::BusyBesideOthers, TextRule::ServesThreads),
        (Flaw::PanicsBesideOthers, TextRule::ServesThreads),
        (Flaw::LosesTheLastAtReopening, TextRule::SurvivesReopening),
        (Flaw::RevivesErasedAtReopening, TextRule::SurvivesReopening),
        (Flaw::LosesDurableInCrash, TextRule::SurvivesCrash),
        (Flaw::RevivesErasedInCrash, TextRule::SurvivesCrash),
        (Flaw::RemembersWhatItRead, TextRule::ServesRivals),
    ];
    check_flaws(flaws, |flaw| kit(flaw).check());
}

#[test]
fn store_without_a_flaw() {
    kit(Flaw::None).check().unwrap();
}

#[test]
fn texts_of_findings() {
    let check = |flaw, expected: &str| check_text(kit(flaw).check(), expected);
    check(
        Flaw::TrimsTexts,
        "the store of clear texts breaks a rule: what is found is what was put, byte by byte; \
         finding white space at both ends, \
         expected the 7 bytes that were put, found 5 bytes that differ from byte 2 on",
    );
    check(
        Flaw::LeavesSalt,
        "the store of clear texts breaks a rule: of an erased text no byte is left in the store; \
         looking for an erased text in all bytes of the store, \
         expected nothing of it, found its salt",
    );
    check(
        Flaw::Closed,
        "the store of clear texts breaks a rule: the store opens; \
         opening a new store, expected a store, found the error `planted`",
    );
}

#[test]
fn memory() -> Result<(), Broken<TextRule>> {
    check_texts(|| Ok::<_, io::Error>(MemoryTexts::new()))
}

#[test]
fn files() -> Result<(), Broken<TextRule>> {
    let parent = Arc::new(tempfile::tempdir().unwrap());
    let count = AtomicUsize::new(0);
    TextKit::new(move || {
        let number = count.fetch_add(1, Ordering::SeqCst).to_string();
        FileTexts::open(parent.path().join(number))
    })
    .reopen(|store: FileTexts| {
        let folder = store.folder().to_owned();
        drop(store);
        FileTexts::open(folder)
    })
    // Somebody else is refused.
    .rival(|store| FileTexts::open(store.folder()))
    .bytes(|store| {
        let mut bytes = Vec::new();
        for entry in fs::read_dir(store.folder())? {
            bytes.extend(fs::read(entry?.path())?);
        }
        Ok::<_, io::Error>(bytes)
    })
    .check()
}
