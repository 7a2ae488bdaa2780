//! Values that are written once.

use super::read;

const HEAD: &str = "format = 1\nname = 'named'\n";
const TAIL: &str = "[[rules]]\nid = 'one'\neffect = 'permit'\n";

/// A policy with named values means the same as the one with the values in their places.
#[track_caller]
fn check(named: &str, with: &str, without: &str) {
    let shown = |text: &str| {
        let document = read(text, "p").unwrap_or_else(|found| panic!("{found}\n{text}"));
        let shown = format!("{document:#?}");
        let lines = shown
            .lines()
            .filter(|line| !line.trim_start().starts_with("line: "));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        shown(&format!("{HEAD}{named}{with}")),
        shown(&format!("{HEAD}{without}"))
    );
}

fn tool(arguments: &str) -> String {
    format!("[tools.pay]\naccess = 'write'\n[tools.pay.arguments]\n{arguments}\n{TAIL}")
}

#[test]
fn matchers_lists_and_conditions() {
    let named = "[named.id]\nmatches = 'acc_[0-9]+'\ntext = { max_chars = 9 }\n\
                 [named]\nwords = ['USD', 'EUR']\nlimit = 50\nunused = { txet = 1 }\n\
                 when = { 'arguments/a' = { equals = 'x' } }\n";
    let id = "matches = 'acc_[0-9]+', text = { max_chars = 9 }";
    check(
        named,
        &tool("'/a' = { use = 'id' }"),
        &tool(&format!("'/a' = {{ {id} }}")),
    );
    check(
        named,
        &tool(
            "'/a' = { use = 'id', optional = true }\n'/b' = { array = { each = { use = 'id' } } }",
        ),
        &tool(&format!(
            "'/a' = {{ {id}, optional = true }}\n'/b' = {{ array = {{ each = {{ {id} }} }} }}"
        )),
    );
    check(
        named,
        &tool(
            "'/a' = { one_of = { use = 'words' } }\n'/b' = { integer = { at_most = { use = 'limit' } } }",
        ),
        &tool("'/a' = { one_of = ['USD', 'EUR'] }\n'/b' = { integer = { at_most = 50 } }"),
    );
    let text = tool("'/a' = { text = {} }");
    check(
        named,
        &format!("{text}when = {{ use = 'when' }}"),
        &format!("{text}when = {{ 'arguments/a' = {{ equals = 'x' }} }}"),
    );
}

#[test]
fn examples_are_taken_as_written() {
    let text = tool("'/use' = { text = {} }");
    let example =
        "\n[[examples]]\ncall = { tool = 'pay', arguments = { use = 'x' } }\ngets = 'deny'\n";
    let text = format!("{HEAD}[named]\nx = 1\n{text}{example}");
    let document = read(&text, "p").unwrap();
    assert_eq!(
        document.examples.first().unwrap().arguments,
        "{\"use\":\"x\"}"
    );
}

#[test]
fn uses_add_a_bounded_number_of_values() {
    let words: Vec<String> = (0..2_000).map(|n| format!("'w{n}'")).collect();
    let named = format!("[named]\nwords = [{}]\n", words.join(", "));
    let using = |uses: usize| {
        let arguments =
            (0..uses).map(|n| format!("'/a{n}' = {{ one_of = {{ use = 'words' }} }}\n"));
        read(
            &format!("{HEAD}{named}{}", tool(&arguments.collect::<String>())),
            "p",
        )
    };
    assert!(using(100).is_ok());
    let found = using(200).unwrap_err();
    assert_eq!(found.first().code.as_str(), "too_many");
}
