//! Inputs of single matchers: those of the intents among the tests of `callgate-policy`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use callgate::policy::Policy;
use callgate::policy::document::path::PathSpec;
use callgate::policy::document::shell::Shell;
use callgate::policy::document::sql::SqlSpec;
use callgate::policy::document::url::UrlSpec;
use callgate::policy::document::{Document, Matcher};
use serde_json::Value;

/// One input, and what a policy says of it.
#[derive(Clone, Debug)]
pub struct Case<S> {
    /// The matcher of the intent.
    pub spec: Rc<S>,
    /// The input, allowed or not.
    pub text: String,
}

/// The inputs of one matcher: allowed and denied ones, short and long, as they stand there. An
/// intent is left out whose policy has no such matcher at the argument itself.
#[derive(Debug)]
pub struct Matching;

impl Matching {
    /// URLs.
    ///
    /// # Errors
    ///
    /// Fails where the test data cannot be read.
    pub fn urls() -> Result<Vec<Case<UrlSpec>>, Box<dyn Error>> {
        cases(&["url"], |matcher| match matcher {
            Matcher::Url(spec) => Some((**spec).clone()),
            _ => None,
        })
    }

    /// Paths. Those that come with links are left out: the floor follows none.
    ///
    /// # Errors
    ///
    /// Fails where the test data cannot be read.
    pub fn paths() -> Result<Vec<Case<PathSpec>>, Box<dyn Error>> {
        cases(&["path"], |matcher| match matcher {
            Matcher::Path(spec) => Some((**spec).clone()),
            _ => None,
        })
    }

    /// Command lines.
    ///
    /// # Errors
    ///
    /// Fails where the test data cannot be read.
    pub fn command_lines() -> Result<Vec<Case<Shell>>, Box<dyn Error>> {
        cases(&["shell", "shell-more"], |matcher| match matcher {
            Matcher::Shell(shell) => Some((**shell).clone()),
            _ => None,
        })
    }

    /// Texts of SQL, in three dialects.
    ///
    /// # Errors
    ///
    /// Fails where the test data cannot be read.
    pub fn statements() -> Result<Vec<Case<SqlSpec>>, Box<dyn Error>> {
        cases(&["sql"], |matcher| match matcher {
            Matcher::Sql(spec) => Some((**spec).clone()),
            _ => None,
        })
    }
}

fn cases<S>(
    files: &[&str],
    find: impl Fn(&Matcher) -> Option<S>,
) -> Result<Vec<Case<S>>, Box<dyn Error>> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/callgate-policy/tests/intents"
    );
    let mut specs: BTreeMap<String, Vec<Rc<S>>> = BTreeMap::new();
    let mut cases = Vec::new();
    for file in files {
        let path = Path::new(folder).join(format!("cases/{file}.jsonl"));
        for line in fs::read_to_string(path)?.lines() {
            let case: Value = serde_json::from_str(line)?;
            if case.get("context").is_some() {
                continue;
            }
            let text = |key| case.get(key).and_then(Value::as_str);
            let intent = text("intent").ok_or("a case without intent")?;
            let tool = match (text("domain"), text("dialect")) {
                (Some("sql"), Some(dialect)) => format!("check_{dialect}"),
                _ => "check".to_owned(),
            };
            let key = format!("{intent} {tool}");
            if !specs.contains_key(&key) {
                let text = fs::read_to_string(Path::new(folder).join(format!("{intent}.toml")))?;
                let policy = Policy::parse(&text, intent)?;
                let found = of_tool(policy.document(), &tool).iter().filter_map(&find);
                specs.insert(key.clone(), found.map(Rc::new).collect());
            }
            let input = text("input").ok_or("a case without input")?;
            cases.extend(specs.get(&key).into_iter().flatten().map(|spec| Case {
                spec: Rc::clone(spec),
                text: input.to_owned(),
            }));
        }
    }
    Ok(cases)
}

/// The matchers of the only argument of `tool`.
fn of_tool<'d>(document: &'d Document, tool: &str) -> &'d [Matcher] {
    let tool = document.tools.get(tool);
    match tool.map(|tool| &*tool.arguments) {
        Some([one]) => match &one.matcher {
            Matcher::All(all) => all,
            lone => std::slice::from_ref(lone),
        },
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate::policy::document::path::LinkFact;

    /// There are so many at least, of which a quarter at least is admitted, and refused.
    #[track_caller]
    fn check<S>(least: usize, cases: &[Case<S>], admits: impl Fn(&S, &str) -> Option<bool>) {
        let admitted = cases
            .iter()
            .filter(|case| admits(&case.spec, &case.text) == Some(true));
        let (admitted, quarter) = (admitted.count(), cases.len() / 4);
        assert!((quarter..=quarter.saturating_mul(3)).contains(&admitted));
        assert!(cases.len() >= least, "{} inputs", cases.len());
    }

    #[test]
    fn some_are_allowed_and_some_denied() {
        check(98, &Matching::urls().unwrap(), UrlSpec::admits);
        let paths = Matching::paths().unwrap();
        check(92, &paths, |spec, text| spec.admits(text, LinkFact::None));
        check(587, &Matching::command_lines().unwrap(), Shell::test);
        let statements = Matching::statements().unwrap();
        check(156, &statements, |spec, text| spec.test(text, &[]));
    }
}
