//! benches of Callgate.
