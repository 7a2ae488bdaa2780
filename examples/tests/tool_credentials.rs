//! A tool without a key of its own, run as a test.

#[path = "../tool_credentials/main.rs"]
#[expect(dead_code, reason = "what only the program itself needs")]
mod example;

// The parts of the example name each other from the root of their crate.
use example::vault;

#[test]
fn what_tokens_are_good_for() {
    let mut out = Vec::new();
    let now = chrono::Utc::now();
    example::run(&[7; 32], &mut out, now).unwrap();
    let output = String::from_utf8(out).unwrap();
    let answers: Vec<&str> = output
        .lines()
        .filter_map(|line| Some(line.split_at_checked(36)?.1.trim()))
        .collect();
    assert_eq!(
        answers,
        [
            r#""acc_1 of acme credited by 20.00""#,
            "403: the token is for something else",
            r#""done with [secret]""#,
            "401: the token was revoked",
            "policy_loaded decision credential_issued revoked outcome decision credential_issued \
             revoked outcome decision credential_issued revoked outcome",
            "false",
        ]
    );
}
