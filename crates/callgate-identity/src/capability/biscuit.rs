//! What the crate `biscuit-auth` does for us: signatures, and the container around them.
//!
//! Its language is not used. What a token says is read by this crate's own reader, and what it
//! evaluates is nothing.

use std::collections::BTreeSet;

use biscuit_auth::builder::{
    BiscuitBuilder, BlockBuilder, Check, CheckKind, Fact, Predicate, Rule, Term as Theirs,
};
use biscuit_auth::datalog::SymbolTable;
use biscuit_auth::format::SerializedBiscuit;
use biscuit_auth::{KeyPair, UnverifiedBiscuit};

use super::block::{Content, Statement, Term};
use super::envelope::Envelope;
use super::key::{PublicKey, SecretKey};

/// A new token of one block; `None` where it cannot be signed.
pub(super) fn issue(
    content: &Content<'_>,
    root_id: u32,
    root: &SecretKey,
    next: &SecretKey,
) -> Option<Vec<u8>> {
    let builder = BiscuitBuilder::new().merge(block(content));
    let builder = builder.root_key_id(root_id);
    let (root, next) = (root.pair()?, next.pair()?);
    let token = builder.build_with_key_pair(&root, SymbolTable::new(), &next);
    token.ok()?.to_vec().ok()
}

/// The token `bytes` with one block more; `None` where it cannot be signed.
pub(super) fn append(bytes: &[u8], content: &Content<'_>, next: &SecretKey) -> Option<Vec<u8>> {
    let token = UnverifiedBiscuit::from(bytes).ok()?;
    let next: KeyPair = next.pair()?;
    let token = token.append_with_keypair(&next, block(content)).ok()?;
    token.to_vec().ok()
}

/// Whether every signature in `bytes` is as it should be, and what is signed is what `envelope`
/// was read as.
pub(super) fn is_signed(bytes: &[u8], envelope: &Envelope<'_>, root: PublicKey) -> bool {
    let Some(root) = root.theirs() else {
        return false;
    };
    let Ok(container) = SerializedBiscuit::from_slice(bytes, root) else {
        return false;
    };
    // Two readers have seen these bytes: ours and theirs.
    let signed = container.to_proto();
    let theirs = std::iter::once(&signed.authority).chain(&signed.blocks);
    let same = theirs.clone().zip(&envelope.blocks).all(|(theirs, ours)| {
        theirs.block == ours.content
            && theirs.next_key.key == ours.next
            && theirs.signature == ours.id.as_bytes()
            && theirs.external_signature.is_none()
    });
    same && theirs.count() == envelope.blocks.len()
}

fn block(content: &Content<'_>) -> BlockBuilder {
    let mut block = BlockBuilder::new();
    block.facts = content.facts.iter().map(fact).collect();
    block.checks = content.checks.iter().map(check).collect();
    block
}

fn fact(statement: &Statement<'_>) -> Fact {
    let Predicate { name, terms } = predicate(statement);
    Fact::new(name, terms)
}

fn check(statement: &Statement<'_>) -> Check {
    let head = Predicate::new("query".to_owned(), []);
    let query = Rule::new(head, vec![predicate(statement)], Vec::new(), Vec::new());
    Check {
        queries: vec![query],
        kind: CheckKind::One,
    }
}

fn predicate(statement: &Statement<'_>) -> Predicate {
    let terms: Vec<Theirs> = statement.terms.iter().map(term).collect();
    Predicate::new(statement.name.to_owned(), terms)
}

fn term(term: &Term<'_>) -> Theirs {
    match term {
        Term::Integer(number) => Theirs::Integer(*number),
        Term::Text(text) => Theirs::Str(text.to_string()),
        Term::Date(seconds) => Theirs::Date(*seconds),
        Term::Bytes(bytes) => Theirs::Bytes(bytes.to_vec()),
        Term::Boolean(value) => Theirs::Bool(*value),
        Term::Texts(texts) => {
            let texts = texts.iter().map(|text| Theirs::Str(text.to_string()));
            Theirs::Set(texts.collect())
        }
        Term::Others => Theirs::Set(BTreeSet::new()),
    }
}
