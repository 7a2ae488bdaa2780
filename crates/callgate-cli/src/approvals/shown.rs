//! Approvals, for people and for programs.

use callgate::approval::standing::StandingApproval;
use callgate::approval::{Group, State};
use callgate::{Approval, PrincipalId};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::Unusable;
use crate::output::{Output, Tone, shown};

/// One line for each.
pub(super) fn line(
    approval: &Approval,
    now: DateTime<Utc>,
    output: &mut Output,
) -> Result<(), Unusable> {
    if output.is_json() {
        return output.json(&json(approval, now));
    }
    let question = &approval.question;
    let state = state(approval, now);
    let word = output.tone(tone(state), &format!("{state:<10}"));
    let tenant = question.tenant.as_deref().unwrap_or("-");
    let line = format!(
        "{}  {word}  {:<8}  {}  {}  {}",
        approval.id,
        left(approval, now),
        shown(tenant),
        shown(&chain(approval)),
        shown(&question.tool),
    );
    output.line(&line)
}

/// All there is.
pub(super) fn whole(
    approval: &Approval,
    now: DateTime<Utc>,
    output: &mut Output,
) -> Result<(), Unusable> {
    if output.is_json() {
        return output.json(&json(approval, now));
    }
    let state = state(approval, now);
    let word = output.tone(tone(state), state);
    output.line(&format!("approval  {}", approval.id))?;
    output.line(&format!("state     {word}"))?;
    about(approval, output)
}

/// What it demands, who answered, and what they were shown.
fn about(approval: &Approval, output: &mut Output) -> Result<(), Unusable> {
    output.line(&format!("asked     {}", time(approval.asked_at)))?;
    output.line(&format!("expires   {}", time(approval.expires_at)))?;
    for demand in demands(approval) {
        output.line(&format!("demands   {}", shown(&demand)))?;
    }
    for answer in &approval.answers {
        let said = if answer.approved {
            "approved"
        } else {
            "refused"
        };
        let reason = answer
            .reason
            .as_deref()
            .map_or_else(String::new, |text| format!(": {text}"));
        let told = format!("{} {said} at {}{reason}", answer.by, time(answer.at));
        output.line(&format!("answer    {}", shown(&told)))?;
    }
    output.line(&format!("preview   {}", approval.question.preview_digest()))?;
    output.line("")?;
    // It shows everything by itself, and ends its lines.
    output.line(approval.question.preview.trim_end())
}

/// One line for a standing approval.
pub(super) fn standing_line(
    standing: &StandingApproval,
    now: DateTime<Utc>,
    output: &mut Output,
) -> Result<(), Unusable> {
    if output.is_json() {
        return output.json(&standing_json(standing, now));
    }
    let approval = &standing.approval;
    let question = &approval.question;
    let state = standing_state(standing, now);
    let word = output.tone(tone(state), &format!("{state:<10}"));
    let line = format!(
        "{}  {word}  {:<8}  {}  {}  {}  standing, {} of {} used",
        approval.id,
        left(approval, now),
        shown(question.tenant.as_deref().unwrap_or("-")),
        shown(&chain(approval)),
        shown(&question.tool),
        standing.used,
        standing.uses,
    );
    output.line(&line)
}

/// All there is of a standing approval.
pub(super) fn standing_whole(
    standing: &StandingApproval,
    now: DateTime<Utc>,
    output: &mut Output,
) -> Result<(), Unusable> {
    if output.is_json() {
        return output.json(&standing_json(standing, now));
    }
    let state = standing_state(standing, now);
    output.line(&format!("standing  {}", standing.approval.id))?;
    output.line(&format!("state     {}", output.tone(tone(state), state)))?;
    output.line(&format!("given on  {}", standing.from))?;
    output.line(&format!("used      {} of {}", standing.used, standing.uses))?;
    about(&standing.approval, output)
}

/// What is said of one that was just revoked.
pub(super) fn standing_ended(
    standing: &StandingApproval,
    now: DateTime<Utc>,
    output: &mut Output,
) -> Result<(), Unusable> {
    if output.is_json() {
        return output.json(&standing_json(standing, now));
    }
    let state = standing_state(standing, now);
    let word = output.tone(tone(state), state);
    output.line(&format!("{} is {word}", standing.approval.id))
}

fn standing_json(standing: &StandingApproval, now: DateTime<Utc>) -> Value {
    let mut value = json(&standing.approval, now);
    if let Some(members) = value.as_object_mut() {
        let further = [
            ("state", json!(standing_state(standing, now))),
            ("standing", json!(true)),
            ("given_on", json!(standing.from)),
            ("uses", json!(standing.uses)),
            ("used", json!(standing.used)),
        ];
        members.extend(further.map(|(key, value)| (key.to_owned(), value)));
    }
    value
}

/// The word for where a standing approval stands now.
fn standing_state(standing: &StandingApproval, now: DateTime<Utc>) -> &'static str {
    match standing.approval.state {
        State::Cancelled => "revoked",
        State::Approved if standing.is_dead(now) => "expired",
        State::Approved if standing.used >= standing.uses => "used up",
        _ => state(&standing.approval, now),
    }
}

pub(super) fn answered(
    approval: &Approval,
    now: DateTime<Utc>,
    output: &mut Output,
) -> Result<(), Unusable> {
    if output.is_json() {
        return output.json(&json(approval, now));
    }
    let state = state(approval, now);
    let word = output.tone(tone(state), state);
    let missing = match approval.state {
        State::Asked => "; others must agree, too",
        _ => "",
    };
    output.line(&format!("{} is {word}{missing}", approval.id))
}

fn json(approval: &Approval, now: DateTime<Utc>) -> Value {
    let question = &approval.question;
    let answers = approval.answers.iter().map(|answer| {
        json!({
            "by": answer.by.as_str(),
            "verified": answer.verified,
            "at": time(answer.at),
            "approved": answer.approved,
            "reason": answer.reason,
        })
    });
    json!({
        "approval": approval.id,
        "state": state(approval, now),
        "asked": time(approval.asked_at),
        "expires": time(approval.expires_at),
        "tenant": question.tenant,
        "subject": question.subject.as_str(),
        "actors": question.actors.iter().map(PrincipalId::as_str).collect::<Vec<_>>(),
        "tool": question.tool,
        "session": question.session,
        "task": question.task,
        "environment": question.environment,
        "arguments_digest": question.arguments.to_string(),
        "binding": question.binding.to_string(),
        "demands": demands(approval),
        "answers": answers.collect::<Vec<_>>(),
        "preview": question.preview,
        "preview_digest": question.preview_digest().to_string(),
        "decision_seq": question.decision,
        "supersedes": question.supersedes,
    })
}

/// The word for where it stands now, whatever the store says of one whose time is over.
fn state(approval: &Approval, now: DateTime<Utc>) -> &'static str {
    if approval.is_open() && approval.is_dead(now) {
        return "expired";
    }
    approval.state.as_str()
}

fn tone(state: &str) -> Tone {
    match state {
        "asked" => Tone::Care,
        "approved" | "claimed" | "consumed" => Tone::Good,
        "refused" | "revoked" => Tone::Bad,
        _ => Tone::Faint,
    }
}

/// How long it is open yet.
fn left(approval: &Approval, now: DateTime<Utc>) -> String {
    let seconds = approval.expires_at.signed_duration_since(now).num_seconds();
    match (approval.is_open(), seconds) {
        (true, 86_400..) => format!("{}d left", seconds.div_euclid(86_400)),
        (true, 3_600..) => format!("{}h left", seconds.div_euclid(3_600)),
        (true, 60..) => format!("{}m left", seconds.div_euclid(60)),
        (true, 1..) => format!("{seconds}s left"),
        _ => "-".to_owned(),
    }
}

fn chain(approval: &Approval) -> String {
    let question = &approval.question;
    let actors = question.actors.iter().map(|actor| format!(" via {actor}"));
    format!("{}{}", question.subject, actors.collect::<String>())
}

fn demands(approval: &Approval) -> Vec<String> {
    let demands = &approval.question.demands;
    let confirm = demands
        .confirm
        .then(|| format!("confirmation by {}", approval.question.person));
    let preview = demands
        .preview
        .then(|| "a dry run that was shown".to_owned());
    let group = |group: &Group| {
        let from: Vec<String> = group
            .from
            .iter()
            .map(callgate::approval::Eligible::text)
            .collect();
        format!("{} of {}", group.count, from.join(" or "))
    };
    let groups = demands.groups.iter().map(group);
    confirm.into_iter().chain(preview).chain(groups).collect()
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
