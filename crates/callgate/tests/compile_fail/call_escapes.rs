//! An authorized call does not outlive its run.
use callgate::{Authorized, Permit};

fn keep(permit: Permit) {
    let mut kept: Option<Authorized<'_>> = None;
    let _ = permit.run(|call| {
        kept = Some(*call);
        Ok::<_, std::fmt::Error>(())
    });
    let _ = kept;
}

fn main() {}
