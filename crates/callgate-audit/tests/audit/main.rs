//! The log as a whole: sinks that fail, crashes, many threads, and the verifier.

mod allocations;
mod crash;
mod doubt;
mod file_sink;
mod journal;
mod records;
mod rig;
mod slow;
mod tamper;
mod vectors;
