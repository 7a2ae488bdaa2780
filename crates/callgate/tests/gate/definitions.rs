//! Tools whose definition is pinned.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use callgate::{
    Code, Decision, Definition, Digest, Gate, Resource, ResourceDirectory, ResourceName, ToolCall,
};

use crate::support::{Faulty, POLICY, alice, allowed, builder, change, context, gate, refused};

const ACCEPTED: &str = r#"{"name": "change", "description": "Changes an account."}"#;
const SHOWN: &str = r#"{"name": "change", "description": "Changes any account."}"#;

fn digest(definition: &str) -> Digest {
    Definition::parse(definition).unwrap().digest()
}

/// The policy with the definition of `change` pinned.
fn pinned() -> String {
    let line = format!("[tools.change]\ndefinition = \"{}\"", digest(ACCEPTED));
    POLICY.replace("[tools.change]", &line)
}

fn authorize(gate: &Gate, shown: Option<&str>) -> Decision {
    let call = match shown {
        Some(definition) => change().definition(digest(definition)),
        None => change(),
    };
    gate.authorize(&alice(), call, &context())
}

#[track_caller]
fn check_refused(shown: Option<&str>, message: &str) {
    let sink = Faulty::new();
    let gate = builder(&pinned(), sink.clone()).build().unwrap();
    let decision = authorize(&gate, shown);
    refused(&decision, "tool_changed");
    let Decision::Deny(denial) = decision else {
        panic!("expected a denial");
    };
    assert_eq!(denial.message(), message);
    assert_eq!(
        denial.for_model(),
        "Denied by policy: this tool is not as it was when it was accepted. The tool was not run. \
         Do not retry with the same arguments."
    );
    let records = sink.records();
    let [_, record] = &records[..] else {
        panic!("expected two records, got {records:?}");
    };
    assert_eq!(record["code"], "tool_changed");
    assert_eq!(record["message"], message);
    let expected = shown.map(|shown| digest(shown).to_string());
    assert_eq!(record["definition"].as_str(), expected.as_deref());
    // The entry of the tool still says what the log keeps.
    assert!(record.pointer("/arguments/text").is_some(), "{record}");
    sink.verifies();
}

#[test]
fn changed_or_not_named() {
    check_refused(
        Some(SHOWN),
        "the definition of tool `change` is not the one that is pinned",
    );
    check_refused(
        None,
        "the catalogue pins a definition of tool `change`, and the call names none",
    );
}

#[test]
fn as_it_was_accepted() {
    let sink = Faulty::new();
    let gate = builder(&pinned(), sink.clone()).build().unwrap();
    drop(allowed(authorize(&gate, Some(ACCEPTED))));
    let record = &sink.records()[1];
    assert_eq!(record["definition"], digest(ACCEPTED).to_string());
}

#[test]
fn not_pinned_is_recorded_all_the_same() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    drop(allowed(authorize(&gate, Some(SHOWN))));
    assert_eq!(sink.records()[1]["definition"], digest(SHOWN).to_string());
}

#[test]
fn pinned_while_a_permit_is_held() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let (held, gone) = (
        allowed(authorize(&gate, Some(ACCEPTED))),
        allowed(authorize(&gate, Some(SHOWN))),
    );
    let policy = callgate::parse_policy(&pinned(), "desk.toml").unwrap();
    gate.set_policy(policy).unwrap();
    assert!(held.run(|_| Ok::<_, std::fmt::Error>(())).is_ok());
    let refused = gone.run(|_| Ok::<_, std::fmt::Error>(())).unwrap_err();
    assert_eq!(refused.code(), Some(Code::ToolChanged));
}

struct Asked(Arc<AtomicUsize>);

impl ResourceDirectory for Asked {
    fn look_up(&self, _: ResourceName<'_>) -> Option<Resource> {
        self.0.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[test]
fn nothing_is_looked_up_for_a_changed_tool() {
    let sink = Faulty::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let gate = builder(&pinned(), sink.clone())
        .directory(Asked(Arc::clone(&asked)))
        .build()
        .unwrap();
    let call = |definition| {
        let call = ToolCall::from_text("change", r#"{"account": "a2"}"#);
        call.definition(digest(definition))
    };
    refused(
        &gate.authorize(&alice(), call(SHOWN), &context()),
        "tool_changed",
    );
    assert!(gate.resources_of(&call(SHOWN)).is_empty());
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    refused(
        &gate.authorize(&alice(), call(ACCEPTED), &context()),
        "forbidden",
    );
    assert_eq!(gate.resources_of(&call(ACCEPTED)).len(), 1);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

/// An example is about the tool as it was accepted, unless it says otherwise.
#[test]
fn examples() {
    let example = |definition: &str, gets: &str| {
        format!(
            "{}\n[[examples]]\n\
             caller = {{ subject = \"user:alice\", roles = [\"support\"], tenant = \"acme\" }}\n\
             resources = [{{ kind = \"account\", id = \"a1\", tenant = \"acme\" }}]\n\
             call = {{ tool = \"change\", {definition}arguments = {{ account = \"a1\" }} }}\n\
             gets = \"{gets}\"\n",
            pinned()
        )
    };
    let other = format!("definition = \"{}\", ", digest(SHOWN));
    for (definition, gets) in [("", "allow"), (&*other, "deny")] {
        let policy = example(definition, gets);
        let loaded = callgate::parse_policy(&policy, "desk.toml");
        assert!(loaded.is_ok(), "{loaded:?}");
    }
    let wrong = callgate::parse_policy(&example(&other, "allow"), "desk.toml");
    let why = wrong.unwrap_err().to_string();
    assert!(
        why.contains("gets `deny` with code `tool_changed`"),
        "{why}"
    );
}
