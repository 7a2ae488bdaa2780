//! Places of values.

/// Where a value of a call stands: `root/pointer` in a policy.
///
/// The root is that of the constructor, whatever the name: a name of a fact never leads elsewhere.
#[derive(Clone, Debug)]
pub struct Place(String);

impl Place {
    /// An argument, by a pointer such as `/amount`, with its first slash or without.
    pub fn argument(pointer: &str) -> Self {
        let slash = if pointer.starts_with('/') { "" } else { "/" };
        Self(format!("arguments{slash}{pointer}"))
    }

    /// Of the caller: `tenant`, `subject`, `kind`, `id`, `actor`, `verified/method`,
    /// `verified/issuer`, `verified/age`.
    pub fn caller(name: &str) -> Self {
        Self(format!("caller/{name}"))
    }

    /// Of the context: `environment`, `session`, `task`, or a fact of the host, with a pointer
    /// behind it where it leads into one.
    pub fn context(name: &str) -> Self {
        Self(format!("context/{name}"))
    }

    /// Of the resource: `kind`, `id`, `tenant`, or a fact of the host about it.
    pub fn resource(name: &str) -> Self {
        Self(format!("resource/{name}"))
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}
