//! What must not compile, each beside the nearest thing that does: were one of these refused for
//! another reason, its neighbour would be refused too.

/// A permit cannot be made by hand.
///
/// ```
/// fn kept(permit: callgate::Permit) -> Option<callgate::Permit> {
///     Option::Some(permit)
/// }
/// ```
/// ```compile_fail
/// fn made(inside: Box<()>) -> Option<callgate::Permit> {
///     Option::Some(callgate::Permit(inside))
/// }
/// ```
/// ```compile_fail
/// fn made() -> Option<callgate::Permit> {
///     Option::Some(Default::default())
/// }
/// ```
struct PermitMade;

/// A permit cannot be cloned.
///
/// ```
/// fn cloned(denial: &callgate::ToolCall) -> callgate::ToolCall {
///     callgate::ToolCall::clone(denial)
/// }
/// ```
/// ```compile_fail
/// fn cloned(permit: &callgate::Permit) -> callgate::Permit {
///     callgate::Permit::clone(permit)
/// }
/// ```
struct PermitCloned;

/// A permit is used once.
///
/// ```
/// fn used(permit: callgate::Permit) {
///     permit.begin().ok();
/// }
/// ```
/// ```compile_fail
/// fn used(permit: callgate::Permit) {
///     permit.begin().ok();
///     permit.begin().ok();
/// }
/// ```
/// ```
/// fn used(permit: callgate::Permit) {
///     permit.run(|_| Ok::<_, std::fmt::Error>(())).ok();
/// }
/// ```
/// ```compile_fail
/// fn used(permit: callgate::Permit) {
///     permit.run(|_| Ok::<_, std::fmt::Error>(())).ok();
///     permit.run(|_| Ok::<_, std::fmt::Error>(())).ok();
/// }
/// ```
struct PermitUsedTwice;

/// A permit and a call that runs cannot be written down and read back.
///
/// ```
/// fn written(caller: callgate::AssertedCaller) -> impl for<'a> serde::Deserialize<'a> {
///     caller
/// }
/// fn text() -> impl serde::Serialize {
///     "text"
/// }
/// ```
/// ```compile_fail
/// fn written(permit: callgate::Permit) -> impl for<'a> serde::Deserialize<'a> {
///     permit
/// }
/// ```
/// ```compile_fail
/// fn written(permit: callgate::Permit) -> impl serde::Serialize {
///     permit
/// }
/// ```
/// ```compile_fail
/// fn written(running: callgate::Running) -> impl serde::Serialize {
///     running
/// }
/// ```
struct PermitWritten;

/// A principal and a caller cannot be read from a request.
///
/// ```
/// fn read(text: &str) -> Option<callgate::AssertedCaller> {
///     serde_json::from_str(text).ok()
/// }
/// ```
/// ```compile_fail
/// fn read(text: &str) -> Option<callgate::Caller> {
///     serde_json::from_str(text).ok()
/// }
/// ```
/// ```compile_fail
/// fn read(text: &str) -> Option<callgate::Principal> {
///     serde_json::from_str(text).ok()
/// }
/// ```
struct PrincipalRead;

/// An authorized call cannot be made by hand, and does not outlive its run.
///
/// ```
/// fn seen<'a>(call: &callgate::Authorized<'a>) -> &'a str {
///     call.tool()
/// }
/// ```
/// ```compile_fail
/// fn made<'a>(
///     call: &'a callgate::ToolCall,
///     arguments: &'a callgate::Arguments,
///     caller: &'a callgate::Caller,
///     context: &'a callgate::Context,
/// ) -> callgate::Authorized<'a> {
///     callgate::Authorized::new(call, arguments, caller, context, &[], None, todo!())
/// }
/// ```
/// ```compile_fail
/// fn made<'a>(
///     call: &'a callgate::ToolCall,
///     arguments: &'a callgate::Arguments,
///     caller: &'a callgate::Caller,
///     context: &'a callgate::Context,
/// ) -> callgate::Authorized<'a> {
///     callgate::Authorized {
///         call,
///         arguments,
///         caller,
///         context,
///         obligations: &[],
///         credential: None,
///         effects: todo!(),
///     }
/// }
/// ```
/// ```
/// fn kept(permit: callgate::Permit) {
///     let mut kept = None;
///     permit.run(|call| {
///         kept = Some(call.tool().to_owned());
///         Ok::<_, std::fmt::Error>(())
///     }).ok();
/// }
/// ```
/// ```compile_fail
/// fn kept(permit: callgate::Permit) {
///     let mut kept = None;
///     permit.run(|call| {
///         kept = Some(*call);
///         Ok::<_, std::fmt::Error>(())
///     }).ok();
/// }
/// ```
struct AuthorizedMade;
