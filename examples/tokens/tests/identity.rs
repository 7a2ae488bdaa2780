//! The example `identity`, run as a test: every row that it prints.

#[path = "../identity/main.rs"]
#[expect(dead_code, reason = "what only the program itself needs")]
mod identity;

#[test]
fn every_row() {
    let mut out = Vec::new();
    identity::run(&mut out, "2026-05-04T10:00:00Z".parse().unwrap()).unwrap();
    let rows = String::from_utf8(out).unwrap();
    let said: Vec<&str> = rows
        .lines()
        .map(|row| row.get(44..).unwrap().trim())
        .collect();
    assert_eq!(
        said,
        [
            "allow: done",
            "allow: done",
            "tool_not_delegated: `agent:reader` was not handed tool `adjust_billing`",
            "caller_expired: a credential or a delegation of the caller has ended",
            "forbidden: sign in again to adjust bills",
            "allow: done",
            "invalid_caller: credential refused: wrong_audience",
            "invalid_caller: credential refused: bad_signature",
            "invalid_caller: credential refused: unknown_key",
        ]
    );
}
