//! Reading a change never panics; what is read is written as a text that reads as the same, and can be
//! applied.

#![no_main]

use callgate_identity::standing::{Change, Entry, Position, Standing};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(change) = Change::parse(text) else {
        return;
    };
    let written = change.encode();
    assert_eq!(Change::parse(&written).as_ref(), Ok(&change));
    assert_eq!(
        Change::parse(&written).map(|again| again.encode()),
        Ok(written)
    );
    let position = Position::START.next();
    let entry = Entry::read(position, 0, text).expect("it was read before");
    let mut standing = Standing::new();
    standing.apply(&entry).expect("it is the first");
    standing.restrict(&change);
    assert_eq!(standing.position(), position);
});
