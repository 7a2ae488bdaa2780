//! `callgate schema`.

use crate::run::{callgate, folder};

#[test]
fn whole_and_on_one_line() {
    let folder = folder();
    let ran = callgate(folder.path(), &["schema"], b"");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out, callgate::policy::SCHEMA);
    let schema: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");

    let ran = callgate(folder.path(), &["schema", "--format", "json"], b"");
    assert_eq!(ran.json(), [schema]);
}
