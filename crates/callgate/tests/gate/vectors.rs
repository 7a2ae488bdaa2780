//! Every row of docs/spec/decision.md, through the whole gate.

use std::collections::BTreeMap;

use callgate::standing::{Change, MemoryStanding, StandingStore};
use callgate::{
    Arguments, AssertedCaller, Caller, Context, Decision, Facts, Friction, Gate, MemorySink,
    Resource, ToolCall,
};
use chrono::Utc;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    policies: BTreeMap<String, Vec<String>>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    #[serde(default)]
    about: String,
    policy: String,
    caller: Option<AssertedCaller>,
    tool: String,
    definition: Option<String>,
    arguments: Option<Value>,
    arguments_text: Option<String>,
    #[serde(default)]
    context: BTreeMap<String, Value>,
    #[serde(default)]
    resources: Vec<BTreeMap<String, Value>>,
    /// What the store of standing holds; absent is none.
    standing: Option<Vec<Value>>,
    task: Option<String>,
    session: Option<String>,
    #[serde(default)]
    requires_task: bool,
    /// The obligations that the host meets; absent is all.
    handles: Option<Vec<String>>,
    expect: Expect,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expect {
    decision: String,
    code: String,
    rule: Option<String>,
    #[serde(default)]
    tier: Stated<Option<String>>,
    #[serde(default)]
    friction: Stated<Vec<String>>,
    #[serde(default)]
    obligations: Stated<Vec<String>>,
}

/// A vector states it, or leaves it open.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(from = "T")]
enum Stated<T> {
    #[default]
    Open,
    As(T),
}

impl<T> From<T> for Stated<T> {
    fn from(value: T) -> Self {
        Self::As(value)
    }
}

impl<T: PartialEq> Stated<T> {
    fn allows(&self, got: &T) -> bool {
        match self {
            Self::Open => true,
            Self::As(expected) => expected == got,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn context(vector: &Vector) -> Context {
    let mut context = Context::new();
    for (name, value) in &vector.context {
        context = context.fact(name.as_str(), value.clone());
    }
    for entry in &vector.resources {
        let mut facts = Facts::new();
        for (name, value) in entry {
            if !["kind", "id", "tenant"].contains(&name.as_str()) {
                facts.set(name.as_str(), value);
            }
        }
        let mut resource = Resource::new(text(&entry["kind"]), text(&entry["id"]));
        if let Some(tenant) = entry.get("tenant") {
            resource = resource.tenant(text(tenant));
        }
        context = context.resource(resource.with_facts(facts));
    }
    if let Some(task) = &vector.task {
        context = context.task(task.as_str());
    }
    if let Some(session) = &vector.session {
        context = context.session(session.as_str());
    }
    context
}

fn words(friction: &Friction) -> Vec<String> {
    let mut words = Vec::new();
    for (demanded, word) in [
        (friction.confirm, "confirm"),
        (friction.preview, "preview"),
        (!friction.approvals.is_empty(), "approval"),
    ] {
        if demanded {
            words.push(word.to_owned());
        }
    }
    words
}

#[track_caller]
fn check(vector: &Vector, policies: &BTreeMap<String, Vec<String>>) {
    let policy = policies[&vector.policy].join("\n");
    let policy = callgate::parse_policy(&policy, &vector.policy).unwrap();
    let mut gate = Gate::builder()
        .policy(policy)
        .audit(MemorySink::new())
        .limits_in_memory();
    let all = ["log_twice".to_owned()];
    for obligation in vector.handles.as_deref().unwrap_or(&all) {
        gate = gate.handles(obligation);
    }
    if let Some(changes) = &vector.standing {
        let store = MemoryStanding::new(Utc::now);
        for change in changes {
            let change = Change::parse(&change.to_string()).unwrap();
            store.put(&change).unwrap();
        }
        gate = gate.standing(store);
    }
    if vector.requires_task {
        gate = gate.require_task();
    }
    let gate = gate.build().unwrap();

    let call = match (&vector.arguments, &vector.arguments_text) {
        (Some(arguments), None) => ToolCall::from_value(vector.tool.as_str(), arguments),
        (None, Some(text)) => ToolCall::from_text(vector.tool.as_str(), text.clone()),
        (None, None) => ToolCall::new(vector.tool.as_str(), Arguments::default()),
        (Some(_), Some(_)) => panic!("arguments or text, not both"),
    };
    let call = match &vector.definition {
        Some(definition) => call.definition(definition.parse().unwrap()),
        None => call,
    };
    let caller = match vector.caller.clone() {
        Some(asserted) => asserted.resolve().unwrap_or_else(Caller::refused),
        None => Caller::unknown(),
    };
    let decision = gate.authorize(&caller, call, &context(vector));
    let (rule, tier, friction, obligations) = match &decision {
        Decision::Allow(permit) => {
            let obligations = permit.obligations().iter().map(ToString::to_string);
            (
                permit.rule(),
                Some(permit.tier()),
                vec![],
                obligations.collect(),
            )
        }
        Decision::Ask(pending) => (
            pending.rule(),
            pending.tier(),
            words(pending.friction()),
            vec![],
        ),
        Decision::Deny(denial) => (denial.rule(), denial.tier(), vec![], vec![]),
    };
    let about = format!("{} ({})", vector.id, vector.about);
    let expect = &vector.expect;
    assert_eq!(
        decision.kind().as_str(),
        expect.decision,
        "{about} {decision:?}"
    );
    assert_eq!(decision.code().as_str(), expect.code, "{about}");
    assert_eq!(rule.map(str::to_owned), expect.rule, "{about}");
    let tier = tier.map(|tier| tier.to_string());
    assert!(expect.tier.allows(&tier), "{about}: tier {tier:?}");
    assert!(expect.friction.allows(&friction), "{about}: {friction:?}");
    assert!(
        expect.obligations.allows(&obligations),
        "{about}: {obligations:?}"
    );
}

#[test]
fn rows() {
    let file = include_str!("../../../../docs/spec/vectors/decision.json");
    let file: File = serde_json::from_str(file).unwrap();
    assert!(file.vectors.len() > 100);
    for vector in &file.vectors {
        check(vector, &file.policies);
    }
}

/// The table of the page and the vectors are the same rows.
#[test]
fn page_and_vectors_agree() {
    let page = include_str!("../../../../docs/spec/decision.md");
    let file = include_str!("../../../../docs/spec/vectors/decision.json");
    let file: File = serde_json::from_str(file).unwrap();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| T"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let table: Vec<&Vector> = file
        .vectors
        .iter()
        .filter(|v| v.id.starts_with('T'))
        .collect();
    assert_eq!(rows.len(), table.len());
    for (row, vector) in rows.iter().zip(table) {
        let given = |name: &str| vector.context[name] == Value::Bool(true);
        let yes = |name| if given(name) { "yes" } else { "no" };
        let permit = if given("accepts") {
            "accepts the tier"
        } else {
            yes("permit")
        };
        let tier = if given("tier") { "demanded" } else { "none" };
        let code = format!("`{}`", vector.expect.code);
        let friction = match &vector.expect.friction {
            Stated::As(words) if !words.is_empty() => words.join(", "),
            _ => "–".to_owned(),
        };
        let expected = [
            vector.id.as_str(),
            permit,
            yes("forbid"),
            yes("ask"),
            tier,
            vector.expect.decision.as_str(),
            code.as_str(),
            friction.as_str(),
        ];
        assert_eq!(row.as_slice(), expected, "{}", vector.id);
    }
}

/// The rows about chains, and about who is in good standing: the page and the vectors name the same
/// code.
#[test]
fn chains_on_page_and_vectors_agree() {
    codes_agree("D", 20);
    codes_agree("G", 21);
}

#[track_caller]
fn codes_agree(letter: &str, count: usize) {
    let page = include_str!("../../../../docs/spec/decision.md");
    let file = include_str!("../../../../docs/spec/vectors/decision.json");
    let file: File = serde_json::from_str(file).unwrap();
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let id = cells.next().filter(|id| id.starts_with(letter))?.to_owned();
        let is_row = id.len() == 3 && id.ends_with(|digit: char| digit.is_ascii_digit());
        is_row.then_some(())?;
        let code = cells.last()?.trim_matches([' ', '|', '`']).to_owned();
        Some((id, code))
    });
    let vectors = file.vectors.iter().filter(|v| v.id.starts_with(letter));
    let vectors = vectors.map(|vector| {
        let code = match vector.expect.code.as_str() {
            "permitted" => "allow",
            code => code,
        };
        (vector.id.clone(), code.to_owned())
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() >= count);
    assert_eq!(rows, vectors.collect::<Vec<_>>());
}
