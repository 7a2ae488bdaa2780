//! A principal cannot be read from a request.
use callgate::Principal;

fn main() {
    let _: Principal = serde_json::from_str(r#"{"kind":"user","id":"alice"}"#).unwrap();
}
