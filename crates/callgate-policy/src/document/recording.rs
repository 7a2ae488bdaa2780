//! What the log keeps of the calls of a tool.

use super::Pointer;

/// What the log keeps of the calls of a tool, as far as its author says.
///
/// What is not stated is for the host: a commitment where it has a store for clear texts, else a
/// digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recording {
    /// What is kept of the arguments.
    pub arguments: Option<Keeping>,
    /// What is kept of what the tool gave back.
    pub result: Option<Keeping>,
    /// What is kept of the fragment of the prompt that the host named.
    pub prompt: Option<Keeping>,
    /// Declared arguments that are kept in another way than the others, ordered by the bytes of
    /// the pointer. None lies inside another.
    pub apart: Vec<(Pointer, Keeping)>,
}

impl Recording {
    /// Whether the author asks for a commitment, so that the host needs a store for clear texts.
    pub fn needs_store(&self) -> bool {
        let apart = self.apart.iter().map(|(_, keeping)| Some(*keeping));
        let mut all = [self.arguments, self.result, self.prompt]
            .into_iter()
            .chain(apart);
        all.any(|keeping| keeping == Some(Keeping::Commitment))
    }
}

/// What the log keeps of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Keeping {
    /// The text itself, for as long as there is a log.
    Text,
    /// A salted hash; the text goes to a store beside the log, and can be erased there.
    Commitment,
    /// A hash. Where few texts are possible, it tells which one it was.
    Digest,
}

impl Keeping {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Text, Self::Commitment, Self::Digest];

    /// The word for it in policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Commitment => "commitment",
            Self::Digest => "digest",
        }
    }
}
