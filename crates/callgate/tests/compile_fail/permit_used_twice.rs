//! A permit cannot be used twice.
use callgate::Permit;

fn twice(permit: Permit) {
    let _ = permit.run(|_| Ok::<_, std::fmt::Error>(()));
    let _ = permit.run(|_| Ok::<_, std::fmt::Error>(()));
}

fn main() {}
