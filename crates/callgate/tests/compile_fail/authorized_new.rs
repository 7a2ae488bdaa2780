//! An authorized call is made by the gate alone.
use callgate::{Arguments, Authorized, Caller, Context, ToolCall};

fn main() {
    let call = ToolCall::new("t", Arguments::default());
    let (arguments, caller, context) = (Arguments::default(), Caller::unknown(), Context::new());
    let _ = Authorized::new(&call, &arguments, &caller, &context, &[]);
}
