//! What a tool server says of one tool.

use crate::{Digest, Json, JsonError, JsonRef, RefusedJson};

/// Members that do not count: what protocols pass along, and pictures for people.
const LEFT_OUT: [&str; 2] = ["_meta", "icons"];

/// What stands before the canonical form when it is hashed.
const DOMAIN: &str = "callgate:definition:v1\n";

/// The definition of a tool: one object of an MCP `tools/list`, as the server shows it.
///
/// A server can change what a tool says of itself, after somebody read and accepted it. The
/// catalogue of a policy therefore pins the digest, and a call carries the digest of what the
/// server shows now: see [`ToolCall::definition`](crate::ToolCall::definition). Which bytes are
/// hashed is specified in `docs/spec/definitions.md`.
///
/// # Examples
///
/// ```
/// use callgate_types::Definition;
///
/// let one = Definition::parse(r#"{"name": "look", "description": "Looks."}"#)?;
/// let same = Definition::parse(r#"{"description":"Looks.","name":"look","_meta":{"n":1}}"#)?;
/// assert_eq!(one.digest(), same.digest());
///
/// let other = Definition::parse(r#"{"name": "look", "description": "Looks, and more."}"#)?;
/// assert_ne!(one.digest(), other.digest());
/// # Ok::<_, callgate_types::RefusedJson>(())
/// ```
#[derive(Clone, Debug)]
pub struct Definition(Json);

impl Definition {
    /// Reads the text of one tool's object.
    ///
    /// # Errors
    ///
    /// Gives the text back where it is not acceptable JSON, by the rules for arguments, or not an
    /// object.
    pub fn parse(text: impl Into<String>) -> Result<Self, RefusedJson> {
        Json::parse_object(text).map(Self)
    }

    /// Takes a definition that the host's MCP library has parsed; see [`Json::from_value`].
    ///
    /// A library that drops or adds members shows another definition than the server sent: take
    /// the one that is pinned and the one of the call from the same place.
    ///
    /// # Errors
    ///
    /// As [`Json::from_value`]; and refuses what is not an object.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, JsonError> {
        Json::object_from_value(value)
            .map(Self)
            .map_err(RefusedJson::into_error)
    }

    /// The object.
    pub fn root(&self) -> JsonRef<'_> {
        self.0.root()
    }

    /// The digest of all that counts; it is the same however the object is spelled.
    pub fn digest(&self) -> Digest {
        self.0.root().digest_without(&LEFT_OUT, DOMAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Vector {
        about: String,
        text: String,
        hashed: String,
        digest: String,
    }

    #[test]
    fn vectors() {
        let file = include_str!("../../../docs/spec/vectors/definitions.json");
        let vectors: Vec<Vector> = serde_json::from_str(file).unwrap();
        assert!(vectors.len() >= 5);
        for vector in vectors {
            let definition = Definition::parse(vector.text).unwrap();
            let digest = definition.digest();
            assert_eq!(digest.to_string(), vector.digest, "{}", vector.about);
            let hashed = Digest::of(vector.hashed.as_bytes());
            assert_eq!(digest, hashed, "{}", vector.about);
            if let Ok(value) = definition.0.to_value() {
                let again = Definition::from_value(&value).unwrap();
                assert_eq!(again.digest(), digest, "{}", vector.about);
            }
        }
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        assert_eq!(Definition::parse(text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn refused() {
        check_refused("[]", "expected an object at byte 0, found array");
        check_refused(r#"{"name":"a","name":"b"}"#, "repeated key at byte 12");
        let error = Definition::from_value(&serde_json::json!("look")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected an object at byte 0, found text"
        );
    }
}
