//! A signed log that is built record by record, and those who verify it.

use callgate_audit::{
    CheckpointRecord, Ed25519Signer, GapRecord, Head, KeyChangedRecord, PrunedRecord, Record,
    Report, SignedNote, Signer, Tree, VerifyOptions, record_digest, verify_reader,
};
use chrono::{DateTime, Utc};

pub(crate) const ORIGIN: &str = "example.org/log";

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub(crate) fn signer(seed: u8) -> Ed25519Signer {
    Ed25519Signer::new(ORIGIN, [seed; 32]).unwrap()
}

/// Lines with their line feeds, and what stands behind each of them.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) lines: Vec<Vec<u8>>,
    pub(crate) heads: Vec<Head>,
    pub(crate) trees: Vec<Tree>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            lines: Vec::new(),
            heads: vec![Head::EMPTY],
            trees: vec![Tree::new()],
        }
    }

    pub(crate) fn head(&self) -> Head {
        *self.heads.last().unwrap()
    }

    pub(crate) fn tree(&self) -> Tree {
        self.trees.last().unwrap().clone()
    }

    /// Appends the body of a record.
    pub(crate) fn body(&mut self, body: &[u8]) -> &mut Self {
        let mut line = Vec::new();
        let head = self.head().link(body, &mut line);
        let mut tree = self.tree();
        tree.push(head.digest);
        self.lines.push(line);
        self.heads.push(head);
        self.trees.push(tree);
        self
    }

    pub(crate) fn record(&mut self, record: &Record<'_>) -> &mut Self {
        let mut body = Vec::new();
        record.encode(0, &mut body);
        self.body(&body)
    }

    /// Appends a record that can be told from others.
    pub(crate) fn plain(&mut self, number: u64) -> &mut Self {
        self.record(&Record::Gap(GapRecord::new(noon(), number)))
    }

    pub(crate) fn plains(&mut self, count: u64) -> &mut Self {
        for number in 0..count {
            self.plain(number);
        }
        self
    }

    /// What the log is now, signed.
    pub(crate) fn note(&self, signers: &[&dyn Signer]) -> SignedNote {
        let tree = self.tree();
        SignedNote::sign(ORIGIN, tree.size(), tree.root(), signers).unwrap()
    }

    pub(crate) fn checkpoint(&mut self, signers: &[&dyn Signer]) -> &mut Self {
        let (tree, note) = (self.tree(), self.note(signers));
        self.record(&Record::Checkpoint(CheckpointRecord::new(
            noon(),
            &tree,
            &note,
        )))
    }

    pub(crate) fn key_changed(&mut self, from: &dyn Signer, to: &dyn Signer) -> &mut Self {
        self.record(&Record::KeyChanged(KeyChangedRecord::new(
            noon(),
            from.key(),
            to.key(),
        )))
    }

    /// Says that the first `until` records were removed.
    pub(crate) fn pruned(&mut self, until: usize) -> &mut Self {
        let tree = self.trees[until].clone();
        let digest = self.heads[until].digest;
        let record = PrunedRecord::new(noon(), &tree, digest, "operator", "old");
        self.record(&Record::Pruned(&record))
    }

    /// The same bodies, linked anew: what somebody does who rewrites a log without a key.
    pub(crate) fn relinked(lines: &[Vec<u8>]) -> Self {
        let mut log = Self::new();
        for line in lines {
            let text = str::from_utf8(line).unwrap();
            let body = text.rsplit_once(",\"seq\":").unwrap().0;
            log.body(body.as_bytes());
        }
        log
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.lines.concat()
    }

    pub(crate) fn verify(&self, options: &VerifyOptions) -> Report {
        verify_reader(&*self.bytes(), options).unwrap()
    }
}

/// Two checkpoints, five records before each, three behind the last.
pub(crate) fn sealed() -> Log {
    let mut log = Log::new();
    let key = signer(1);
    log.plains(5).checkpoint(&[&key]);
    log.plains(5).checkpoint(&[&key]);
    log.plains(3);
    for (line, head) in log.lines.iter().zip(&log.heads[1..]) {
        assert_eq!(record_digest(&line[..line.len() - 1]), head.digest);
    }
    log
}

/// Verified with the first key.
pub(crate) fn keyed() -> VerifyOptions {
    VerifyOptions::new().key(signer(1).key().clone())
}

/// Expects `INTEGRITY COMPLETENESS AUTHENTICITY RECORDS`, and the start of the fault.
#[track_caller]
pub(crate) fn expect(report: &Report, expected: &str, fault: &str) {
    let words = format!(
        "{} {} {} {}",
        report.integrity.as_str(),
        report.completeness.as_str(),
        report.authenticity.as_str(),
        report.records
    );
    let told = report.first_fault.as_ref().map(ToString::to_string);
    let told = told.unwrap_or_default();
    assert_eq!(words, expected, "{told}");
    let place = told.split_once(", byte ").map_or("", |(record, _)| record);
    let why = told.split_once(": ").map_or("", |(_, why)| why);
    let brief = if told.is_empty() {
        String::new()
    } else {
        format!("{place}: {why}")
    };
    assert!(brief.starts_with(fault), "{brief}");
    assert_eq!(fault.is_empty(), brief.is_empty(), "{brief}");
    let good = report.integrity.as_str() == "ok"
        && report.completeness.as_str() != "short"
        && report.authenticity.as_str() != "failed";
    assert_eq!(report.is_good(), good);
}
