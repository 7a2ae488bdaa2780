//! An authorized call cannot be made by hand.
use callgate::{Arguments, Authorized, Caller, Context, ToolCall};

fn main() {
    let call = ToolCall::new("t", Arguments::default());
    let (arguments, caller, context) = (Arguments::default(), Caller::unknown(), Context::new());
    let _ = Authorized {
        call: &call,
        arguments: &arguments,
        caller: &caller,
        context: &context,
        obligations: &[],
    };
}
