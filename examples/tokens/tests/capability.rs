//! The way of a capability token, run as a test.

#[path = "../capability/main.rs"]
#[expect(dead_code, reason = "what only the program itself needs")]
mod capability;

#[test]
fn what_the_tokens_allow() {
    let mut out = Vec::new();
    capability::run(capability::sub_agent::narrow, &mut out).unwrap();
    let output = String::from_utf8(out).unwrap();
    let answers: Vec<&str> = output
        .lines()
        .map(|line| line.rsplit('}').next().unwrap().trim())
        .collect();
    assert_eq!(
        answers,
        [
            r#"allowed: "adjust_billing ran""#,
            "denied: credential refused: argument_not_granted",
            "denied: credential refused: resource_not_granted",
            r#"allowed: "read_account ran""#,
            "denied: credential refused: tool_not_granted",
            "denied: credential refused: revoked",
        ]
    );
}
