//! What matchers oblige the host to do.

use callgate_policy::Policy;

#[track_caller]
fn check(arguments: &str, when: &str, tool: &[&str], rule: &[&str]) {
    let text = format!(
        "format = 1\nname = 'o'\n[tools.act]\naccess = 'read'\nobligations = ['redact']\n\
         [tools.act.arguments]\n'/t' = {arguments}\n\
         [[rules]]\nid = 'p'\neffect = 'permit'\nwhen = {{ 'arguments/t' = {when} }}\n"
    );
    let policy = Policy::parse(&text, "obligations.toml").unwrap();
    let found = policy.tool("act").unwrap().obligations();
    assert_eq!(found.iter().map(|name| &**name).collect::<Vec<_>>(), tool, "{arguments}");
    let found = &policy.document().rules.first().unwrap().obligations;
    assert_eq!(found.iter().map(|name| &**name).collect::<Vec<_>>(), rule, "{when}");
}

#[test]
fn paths_that_depend_on_links() {
    let linked = "{ path = { under = ['/ws'], links = 'context/links' } }";
    let ignored = "{ path = { under = ['/ws'], links = 'ignored' } }";
    check(linked, ignored, &["redact", "open_no_follow"], &[]);
    check(ignored, linked, &["redact"], &["open_no_follow"]);
    let deep = format!("{{ array = {{ each = {{ '/a' = {{ any = [{linked}, {ignored}] }} }} }} }}");
    check(&deep, "{ length = {} }", &["redact", "open_no_follow"], &[]);
}

#[test]
#[cfg(feature = "url")]
fn urls_that_depend_on_addresses() {
    let public = "{ url = { addresses = 'public' }, nullable = true }";
    let named = "{ url = { hosts = ['acme.org'] } }";
    check(named, public, &["redact"], &["pin_address"]);
    check(public, named, &["redact", "pin_address"], &[]);
}
