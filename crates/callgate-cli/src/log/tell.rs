//! Telling a story: sessions in the order of their first record, and what happened in between.

use std::iter::Peekable;
use std::vec::IntoIter;

use callgate::audit::read::RecordView;
use chrono::{DateTime, TimeDelta, Utc};

use super::clear::Clear;
use super::phrase::{self, Phrase, clock, name};
use super::story::{Counts, Moment, Scene, Session, Story};
use crate::Unusable;
use crate::output::{Output, Tone};

/// Before what stands below a call.
const MARGIN: &str = "            ";

/// Tells all of `story`: the answer first.
pub(super) fn story(output: &mut Output, mut story: Story) -> Result<(), Unusable> {
    output.line(&summary(output, &story))?;
    story.sessions.sort_by_key(|session| session.first);
    story.events.sort_by_key(|event| event.seq);
    let mut beside = beside(&mut story).into_iter().peekable();
    for told in story.sessions {
        moments(output, &mut beside, told.first)?;
        session(output, told)?;
    }
    moments(output, &mut beside, u64::MAX)
}

/// One record on one line, as it comes.
pub(super) fn live(
    output: &mut Output,
    record: &RecordView<'_>,
    clear: &Clear,
) -> Result<(), Unusable> {
    let (what, told) = if let Some(decision) = record.decision() {
        let mut what: Vec<_> = name(record, "session").into_iter().collect();
        what.push(phrase::who(record));
        what.push(phrase::call(&decision, clear));
        (what.join("  "), phrase::decision(&decision))
    } else {
        let call = record.decision_seq();
        let what = call.map_or_else(String::new, |seq| format!("call #{seq}"));
        (what, phrase::of(record, clear))
    };
    let place = format!("{}  #{}", stamp(record.time()), record.seq());
    let gap = if what.is_empty() { "" } else { "  " };
    let told = words(output, &told);
    output.line(&format!(
        "{}  {what}{gap}{told}",
        output.tone(Tone::Faint, &place)
    ))
}

fn summary(output: &Output, story: &Story) -> String {
    let Counts {
        records,
        calls,
        allowed,
        asked,
        denied,
        dangling,
    } = story.counts;
    if records == 0 {
        return "no records".into();
    }
    let sessions = story.sessions.iter().filter(|session| session.id.is_some());
    let mut text = format!(
        "{}, {}, {}: {allowed} allowed, {asked} asked, {denied} denied",
        several(records, "record"),
        several(
            u64::try_from(sessions.count()).unwrap_or(u64::MAX),
            "session"
        ),
        several(calls, "call"),
    );
    if dangling > 0 {
        let open = format!("; of {dangling} nothing says what became");
        text.push_str(&output.tone(Tone::Care, &open));
    }
    text
}

fn several(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Gives the sessions what happened while they lasted; the rest stands between them.
fn beside(story: &mut Story) -> Vec<Moment> {
    let mut beside = Vec::new();
    for event in std::mem::take(&mut story.events) {
        let during = story
            .sessions
            .iter_mut()
            .filter(|session| session.id.is_some())
            .filter(|session| session.first < event.seq && event.seq < session.last);
        let mut told = false;
        for session in during {
            told = true;
            session.scenes.push(Scene {
                seq: event.seq,
                time: event.time,
                call: None,
                who: None,
                phrases: vec![event.phrase.clone()],
                open: false,
            });
        }
        if !told {
            beside.push(event);
        }
    }
    beside
}

fn moments(
    output: &mut Output,
    moments: &mut Peekable<IntoIter<Moment>>,
    before: u64,
) -> Result<(), Unusable> {
    let mut first = true;
    while let Some(moment) = moments.next_if(|moment| moment.seq < before) {
        if std::mem::take(&mut first) {
            output.line("")?;
        }
        let place = format!("{}  #{}", stamp(moment.time), moment.seq);
        let told = words(output, &moment.phrase);
        output.line(&format!("{}  {told}", output.tone(Tone::Faint, &place)))?;
    }
    Ok(())
}

fn session(output: &mut Output, mut session: Session) -> Result<(), Unusable> {
    let tenant = session.tenant.as_ref();
    let tenant = tenant.map_or_else(String::new, |tenant| format!(", tenant `{tenant}`"));
    let environment = session.environment.as_ref();
    let environment = environment.map_or_else(String::new, |name| format!(", in `{name}`"));
    let begins = session
        .begins
        .map_or_else(String::new, |time| format!(", {}", clock(time)));
    let title = match &session.id {
        Some(id) => format!("session `{id}`{tenant}{environment}{begins}"),
        None => format!("outside of any session{tenant}{environment}{begins}"),
    };
    output.line("")?;
    output.line(&title)?;
    output.line(&session.who)?;
    output.line("")?;
    session.scenes.sort_by_key(|scene| scene.seq);
    for told in &session.scenes {
        scene(output, told, session.begins)?;
    }
    Ok(())
}

fn scene(
    output: &mut Output,
    scene: &Scene,
    begins: Option<DateTime<Utc>>,
) -> Result<(), Unusable> {
    let since = scene
        .time
        .zip(begins)
        .map(|(time, begins)| time.signed_duration_since(begins));
    let since = format!("{:>10}", since.map_or_else(String::new, elapsed));
    let since = output.tone(Tone::Faint, &since);
    let mut phrases = scene.phrases.iter();
    let first = match &scene.call {
        Some((call, id)) => {
            let id = id.as_ref().map_or_else(String::new, |id| format!(" {id}"));
            let place = output.tone(Tone::Faint, &format!("#{}{id}", scene.seq));
            format!("{call}  {place}")
        }
        None => phrases
            .next()
            .map_or_else(String::new, |told| words(output, told)),
    };
    output.line(&format!("{since}  {first}"))?;
    if let Some(who) = &scene.who {
        output.line(&format!("{MARGIN}for       {who}"))?;
    }
    for told in phrases {
        output.line(&format!("{MARGIN}{}", words(output, told)))?;
    }
    if scene.open {
        let open = Phrase::new(Tone::Care, "open", "nothing says what became of it");
        output.line(&format!("{MARGIN}{}", words(output, &open)))?;
    }
    Ok(())
}

fn words(output: &Output, told: &Phrase) -> String {
    if told.text.is_empty() {
        return output.tone(told.tone, told.head);
    }
    let head = output.tone(told.tone, &format!("{:<8}", told.head));
    format!("{head}  {}", told.text)
}

/// A time of the wall, as wide as every other one.
fn stamp(time: Option<DateTime<Utc>>) -> String {
    time.map_or_else(
        || " ".repeat(23),
        |time| time.format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
    )
}

/// How long after the start of its session something was.
fn elapsed(time: TimeDelta) -> String {
    let sign = if time < TimeDelta::zero() { '-' } else { '+' };
    let time = time.abs();
    let (days, hours) = (time.num_days(), time.num_hours() % 24);
    let (minutes, seconds) = (time.num_minutes() % 60, time.num_seconds() % 60);
    if days > 0 {
        format!("{sign}{days}d{hours:02}h")
    } else if hours > 0 {
        format!("{sign}{hours}h{minutes:02}m")
    } else if minutes > 0 {
        format!("{sign}{minutes}m{seconds:02}s")
    } else {
        format!("{sign}{seconds}.{:03}s", time.subsec_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let check = |millis, expected: &str| {
            assert_eq!(elapsed(TimeDelta::milliseconds(millis)), expected);
        };
        check(0, "+0.000s");
        check(59_999, "+59.999s");
        check(61_500, "+1m01s");
        check(3_600_000, "+1h00m");
        check(90_000_000, "+1d01h");
        check(-1_500, "-1.500s");
    }
}
