//! `callgate eval`.

use std::path::Path;

use callgate::audit::texts::FileTexts;
use callgate::policy::document::Document;
use callgate::{
    AuditError, BrokerError, Caller, Context, CredentialBroker, CredentialRequest, Decision,
    DecisionKind, FileSink, Gate, Judged, RiskTier, Snapshot, ToolCall, ToolCredential,
};
use serde_json::{Value, json};

use crate::call_line::CallLine;
use crate::lines::{self, Line};
use crate::options::Eval;
use crate::output::{Output, Tone, chain, shown};
use crate::{Found, Unusable, check};

/// Decides every call of the input.
pub(crate) fn run(command: &Eval, output: &mut Output) -> Result<Found, Unusable> {
    let snapshot = check::load(&command.policy).map_err(|error| Unusable(chain(&error)))?;
    let mut input = lines::open(&command.calls)
        .map_err(|error| Unusable(format!("{}: {error}", command.calls.display())))?;
    let judge = match &command.audit {
        None => Judge::Alone(Box::new(snapshot)),
        Some(folder) => Judge::Recording(recording(snapshot, folder, command.texts.as_deref())?),
    };
    while !output.is_closed()
        && let Some(line) = lines::next(&mut *input)?
    {
        let Some((line, why)) = call_of(line) else {
            continue;
        };
        let mut answer = judge.decide(line);
        if let Some(why) = why {
            answer.message = why;
        }
        write(output, &answer)?;
    }
    judge.finish()?;
    Ok(Found::Nothing)
}

/// The call on a line; one that cannot be read is none that can run, and the reason says why.
/// An empty line is nothing.
pub(crate) fn call_of(line: Line) -> Option<(CallLine, Option<String>)> {
    let (read, text) = match line {
        Line::Text(text) if text.trim().is_empty() => return None,
        Line::Text(text) => (CallLine::read(&text).map_err(|why| why.to_string()), text),
        Line::NotText(bytes) => (Err("the line is not UTF-8".into()), lossy(&bytes)),
        Line::TooLong(bytes) => (Err("the line is too long".into()), lossy(&bytes)),
    };
    Some(match read {
        Ok(line) => (line, None),
        Err(why) => (no_call(text), Some(why)),
    })
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn no_call(text: String) -> CallLine {
    CallLine {
        caller: Caller::unknown(),
        call: ToolCall::malformed(text),
        context: Context::new(),
    }
}

/// Decides calls, with a log or without.
enum Judge {
    Alone(Box<Snapshot>),
    Recording(Gate),
}

/// One decision, as it is written.
pub(crate) struct Answer {
    decision: DecisionKind,
    rule: Option<String>,
    code: &'static str,
    pub(crate) message: String,
    tier: Option<RiskTier>,
    obligations: Vec<String>,
}

impl Judge {
    fn decide(&self, line: CallLine) -> Answer {
        let CallLine {
            caller,
            call,
            context,
        } = line;
        match self {
            Self::Alone(snapshot) => Answer::of_judged(&snapshot.judge(&caller, &call, &context)),
            Self::Recording(gate) => Answer::of(&gate.authorize(&caller, call, &context)),
        }
    }

    /// Everything recorded is in safety when the program ends.
    fn finish(self) -> Result<(), AuditError> {
        match self {
            Self::Alone(_) => Ok(()),
            Self::Recording(gate) => gate.flush(),
        }
    }
}

impl Answer {
    pub(crate) fn of_judged(judged: &Judged<'_>) -> Self {
        Self {
            decision: judged.decision(),
            rule: judged.rule().map(Into::into),
            code: judged.code().as_str(),
            message: judged.message(),
            tier: judged.tier(),
            obligations: judged
                .obligations()
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "decision": self.decision.as_str(),
            "rule": self.rule,
            "code": self.code,
            "message": self.message,
            "tier": self.tier.map(RiskTier::as_str),
            "obligations": self.obligations,
        })
    }

    fn of(decision: &Decision) -> Self {
        let (rule, message, tier, obligations) = match decision {
            Decision::Allow(permit) => (
                permit.rule(),
                permit.message(),
                Some(permit.tier()),
                permit.obligations(),
            ),
            Decision::Ask(pending) => (
                pending.rule(),
                pending.message(),
                pending.tier(),
                pending.obligations(),
            ),
            Decision::Deny(denial) => (
                denial.rule(),
                denial.message(),
                denial.tier(),
                denial.obligations(),
            ),
        };
        Self {
            decision: decision.kind(),
            rule: rule.map(Into::into),
            code: decision.code().as_str(),
            message: message.to_owned(),
            tier,
            obligations: obligations.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A gate that stands for a host which meets every obligation that the policy knows, and has a
/// broker for every credential. No call begins here, so none is ever issued.
fn recording(snapshot: Snapshot, folder: &Path, texts: Option<&Path>) -> Result<Gate, Unusable> {
    let names = obligations(snapshot.policy().document());
    let sink = FileSink::open(folder)?;
    let mut builder = Gate::builder().policy(snapshot).audit(sink).broker(Nobody);
    for name in &names {
        builder = builder.handles(name);
    }
    if let Some(texts) = texts {
        builder = builder.texts(FileTexts::open(texts)?);
    }
    Ok(builder.build()?)
}

/// A broker that is never asked.
struct Nobody;

impl CredentialBroker for Nobody {
    fn knows(&self, _credential: &str) -> bool {
        true
    }

    fn issue(&self, _request: &CredentialRequest) -> Result<ToolCredential, BrokerError> {
        Err(BrokerError::Refused)
    }

    fn revoke(&self, _id: &str) -> Result<(), BrokerError> {
        Ok(())
    }
}

fn obligations(document: &Document) -> Vec<Box<str>> {
    let of_tools = document.tools.values().flat_map(|tool| &tool.obligations);
    let of_rules = document.rules.iter().flat_map(|rule| &rule.obligations);
    of_tools.chain(of_rules).cloned().collect()
}

pub(crate) fn write(output: &mut Output, answer: &Answer) -> Result<(), Unusable> {
    if output.is_json() {
        return output.json(&answer.json());
    }
    let tone = match answer.decision {
        DecisionKind::Allow => Tone::Good,
        DecisionKind::Ask => Tone::Care,
        DecisionKind::Deny => Tone::Bad,
    };
    let decision = format!("{:<5}", answer.decision.as_str());
    let decision = output.tone(tone, &decision);
    let by = answer.rule.as_deref().unwrap_or("-");
    let (code, by) = (format!("{:<17}", answer.code), format!("{by:<20}"));
    let code = output.tone(Tone::Faint, &code);
    output.line(&format!(
        "{decision}  {code}  {}  {}",
        shown(&by),
        shown(&answer.message)
    ))
}
