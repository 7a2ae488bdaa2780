//! examples of Callgate.
