//! A permit cannot be written down and read back.
use callgate::Permit;

fn serialised<T: serde::Serialize>(_: T) {}
fn deserialised<T: for<'a> serde::Deserialize<'a>>() {}

fn stored(permit: Permit) {
    serialised(permit);
    deserialised::<Permit>();
}

fn main() {}
