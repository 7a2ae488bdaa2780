//! A log, sorted into sessions: the calls of one session together, with what became of each.

use std::collections::HashMap;
use std::mem;

use callgate::DecisionKind;
use callgate::audit::read::{DecisionView, RecordView};
use chrono::{DateTime, Utc};

use super::clear::Clear;
use super::phrase::{self, Phrase, name};

/// After so many records a story is told as far as it goes, and another one begins: what is told
/// of a log of any length fits into memory.
const MAX_RECORDS: u64 = 200_000;

/// What was read, and not told yet.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) sessions: Vec<Session>,
    /// What happened beside the sessions, in the order of the log.
    pub(super) events: Vec<Moment>,
    pub(super) counts: Counts,
    /// Sessions by tenant and id.
    places: HashMap<(Option<String>, Option<String>), usize>,
    /// Calls by the record of their decision: session and place within it.
    calls: HashMap<u64, (usize, usize)>,
    /// Approvals by their ids: the record of the decision that asked.
    approvals: HashMap<String, u64>,
}

/// How many there are of what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) records: u64,
    pub(super) calls: u64,
    pub(super) allowed: u64,
    pub(super) asked: u64,
    pub(super) denied: u64,
    /// Allowed calls of which nothing says what became.
    pub(super) dangling: u64,
}

/// The calls of one session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) tenant: Option<String>,
    pub(super) id: Option<String>,
    pub(super) environment: Option<String>,
    /// Who made the first call.
    pub(super) who: String,
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) begins: Option<DateTime<Utc>>,
    pub(super) scenes: Vec<Scene>,
}

/// A call, or something that happened within a session.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) seq: u64,
    pub(super) time: Option<DateTime<Utc>>,
    /// What was called, and the id of the call; `None` where this is no call.
    pub(super) call: Option<(String, Option<String>)>,
    /// Who called, where it is not who made the first call.
    pub(super) who: Option<String>,
    pub(super) phrases: Vec<Phrase>,
    /// It may run, and nothing says yet what became of it.
    pub(super) open: bool,
}

/// Something that happened beside the sessions.
#[derive(Debug)]
pub(super) struct Moment {
    pub(super) seq: u64,
    pub(super) time: Option<DateTime<Utc>>,
    pub(super) phrase: Phrase,
}

impl Story {
    /// Takes a record in; what comes back is to be told before the next one.
    pub(super) fn add(&mut self, record: &RecordView<'_>, clear: &Clear) -> Option<Self> {
        self.counts.records = self.counts.records.saturating_add(1);
        match record.decision() {
            Some(decision) => self.decision(&decision, clear),
            None => self.other(record, clear),
        }
        (self.counts.records >= MAX_RECORDS).then(|| mem::take(self))
    }

    /// Notes that something stands in the log that is no record.
    pub(super) fn note(&mut self, seq: u64, phrase: Phrase) {
        let time = None;
        self.events.push(Moment { seq, time, phrase });
    }

    fn decision(&mut self, decision: &DecisionView<'_>, clear: &Clear) {
        let record = &decision.record;
        let judged = phrase::decision(decision);
        if let Some(seq) = decision.rejudges()
            && let Some(scene) = self.scene(seq, record.seq())
        {
            let text = format!("{} ({})", judged.text, judged.head);
            scene.phrases.push(Phrase::new(judged.tone, "again", text));
            return;
        }
        let counts = &mut self.counts;
        counts.calls = counts.calls.saturating_add(1);
        let of_kind = match decision.decision {
            DecisionKind::Allow => &mut counts.allowed,
            DecisionKind::Ask => &mut counts.asked,
            DecisionKind::Deny => &mut counts.denied,
        };
        *of_kind = of_kind.saturating_add(1);
        if decision.runs() {
            counts.dangling = counts.dangling.saturating_add(1);
        }
        let who = phrase::who(record);
        let place = self.session(record, &who);
        let Some(session) = self.sessions.get_mut(place) else {
            return;
        };
        let who = (session.who != who).then_some(who);
        session.scenes.push(Scene {
            seq: record.seq(),
            time: record.time(),
            call: Some((phrase::call(decision, clear), name(record, "call"))),
            who,
            phrases: vec![judged],
            open: decision.runs(),
        });
        let scene = session.scenes.len().saturating_sub(1);
        self.calls.insert(record.seq(), (place, scene));
    }

    fn other(&mut self, record: &RecordView<'_>, clear: &Clear) {
        let told = phrase::of(record, clear);
        if record.kind() == "approval_asked"
            && let (Some(approval), Some(seq)) = (name(record, "approval"), record.decision_seq())
        {
            self.approvals.insert(approval, seq);
        }
        let approval = name(record, "approval");
        let asked = approval.and_then(|approval| self.approvals.get(&approval).copied());
        let of_call = record.decision_seq().or(asked);
        let ends = matches!(record.kind(), "outcome" | "not_begun" | "abandoned");
        if let Some(seq) = of_call
            && let Some(scene) = self.scene(seq, record.seq())
        {
            scene.phrases.push(told);
            if ends && mem::take(&mut scene.open) {
                self.counts.dangling = self.counts.dangling.saturating_sub(1);
            }
            return;
        }
        if record.name("session").is_some() {
            let who = phrase::who(record);
            let place = self.session(record, &who);
            let scene = Scene {
                seq: record.seq(),
                time: record.time(),
                call: None,
                who: None,
                phrases: vec![told],
                open: false,
            };
            if let Some(session) = self.sessions.get_mut(place) {
                session.scenes.push(scene);
            }
            return;
        }
        let mut phrase = told;
        if let Some(seq) = record.decision_seq() {
            phrase.text = format!("call of record {seq}: {}", phrase.text);
        }
        let (seq, time) = (record.seq(), record.time());
        self.events.push(Moment { seq, time, phrase });
    }

    /// The call decided in record `seq`, of which record `now` tells.
    fn scene(&mut self, seq: u64, now: u64) -> Option<&mut Scene> {
        let (session, scene) = *self.calls.get(&seq)?;
        let session = self.sessions.get_mut(session)?;
        session.last = session.last.max(now);
        session.scenes.get_mut(scene)
    }

    /// The place of the session in which `record` stands.
    fn session(&mut self, record: &RecordView<'_>, who: &str) -> usize {
        let key = (name(record, "tenant"), name(record, "session"));
        let next = self.sessions.len();
        let place = *self.places.entry(key.clone()).or_insert(next);
        if place == next {
            let (tenant, id) = key;
            self.sessions.push(Session {
                tenant,
                id,
                environment: name(record, "environment"),
                who: who.to_owned(),
                first: record.seq(),
                last: record.seq(),
                begins: record.time(),
                scenes: Vec::new(),
            });
        }
        if let Some(session) = self.sessions.get_mut(place) {
            session.last = session.last.max(record.seq());
        }
        place
    }
}
