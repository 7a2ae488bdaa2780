//! Tests of the import.

mod entries;
mod hostile;
mod instances;
mod validator;
