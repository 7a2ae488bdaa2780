//! Reading arguments never panics, and what is accepted means one thing only.

#![no_main]

use std::sync::LazyLock;

use callgate_types::{Arguments, Json, JsonRef};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes) {
        check(text);
    }
    if let Some(text) = changed(bytes) {
        check(&text);
    }
});

/// Takes the bytes for a change to a known text: which one, from where, how much is replaced, and
/// by what. So even a run that no coverage guides goes deep.
fn changed(bytes: &[u8]) -> Option<String> {
    static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let vectors = include_str!("../../docs/spec/vectors/arguments.json");
        let vectors: Value = serde_json::from_str(vectors).expect("the vectors are JSON");
        let lists = vectors
            .as_object()
            .into_iter()
            .flat_map(|lists| lists.values());
        let entries = lists.filter_map(Value::as_array).flatten();
        let texts = entries.filter_map(|entry| entry.get("text")?.as_str());
        texts.map(str::to_owned).collect()
    });
    let (&[which, from, much], put) = bytes.split_first_chunk()?;
    let known = TEXTS.get(usize::from(which) % TEXTS.len())?.as_bytes();
    let from = usize::from(from) % (known.len() + 1);
    let behind = (from + usize::from(much % 4)).min(known.len());
    String::from_utf8([&known[..from], put, &known[behind..]].concat()).ok()
}

fn check(text: &str) {
    match Json::parse(text) {
        Ok(json) => accepted(&json),
        Err(refused) => {
            assert!(refused.error().position() <= text.len());
            assert_eq!(refused.text(), text);
            let pointer = refused.pointer();
            assert!(pointer.is_none_or(|pointer| pointer.starts_with('/')));
        }
    }
    assert!(Arguments::parse(text).is_err() || text.trim_ascii().starts_with('{'));
}

fn accepted(json: &Json) {
    assert!(serde_json::from_str::<IgnoredAny>(json.text()).is_ok());
    visit(json.root());

    let digest = json.digest();
    let mut embedded = Vec::new();
    json.root().write_minified(&mut embedded);
    let embedded = String::from_utf8(embedded).expect("the embedded form is text");
    let again = Json::parse(embedded).expect("the embedded form is accepted");
    assert!(again.root().equals(json.root()));
    assert_eq!(again.digest(), digest);

    // The canonical form has no bound on its size and its exponents.
    let canonical = json.canonical();
    match Json::parse(canonical.as_str()) {
        Ok(again) => {
            assert_eq!(again.digest(), digest);
            assert_eq!(again.canonical(), canonical);
        }
        Err(refused) => {
            let word = refused.error().as_str();
            assert!(matches!(word, "too_large" | "exponent_out_of_range"));
        }
    }

    if let Ok(value) = json.to_value() {
        let again = Json::from_value(&value).expect("a value that was one is accepted");
        assert_eq!(again.digest(), digest);
    }
}

fn visit(value: JsonRef<'_>) {
    assert!(value.equals(value));
    if let Some(number) = value.as_number() {
        assert!(number.cmp(&number).is_eq());
        assert!(number.has_scale(2_000_000) || number.as_str().len() > 1_000_000);
        assert!(number.as_i64().is_none() || number.is_integer());
    }
    assert_eq!(value.items().count() + value.members().count(), value.len());
    for (key, member) in value.members() {
        assert_eq!(value.get(key).map(JsonRef::index), Some(member.index()));
        visit(member);
    }
    for item in value.items() {
        visit(item);
    }
}
