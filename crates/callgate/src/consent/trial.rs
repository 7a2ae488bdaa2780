//! What trying a call out has to do with a question about it.

use callgate_approval::{DryRun, Ground, GroundKind, PreviewError, Question, show_dry_run};
use callgate_policy::ToolRef;
use callgate_types::Digest;

use super::grounds::grounds;
use crate::dry_run::{Found, Outcome};
use crate::judged::Judged;
use crate::record::Asked;
use crate::{Gate, Snapshot};

/// What is known of trying out a call that is asked about.
pub(super) struct Trial<'a> {
    snapshot: &'a Snapshot,
    judged: &'a Judged<'a>,
    /// The tool by which it is tried out, where that is demanded and possible.
    by: Option<ToolRef<'a>>,
    /// What came of it, as far as the gate remembers.
    found: Option<Found>,
}

impl<'a> Trial<'a> {
    pub(super) fn of(
        gate: &Gate,
        snapshot: &'a Snapshot,
        judged: &'a Judged<'a>,
        asked: &Asked<'_>,
    ) -> Self {
        let mut trial = Self::forgotten(snapshot, judged);
        if trial.by.is_some() {
            let now = gate.inner().clock.elapsed();
            let key = snapshot.tried(judged, asked);
            trial.found = key.and_then(|key| gate.inner().dry_runs.find(key, now));
        }
        trial
    }

    /// Nothing is known but what a question says of it.
    pub(super) fn forgotten(snapshot: &'a Snapshot, judged: &'a Judged<'a>) -> Self {
        let tool = judged.tool.filter(|_| judged.friction.preview);
        Self {
            snapshot,
            judged,
            by: tool.and_then(|tool| snapshot.tried_by(tool)),
            found: None,
        }
    }

    /// Whether `question` rests on what is so now. A dry run that it shows stands for itself, once it was
    /// asked, until the call is tried out again with another result.
    pub(super) fn carries(&self, question: &Question) -> bool {
        let shown = match &self.found {
            Some(found) => Some(found.dry_run.result),
            None => question.dry_run.map(|shown| shown.result),
        };
        question.rests_on(&self.grounds(shown))
    }

    /// What a new question rests on.
    pub(super) fn basis(&self) -> Vec<Ground> {
        self.grounds(self.found.as_ref().map(|found| found.dry_run.result))
    }

    /// Whether the call has to be tried out before anybody is asked.
    pub(super) fn is_missing(&self) -> bool {
        self.judged.friction.preview && self.found.is_none()
    }

    /// What approvers are shown besides `preview`; nothing where no dry run is demanded.
    ///
    /// # Errors
    ///
    /// Fails where that is more than anybody reads.
    pub(super) fn shown(&self, preview: String) -> Result<(String, Option<DryRun>), PreviewError> {
        let Some(found) = &self.found else {
            return Ok((preview, None));
        };
        let text = match &found.outcome {
            Outcome::Shown(text) => Some(&**text),
            Outcome::Masked => None,
            Outcome::TooLong => return Err(PreviewError::TooLarge),
        };
        let shown = show_dry_run(preview, &found.dry_run, text)?;
        Ok((shown, Some(found.dry_run)))
    }

    fn grounds(&self, result: Option<Digest>) -> Vec<Ground> {
        let mut grounds = grounds(self.snapshot, self.judged);
        if let (Some(by), Some(result)) = (self.by, result) {
            let mut bytes = b"callgate dry run shown v1\n".to_vec();
            bytes.extend_from_slice(result.as_bytes());
            bytes.extend_from_slice(self.snapshot.meaning_of_tool(by).as_bytes());
            let digest = Digest::of(&bytes);
            grounds.push(Ground::new(GroundKind::DryRun, Some(by.name()), digest));
        }
        grounds
    }
}
