//! `callgate explain`.

use callgate::policy::document::InForce;
use callgate::{Answer as Truth, ConditionTrace, Needed, Snapshot, StatementTrace, Step};

use crate::call_line::CallLine;
use crate::eval::{Answer, call_of, write};
use crate::options::Explain;
use crate::output::{Output, Tone, chain, shown};
use crate::{Found, Unusable, check, lines};

/// Decides every call of the input, and says why.
pub(crate) fn run(command: &Explain, output: &mut Output) -> Result<Found, Unusable> {
    let snapshot = check::load(&command.policy).map_err(|error| Unusable(chain(&error)))?;
    let mut input = lines::open(&command.calls)
        .map_err(|error| Unusable(format!("{}: {error}", command.calls.display())))?;
    while !output.is_closed()
        && let Some(line) = lines::next(&mut *input)?
    {
        if let Some((line, why)) = call_of(line) {
            explain(&snapshot, &line, why, output)?;
        }
    }
    Ok(Found::Nothing)
}

fn explain(
    snapshot: &Snapshot,
    line: &CallLine,
    why: Option<String>,
    output: &mut Output,
) -> Result<(), Unusable> {
    let explanation = snapshot.explain(&line.caller, &line.call, &line.context);
    let mut answer = Answer::of_judged(explanation.judged());
    if let Some(why) = why {
        answer.message = why;
    }
    if output.is_json() {
        let mut json = answer.json();
        let trace = serde_json::to_value(explanation.steps())?;
        if let Some(members) = json.as_object_mut() {
            members.insert("trace".into(), trace);
        }
        return output.json(&json);
    }
    write(output, &answer)?;
    for step in explanation.steps() {
        write_step(output, step)?;
    }
    output.line("")
}

fn write_step(output: &mut Output, step: &Step<'_>) -> Result<(), Unusable> {
    match step {
        Step::Call { ok } => named(output, "call", ok_or(*ok, "malformed")),
        Step::Caller { ok } => named(output, "caller", ok_or(*ok, "refused")),
        Step::Tool { ok, file, line } => {
            let place = match (file, line) {
                (Some(file), Some(line)) => format!(", {}:{line}", shown(file)),
                _ => String::new(),
            };
            let what = ok_or(*ok, "not in the catalogue");
            named(output, "tool", &format!("{what}{place}"))
        }
        Step::Definition { ok, given } => {
            let not = if *given {
                "not the one that is pinned"
            } else {
                "not named by the call"
            };
            named(output, "definition", ok_or(*ok, not))
        }
        Step::Arguments { ok } => named(output, "arguments", ok_or(*ok, "not those of the tool")),
        Step::Resources { named: 0, .. } => named(output, "resources", "none"),
        Step::Resources { named: all, known } => {
            named(output, "resources", &format!("{all} named, {known} known"))
        }
        Step::Scope {
            ok,
            scope,
            hop,
            actor,
            cut,
            tool,
        } => {
            let scope = if *tool {
                "the tool"
            } else {
                scope.unwrap_or("none stated")
            };
            let by = cut.map_or_else(String::new, |cut| format!(", by its {cut}"));
            let lack = match (ok, hop, actor) {
                (true, ..) => String::new(),
                (_, Some("actor"), Some(place)) => format!(", lacking at actor {place}"),
                (_, Some("subject"), _) => ", lacking at the subject".to_owned(),
                (_, Some("unknown_caller"), _) => ", and the caller is unknown".to_owned(),
                _ => ", and an actor calls".to_owned(),
            };
            named(output, "scope", &format!("{scope}{lack}{by}"))
        }
        Step::Tier { tier, tool, raises } => {
            named(output, "tier", &format!("{tier}, of the tool {tool}"))?;
            write_statements(output, raises)
        }
        Step::Rules { rules } => {
            let matched = rules.iter().filter(|rule| rule.matched).count();
            let sum = format!("{matched} of {} about this tool match", rules.len());
            named(output, "rules", &sum)?;
            write_statements(output, rules)
        }
        Step::Limits { limits } => {
            let matched = limits.iter().filter(|limit| limit.matched).count();
            let sum = format!("{matched} of {} about this tool count it", limits.len());
            named(output, "limits", &sum)?;
            write_statements(output, limits)
        }
        Step::Friction {
            confirm,
            preview,
            approvals,
        } => {
            let mut demands = Vec::new();
            demands.extend(confirm.then(|| "confirm".to_owned()));
            demands.extend(preview.then(|| "preview".to_owned()));
            demands.extend((*approvals > 0).then(|| format!("{approvals} groups of approvers")));
            named(output, "friction", &or_none(&demands))
        }
        Step::Obligations { names } => named(output, "obligations", &or_none(names)),
        Step::Nearest { changes } => {
            for change in changes {
                let effect = if change.matches { "match" } else { "not match" };
                let rule = shown(change.rule);
                let (file, line) = (shown(change.file), change.line);
                let head = format!("for `{rule}` ({file}:{line}) to {effect}:");
                named(output, "nearest", &head)?;
                for needed in &change.needed {
                    let line = format!("               {}", shown(&need(needed)));
                    output.line(&line)?;
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn write_statements(output: &mut Output, all: &[StatementTrace<'_>]) -> Result<(), Unusable> {
    for one in all {
        let mark = answer(output, one.answer, one.matched);
        let (effect, id) = (one.effect, shown(one.id));
        let note = match (one.observe, one.matched) {
            (true, true) => "  matches, and only observes",
            (true, false) => "  only observes",
            (false, true) => "  matches",
            (false, false) => "",
        };
        output.line(&format!(
            "    {mark}  {effect:<6}  {id:<20}  {}:{}{note}",
            shown(one.file),
            one.line
        ))?;
        for selector in &one.selectors {
            let mark = answer(output, selector.answer, selector.answer == Truth::Yes);
            let why = because(selector.why);
            output.line(&format!("      {mark}  {}{why}", selector.selector))?;
        }
        if one.lacks_resource {
            output.line("               the call names no resource")?;
        } else if let Some(condition) = &one.condition {
            write_condition(output, condition, 6)?;
        }
    }
    Ok(())
}

/// The nesting of the policy bounds the recursion.
fn write_condition(
    output: &mut Output,
    condition: &ConditionTrace,
    indent: usize,
) -> Result<(), Unusable> {
    let truth = condition.answer();
    let mark = answer(output, truth, truth == Truth::Yes);
    let deeper = indent.saturating_add(2);
    let mut line = |what: &str| output.line(&format!("{:indent$}{mark}  {what}", ""));
    match condition {
        ConditionTrace::All { all: parts, .. } => {
            line("all")?;
            parts
                .iter()
                .try_for_each(|part| write_condition(output, part, deeper))
        }
        ConditionTrace::Any { any: parts, .. } => {
            line("any")?;
            parts
                .iter()
                .try_for_each(|part| write_condition(output, part, deeper))
        }
        ConditionTrace::Not { not, .. } => {
            line("not")?;
            write_condition(output, not, deeper)
        }
        ConditionTrace::Value {
            place,
            matcher,
            found,
            against,
            decided,
            ..
        } => {
            let against = against.as_ref().map_or_else(String::new, |other| {
                format!(" {} ({})", other.place, other.found.as_str())
            });
            let decided = if *decided { "  <- decided" } else { "" };
            let found = found.as_str();
            line(&shown(&format!(
                "{place} ({found}) {matcher}{against}{decided}"
            )))
        }
        _ => Ok(()),
    }
}

fn need(needed: &Needed) -> String {
    let (place, wanted, now) = (
        &needed.place,
        needed.wanted.as_str(),
        needed.answer.as_str(),
    );
    let Some(matcher) = needed.matcher else {
        let why = because(needed.why);
        return format!("{place}{why}: {now}, would have to be {wanted}");
    };
    let found = needed.found.map_or("", |found| found.as_str());
    let against = needed.against.as_ref().map_or_else(String::new, |other| {
        format!(" {} ({})", other.place, other.found.as_str())
    });
    format!("{place} ({found}) {matcher}{against}: {now}, would have to be {wanted}")
}

/// Why a statement is not in force.
fn because(why: Option<InForce>) -> &'static str {
    match why {
        Some(InForce::Expired) => " (expired)",
        Some(InForce::NotYet) => " (not yet)",
        Some(InForce::OtherHours) => " (at other hours)",
        _ => "",
    }
}

fn answer(output: &Output, truth: Truth, good: bool) -> String {
    let tone = match truth {
        Truth::Unknown => Tone::Care,
        _ if good => Tone::Good,
        _ => Tone::Faint,
    };
    output.tone(tone, &format!("{:<7}", truth.as_str()))
}

fn named(output: &mut Output, step: &str, what: &str) -> Result<(), Unusable> {
    output.line(&format!("  {step:<11}  {what}"))
}

const fn ok_or(ok: bool, otherwise: &str) -> &str {
    if ok { "ok" } else { otherwise }
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        shown(&names.join(", "))
    }
}
