//! Which calls a statement is about.

use callgate_types::Caller;

use crate::{caller, selects};

#[test]
fn selectors() {
    let alice = caller("user:alice", &["senior"], &["agent:bot", "agent:sub"], Some("acme"));
    let alone = caller("user:bob", &["stranger"], &[], None);
    let nobody = Caller::unknown();
    let prod = Some("prod");
    selects("", &nobody, None, "yes");

    selects("roles = ['junior']", &alice, prod, "yes");
    selects("roles = ['chief']", &alice, prod, "no");
    selects("roles = ['chief', 's*']", &alice, prod, "yes");
    selects("roles = ['*']", &alone, prod, "yes");
    selects("roles = ['j*']", &alone, prod, "no");
    selects("roles = ['*']", &caller("user:bob", &[], &[], None), prod, "no");
    selects("roles = ['junior']", &nobody, prod, "unknown");

    selects("principals = ['user:a*']", &alice, prod, "yes");
    selects("principals = ['user:a*']", &alone, prod, "no");
    selects("principals = ['user:a*']", &nobody, prod, "unknown");

    selects("actors = ['agent:*']", &alice, prod, "yes");
    // Not every actor of the chain, but one.
    selects("actors = ['agent:bot']", &alice, prod, "unknown");
    selects("actors = ['agent:other']", &alice, prod, "no");
    selects("actors = ['agent:*']", &alone, prod, "no");
    selects("actors = ['agent:*']", &nobody, prod, "unknown");

    selects("tenants = ['acme']", &alice, prod, "yes");
    selects("tenants = ['other', 'ac*']", &alice, prod, "yes");
    selects("tenants = ['globex']", &alice, prod, "no");
    selects("tenants = ['acme']", &alone, prod, "unknown");
    selects("tenants = ['acme']", &nobody, prod, "unknown");

    selects("environments = ['prod', 'staging']", &alice, prod, "yes");
    selects("environments = ['st*']", &alice, prod, "no");
    selects("environments = ['prod']", &alice, None, "unknown");

    selects("tools = ['act']", &nobody, None, "yes");
    selects("tools = ['a*']", &nobody, None, "yes");
    selects("tools = ['strict']", &alice, prod, "no");
    selects("roles = ['chief']\nenvironments = ['prod']", &alice, None, "no");
    selects("roles = ['junior']\nenvironments = ['prod']", &alice, None, "unknown");
}

#[test]
fn more_names_than_the_index_takes() {
    let names: Vec<String> = (0..90).map(|n| format!("'t{n}'")).collect();
    let about = format!("tenants = [{}]\nenvironments = ['prod', 'dev']", names.join(", "));
    let of = |tenant| caller("user:alice", &[], &[], Some(tenant));
    selects(&about, &of("t7"), Some("dev"), "yes");
    selects(&about, &of("t7"), Some("test"), "no");
    selects(&about, &of("t99"), Some("dev"), "no");
    selects(&about, &of("t7"), None, "unknown");
    selects(&about, &Caller::unknown(), Some("dev"), "unknown");
}
