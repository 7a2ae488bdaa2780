//! An authorization gate that a host calls before any tool of an AI agent is run.
