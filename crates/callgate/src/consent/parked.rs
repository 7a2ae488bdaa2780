//! A call that waits for an answer, in writing.

use callgate_approval::ApprovalId;
use callgate_types::{Digest, ToolCall};
use serde::{Deserialize, Serialize};

/// A call that waits for an answer, as a host keeps it: in a queue, a file, the state of an agent.
///
/// It carries no authority. The store of approvals is the truth about what was asked: a copy that was
/// edited is of another call, and one that was made up leads nowhere.
///
/// # Examples
///
/// ```
/// # use callgate::Parked;
/// let text = r#"{"approval":"000102030405060708090a0b0c0d0e0f","tool":"refund","arguments":"{}"}"#;
/// let parked: Parked = serde_json::from_str(text)?;
/// assert_eq!(parked.call().tool(), "refund");
/// assert_eq!(serde_json::to_string(&parked)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parked {
    approval: ApprovalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<Box<str>>,
    tool: Box<str>,
    arguments: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    definition: Option<Box<str>>,
}

impl Parked {
    pub(crate) fn new(approval: ApprovalId, call: &ToolCall) -> Self {
        let definition = call.definition_digest().map(Digest::to_string);
        Self {
            approval,
            id: call.call_id().map(Into::into),
            tool: call.tool().into(),
            arguments: call
                .arguments()
                .map_or("", |arguments| arguments.text())
                .into(),
            definition: definition.map(Into::into),
        }
    }

    /// The approval that was asked for.
    pub const fn approval(&self) -> ApprovalId {
        self.approval
    }

    /// The call, to be resumed.
    pub fn call(&self) -> ToolCall {
        let mut call = ToolCall::from_text(&*self.tool, &*self.arguments);
        if let Some(id) = &self.id {
            call = call.id(id.clone());
        }
        // One that cannot be read is none, which is another call than the one that was asked about.
        match self.definition.as_ref().and_then(|text| text.parse().ok()) {
            Some(definition) => call.definition(definition),
            None => call,
        }
    }
}
