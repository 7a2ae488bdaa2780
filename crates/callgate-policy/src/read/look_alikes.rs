//! Names of tools that people or models could take for each other.
//!
//! A call names its tool byte by byte, and so does a policy. But who reviews a policy, and the
//! model that picks a tool, go by looks: a second `create_issue` with a letter of another script
//! in it, or `Read_File` beside `read_file`, is how one server passes for another.

use std::collections::HashMap;

use super::faults::Faults;
use super::fields::shown;
use super::node::Entry;
use crate::DiagnosticCode as Code;

/// Reports names that hold more than printable ASCII, and names that look like another one.
pub(super) fn look_alikes(tools: &[Entry<'_>], faults: &Faults<'_>) {
    let mut seen: HashMap<String, &str> = HashMap::with_capacity(tools.len());
    for entry in tools {
        let (name, span) = (entry.key, entry.key_span);
        if !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            // An empty name and one with control characters are reported as such.
            if !name.is_empty() && !name.chars().any(char::is_control) {
                let message = format!("the name of a tool `{}` is not plain", shown(name));
                let help = "write letters, digits and signs of ASCII, without blanks";
                faults.add_with_help(Code::BadName, span, message, help);
            }
            continue;
        }
        if let Some(other) = seen.insert(skeleton(name), name) {
            let message = format!(
                "the tools `{}` and `{}` look alike",
                shown(other),
                shown(name)
            );
            let help = "rename one of them: a model or a reviewer takes one for the other";
            faults.add_with_help(Code::BadName, span, message, help);
        }
    }
}

/// What is left of a name when case and signs that look alike are not told apart.
fn skeleton(name: &str) -> String {
    let mut skeleton = String::with_capacity(name.len());
    for byte in name.bytes() {
        skeleton.push(match byte.to_ascii_lowercase() {
            b'0' => 'o',
            b'1' | b'i' | b'|' | b'!' => 'l',
            other => char::from(other),
        });
    }
    skeleton.replace("rn", "m").replace("vv", "w")
}

#[cfg(test)]
mod tests {
    use super::skeleton;

    #[track_caller]
    fn check(one: &str, other: &str, alike: bool) {
        assert_eq!(skeleton(one) == skeleton(other), alike, "{one} {other}");
    }

    #[test]
    fn names_that_look_alike() {
        check("read_file", "Read_File", true);
        check("list_items", "Iist_items", true);
        check("list_items", "1ist_items", true);
        check("go_modern", "g0_modem", true);
        check("view", "vievv", true);
        check("read_file", "read-file", false);
        check("read_file", "read_files", false);
        check("mcp__github__x", "mcp__github2__x", false);
    }
}
