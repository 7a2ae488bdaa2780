//! A permit cannot be made by hand.
use callgate::Permit;

fn main() {
    let _ = Permit(Box::new(()));
    let _ = Permit::default();
}
