//! Approvals of calls to come.

mod attacks;
mod basis;
mod bounds;
mod carrying;
mod failing;
mod giving;
mod support;
mod vectors;
