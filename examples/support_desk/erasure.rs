//! A customer asks that what the desk has read about her be forgotten.
//!
//! The log cannot be changed, and need not be: of what tools gave back it holds commitments. The texts
//! are in the store beside it, and are erased there. The log says who wanted that, and why.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use callgate::audit::read::{LogReader, ReadItem};
use callgate::audit::texts::{Erasure, ErasureScope, FileTexts, TextStore as _};
use callgate::{Digest, Gate, Principal};

use super::state::Customer;

/// Erases all texts in `texts` that name `customer`, an account of hers, or her mailbox.
pub fn forget(
    gate: &Gate,
    audit: &Path,
    texts: &Path,
    customer: &Customer,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let about = texts_about(audit, &FileTexts::open_to_read(texts)?, customer)?;
    let officer = Principal::asserted("user:privacy-officer".parse()?);
    let erasure = Erasure::new(ErasureScope::Commitments(&about), &officer);
    let erased = gate.erase(&erasure.reason("the customer asked for it"))?;
    writeln!(
        out,
        "{} asks to be forgotten: {} texts erased; what the log keeps of them says nothing any more",
        customer.name, erased.texts,
    )?;
    Ok(())
}

/// What the log keeps of them.
fn texts_about(
    audit: &Path,
    store: &FileTexts,
    customer: &Customer,
) -> Result<Vec<Digest>, Box<dyn Error>> {
    let (id, email) = (&customer.id, &customer.email);
    let names = || customer.accounts.iter().chain([id, email]);
    let mut about = Vec::new();
    let mut log = LogReader::folder(audit);
    while let Some(item) = log.next_item()? {
        let ReadItem::Record(record) = item else {
            continue;
        };
        for text in record.committed() {
            let stored = store.find(text.commitment)?;
            if stored.is_some_and(|stored| names().any(|name| stored.text().contains(name))) {
                about.push(text.commitment);
            }
        }
    }
    Ok(about)
}
