//! What an approver is shown of a call.

use std::borrow::Cow;
use std::fmt::Write as _;

use callgate_types::{Caller, Context, Json, JsonKind, JsonRef, ToolCall, push_pointer_token};
use chrono::SecondsFormat;

use crate::DryRun;

/// Largest preview, in bytes. What is larger is not asked about: nobody reads it.
pub const MAX_PREVIEW: usize = 64 << 10;

/// What is shown cannot be: the call is refused instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreviewError {
    /// The call has more to it than anybody reads.
    #[error("expected a call that can be shown in {MAX_PREVIEW} bytes")]
    TooLarge,
    /// Its arguments are not acceptable.
    #[error("the arguments are not acceptable")]
    Unreadable,
}

/// Shows a call to those who are asked about it: line by line, each value behind the pointer to it.
///
/// The same call is always shown in the same way. **Nothing is cut**: what is too large is refused.
/// Whatever could hide something (control characters, what turns the direction of text, what has no
/// width, blanks other than the one, marks that join what stands before) stands as `\u{…}`. Values
/// that `masked` names by their pointer stand as `[masked]`, with all that is inside them. Letters that
/// only look like others are shown as they are.
///
/// # Errors
///
/// Fails where the preview would be larger than [`MAX_PREVIEW`], and for arguments that are not
/// acceptable.
///
/// # Examples
///
/// ```
/// use callgate_approval::preview;
/// use callgate_types::{Caller, Context, Principal, ToolCall};
///
/// let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
/// let caller = Caller::of(alice).in_tenant("acme")?;
/// let call = ToolCall::from_text("pay", r#"{"to": "bob\u202e", "pin": "1234"}"#);
///
/// let shown = preview(&caller, &call, &Context::new(), &[], &|pointer| pointer == "/pin")?;
/// assert_eq!(
///     shown,
///     "tool: pay\nfor: user:alice\ntenant: acme\n/pin = [masked]\n/to = \"bob\\u{202e}\"\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn preview(
    caller: &Caller,
    call: &ToolCall,
    context: &Context,
    resources: &[(&str, Option<&str>)],
    masked: &dyn Fn(&str) -> bool,
) -> Result<String, PreviewError> {
    let mut out = Shown(String::with_capacity(512));
    out.head("tool", call.tool())?;
    if let Some(subject) = caller.subject() {
        out.head("for", subject.id().as_str())?;
    }
    for actor in caller.actors() {
        out.head("by", actor.id().as_str())?;
    }
    let of_context = [
        ("tenant", caller.tenant()),
        ("environment", context.environment_name()),
        ("session", context.session_id()),
        ("task", context.task_id()),
    ];
    for (name, text) in of_context {
        if let Some(text) = text {
            out.head(name, text)?;
        }
    }
    for (kind, id) in resources {
        let text = id.map_or_else(|| (*kind).to_owned(), |id| format!("{kind} {id}"));
        out.head("resource", &text)?;
    }
    let arguments = call.arguments().map_err(|_| PreviewError::Unreadable)?;
    let mut pointer = String::with_capacity(64);
    out.value(arguments.root(), &mut pointer, masked)?;
    Ok(out.0)
}

/// Adds to what [`preview`] shows what came of trying the call out. `result` is the text that the
/// tool gave: where that is JSON, each value stands behind its pointer, as arguments do. `None` shows
/// its digest alone.
///
/// # Errors
///
/// Fails where the preview would be larger than [`MAX_PREVIEW`].
///
/// # Examples
///
/// ```
/// use callgate_approval::{DryRun, show_dry_run};
/// use callgate_types::Digest;
///
/// let result = r#"{"deletes": 3}"#;
/// let at = "2026-11-20T12:00:00Z".parse()?;
/// let tried = DryRun::new(12, at, Digest::of(result.as_bytes()));
///
/// let shown = show_dry_run("tool: prune\n".into(), &tried, Some(result))?;
/// assert_eq!(
///     shown,
///     "tool: prune\ndry run: record 12 at 2026-11-20T12:00:00Z\ndry run/deletes = 3\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn show_dry_run(
    preview: String,
    dry_run: &DryRun,
    result: Option<&str>,
) -> Result<String, PreviewError> {
    let mut out = Shown(preview);
    let at = dry_run.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    out.head("dry run", &format!("record {} at {at}", dry_run.decision))?;
    let Some(result) = result else {
        out.leaf("dry run", &format!("[masked] {}", dry_run.result))?;
        return Ok(out.0);
    };
    let mut pointer = "dry run".to_owned();
    match Json::parse(result) {
        Ok(json) => out.value(json.root(), &mut pointer, &|_| false)?,
        Err(_) => out.quoted(&pointer, result)?,
    }
    Ok(out.0)
}

/// Shows names and what they stand for, line by line, as a [`preview`] does; but quotes, which
/// hold nothing together here, stand as they are.
pub(crate) fn show(lines: &[(&str, &str)]) -> Result<String, PreviewError> {
    let mut out = Shown(String::with_capacity(512));
    for (name, text) in lines {
        out.0.push_str(name);
        out.0.push_str(": ");
        for (place, part) in text.split('"').enumerate() {
            if place > 0 {
                out.0.push('"');
            }
            out.text(part)?;
        }
        out.line()?;
    }
    Ok(out.0)
}

struct Shown(String);

impl Shown {
    fn head(&mut self, name: &str, text: &str) -> Result<(), PreviewError> {
        self.0.push_str(name);
        self.0.push_str(": ");
        self.text(text)?;
        self.line()
    }

    /// A leaf stands behind its pointer; of an array or object each leaf does. All is as in the
    /// canonical form: keys in their order, numbers by their value.
    fn value(
        &mut self,
        value: JsonRef<'_>,
        pointer: &mut String,
        masked: &dyn Fn(&str) -> bool,
    ) -> Result<(), PreviewError> {
        if !pointer.is_empty() && masked(pointer) {
            return self.leaf(pointer, "[masked]");
        }
        let before = pointer.len();
        match value.kind() {
            JsonKind::Object if !value.is_empty() => {
                for (key, value) in value.sorted_members() {
                    push_pointer_token(pointer, key);
                    self.value(value, pointer, masked)?;
                    pointer.truncate(before);
                }
                Ok(())
            }
            JsonKind::Array if !value.is_empty() => {
                for (place, value) in value.items().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&place.to_string());
                    self.value(value, pointer, masked)?;
                    pointer.truncate(before);
                }
                Ok(())
            }
            JsonKind::Text => self.quoted(pointer, value.as_str().unwrap_or_default()),
            // No arguments at all are no line.
            _ if pointer.is_empty() => Ok(()),
            kind => {
                let mut token = String::with_capacity(16);
                value.push_canonical(&mut token);
                match kind {
                    JsonKind::Number => self.leaf(pointer, &written_out(&token)),
                    _ => self.leaf(pointer, &token),
                }
            }
        }
    }

    fn quoted(&mut self, pointer: &str, text: &str) -> Result<(), PreviewError> {
        self.text(pointer)?;
        self.0.push_str(" = \"");
        self.text(text)?;
        self.0.push('"');
        self.line()
    }

    fn leaf(&mut self, pointer: &str, text: &str) -> Result<(), PreviewError> {
        self.text(pointer)?;
        self.0.push_str(" = ");
        self.0.push_str(text);
        self.line()
    }

    fn text(&mut self, text: &str) -> Result<(), PreviewError> {
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    self.0.push('\\');
                    self.0.push(c);
                }
                c if is_plain(c) => self.0.push(c),
                c => {
                    let written = write!(self.0, "\\u{{{:x}}}", u32::from(c));
                    debug_assert!(written.is_ok(), "a string takes what is written to it");
                }
            }
        }
        self.bounded()
    }

    fn line(&mut self) -> Result<(), PreviewError> {
        self.0.push('\n');
        self.bounded()
    }

    fn bounded(&self) -> Result<(), PreviewError> {
        let fits = self.0.len() <= MAX_PREVIEW;
        fits.then_some(()).ok_or(PreviewError::TooLarge)
    }
}

/// A number in canonical form as people write it: without an exponent, where that is no longer than
/// anybody reads.
fn written_out(token: &str) -> Cow<'_, str> {
    const MOST: u32 = 30;
    let (sign, rest) = token
        .strip_prefix('-')
        .map_or(("", token), |rest| ("-", rest));
    let Some((digits, exponent)) = rest.split_once('e') else {
        return token.into();
    };
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    match exponent.parse::<i32>() {
        Ok(zeros @ 0..) if plain && zeros.unsigned_abs() <= MOST => {
            let mut written = String::with_capacity(48);
            written.extend([sign, digits]);
            written.extend((0..zeros).map(|_| '0'));
            written.into()
        }
        Ok(places) if plain && places.unsigned_abs() <= MOST => {
            let places = places.unsigned_abs() as usize;
            let missing = places.saturating_add(1).saturating_sub(digits.len());
            let digits = format!("{}{digits}", "0".repeat(missing));
            let (whole, part) = digits.split_at(digits.len().saturating_sub(places));
            format!("{sign}{whole}.{part}").into()
        }
        _ => token.into(),
    }
}

/// Whether a character shows itself, as one thing, where it stands.
fn is_plain(c: char) -> bool {
    match c {
        // Letters by their category that show nothing.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{17b4}' | '\u{17b5}' => false,
        // Signs of writing and of money.
        ' '..='~'
        | '\u{a1}'..='\u{ac}'
        | '\u{ae}'..='\u{ff}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{20a0}'..='\u{20c0}'
        | '\u{3001}'..='\u{3003}'
        | '\u{3008}'..='\u{3011}'
        | '\u{ff01}'..='\u{ff5e}' => true,
        c => c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::Principal;
    use proptest::prelude::*;

    fn shown(arguments: &str) -> Result<String, PreviewError> {
        let alice = Principal::asserted("user:alice".parse().unwrap());
        let caller = Caller::of(alice).without_tenant().unwrap();
        let call = ToolCall::from_text("t", arguments);
        let text = preview(&caller, &call, &Context::new(), &[], &|_| false)?;
        Ok(text
            .strip_prefix("tool: t\nfor: user:alice\n")
            .unwrap()
            .into())
    }

    #[track_caller]
    fn check(arguments: &str, expected: &str) {
        assert_eq!(shown(arguments).unwrap(), expected);
    }

    #[test]
    fn every_value_has_its_line() {
        check("{}", "");
        check(
            r#"{"b": [1, {"c": null}], "a": {}, "d": []}"#,
            "/a = {}\n/b/0 = 1\n/b/1/c = null\n/d = []\n",
        );
        check(r#"{"a/b": {"~": true}}"#, "/a~1b/~0 = true\n");
    }

    #[test]
    fn numbers_are_written_out() {
        check(
            r#"{"a": 80, "b": -20.50, "c": 1e3, "d": 0.005, "e": 0, "f": 12, "g": 1e300}"#,
            "/a = 80\n/b = -20.5\n/c = 1000\n/d = 0.005\n/e = 0\n/f = 12\n/g = 1e300\n",
        );
        check(
            r#"{"a": 100000000000000000000000000000000000000, "b": 1e-31}"#,
            "/a = 1e38\n/b = 1e-31\n",
        );
    }

    #[test]
    fn same_call_same_preview() {
        assert_eq!(
            shown(r#"{"a": 5, "b": "x"}"#),
            shown(r#"{"b":"\u0078","a":5.0}"#)
        );
        assert_ne!(shown(r#"{"a": 5}"#), shown(r#"{"a": "5"}"#));
    }

    #[test]
    fn bidi_shown() {
        check(
            r#"{"a": "x\u202ey\u2066"}"#,
            "/a = \"x\\u{202e}y\\u{2066}\"\n",
        );
        check("{\"\u{200f}a\": 1}", "/\\u{200f}a = 1\n");
    }

    #[test]
    fn zero_width_shown() {
        check(
            "{\"a\": \"x\u{200b}\u{200d}\u{feff}\u{2060}\u{e0041}\u{fe0f}\u{3164}\"}",
            "/a = \"x\\u{200b}\\u{200d}\\u{feff}\\u{2060}\\u{e0041}\\u{fe0f}\\u{3164}\"\n",
        );
    }

    #[test]
    fn control_characters_shown() {
        check(
            r#"{"a": "x\n/b = 1\u001b[2K"}"#,
            "/a = \"x\\u{a}/b = 1\\u{1b}[2K\"\n",
        );
        // What looks like an escape is told from one.
        check(r#"{"a": "\\u{a}\""}"#, "/a = \"\\\\u{a}\\\"\"\n");
    }

    #[test]
    fn letters_stay_readable() {
        check(
            r#"{"a": "Zoë zahlt 5 € — größer … 東京"}"#,
            "/a = \"Zoë zahlt 5 € — größer … 東京\"\n",
        );
    }

    #[test]
    fn nothing_is_cut() {
        let long = "x".repeat(60_000);
        check(
            &format!(r#"{{"a": "{long}"}}"#),
            &format!("/a = \"{long}\"\n"),
        );
        let longer = "x".repeat(70_000);
        assert_eq!(
            shown(&format!(r#"{{"a": "{longer}"}}"#)),
            Err(PreviewError::TooLarge)
        );
        assert_eq!(shown("{"), Err(PreviewError::Unreadable));
    }

    #[test]
    fn dry_run_shown() {
        let at = "2026-11-20T12:00:00.5Z".parse().unwrap();
        let shown = |result: &str, masked: bool| {
            let dry_run = DryRun::new(7, at, callgate_types::Digest::of(result.as_bytes()));
            let text = show_dry_run(String::new(), &dry_run, (!masked).then_some(result));
            let text = text.unwrap();
            let head = "dry run: record 7 at 2026-11-20T12:00:00Z\n";
            text.strip_prefix(head).unwrap().to_owned()
        };
        assert_eq!(shown("3", false), "dry run = 3\n");
        assert_eq!(shown("{}", false), "dry run = {}\n");
        assert_eq!(shown("\"a\\u202e\"", false), "dry run = \"a\\u{202e}\"\n");
        assert_eq!(
            shown(r#"{"b": [1e2, null], "a/b": "x"}"#, false),
            "dry run/a~1b = \"x\"\ndry run/b/0 = 100\ndry run/b/1 = null\n"
        );
        // What is no JSON is one text, which ends no line.
        assert_eq!(shown("{\n/a = 1", false), "dry run = \"{\\u{a}/a = 1\"\n");
        let masked = shown("secret", true);
        assert!(masked.starts_with("dry run = [masked] ") && !masked.contains("secret"));
    }

    #[test]
    fn dry_run_is_not_cut() {
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let dry_run = DryRun::new(7, at, callgate_types::Digest::ZERO);
        let long = "x".repeat(70_000);
        let shown = show_dry_run(String::new(), &dry_run, Some(&long));
        assert_eq!(shown, Err(PreviewError::TooLarge));
    }

    proptest! {
        #[test]
        fn every_line_is_readable(text in any::<String>()) {
            let json = serde_json::json!({ "a": text }).to_string();
            let line = shown(&json).unwrap();
            prop_assert!(line.starts_with("/a = \"") && line.ends_with("\"\n"));
            let inner = line.trim_end_matches('\n');
            prop_assert!(inner.chars().all(is_plain), "{inner:?}");
            // Nothing is lost: what was shown can be read back.
            let shown = inner.strip_prefix("/a = \"").unwrap().strip_suffix('"').unwrap();
            prop_assert_eq!(read_back(shown), text);
        }
    }

    fn read_back(shown: &str) -> String {
        let (mut text, mut rest) = (String::new(), shown.chars());
        while let Some(c) = rest.next() {
            match (c, c == '\\') {
                (_, false) => text.push(c),
                _ => match rest.next() {
                    Some('u') => {
                        let digits: String = rest.by_ref().take_while(|c| *c != '}').collect();
                        let number = u32::from_str_radix(digits.trim_start_matches('{'), 16);
                        text.push(char::from_u32(number.unwrap()).unwrap());
                    }
                    Some(c) => text.push(c),
                    None => panic!("a lone backslash"),
                },
            }
        }
        text
    }
}
