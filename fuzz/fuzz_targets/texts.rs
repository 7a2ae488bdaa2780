//! A store of clear texts in a file of any bytes: nothing panics, what matches is what was
//! committed to, and what is erased is gone. The bytes that other stores keep of a text: any are read
//! as they are, or as none.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::process;
use std::sync::LazyLock;
use std::time::Duration;

use callgate_audit::Durability;
use callgate_audit::texts::{ClearText, FileTexts, Salt, StoredText, TextStore};
use libfuzzer_sys::fuzz_target;

/// A folder of this process alone.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("callgate-fuzz-texts-{}", process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
});

fuzz_target!(|bytes: &[u8]| {
    let read = StoredText::read(bytes);
    let same = bytes.get(32..) == Some(read.text().as_bytes());
    assert!(same || read == StoredText::foreign());

    let text = ClearText::new(Salt::from_bytes([7; 32]), "\"call back\"").expect("a text");
    let whole = format!(
        "{{\"commitment\":\"{}\",\"salt\":\"{}\",\"text\":\"call back\"}}\n",
        text.commitment(),
        "07".repeat(32)
    );
    // The bytes before, behind, and in the place of a part of a line that is good.
    let cut = bytes
        .first()
        .map_or(0, |byte| usize::from(*byte) % whole.len());
    let changed = [&whole.as_bytes()[..cut], bytes, &whole.as_bytes()[cut..]].concat();
    for content in [bytes, &[whole.as_bytes(), bytes].concat(), &changed] {
        check(content);
    }
});

fn check(content: &[u8]) {
    let file = FOLDER.join("00000000000000000000.texts");
    fs::write(&file, content).expect("a file");
    let store = FileTexts::open(&*FOLDER).expect("a store");
    let all = store.list(None, 1 << 20).expect("a list");
    for commitment in &all {
        let found = store.find(*commitment).expect("an answer");
        let _matches = found.expect("what is listed is there").matches(*commitment);
    }
    let note = ClearText::new(Salt::from_bytes([8; 32]), "\"note\"").expect("a text");
    let soon = Duration::from_secs(5);
    store
        .put(&[note], Durability::Accepted, soon)
        .expect("room");
    let found = store.find(note.commitment()).expect("an answer");
    assert!(found.expect("it was put").matches(note.commitment()));
    for few in all.chunks(256) {
        store.erase(few).expect("an erasure");
    }
    for commitment in all {
        assert!(
            commitment == note.commitment() || store.find(commitment).expect("an answer").is_none()
        );
    }
}
