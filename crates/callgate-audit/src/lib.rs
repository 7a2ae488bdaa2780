//! What happened: an append-only, hash-chained audit log behind a small trait.
