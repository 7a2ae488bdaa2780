//! What each matcher says of a value.

use crate::check;

#[test]
fn equality() {
    check("'arguments/n' = { equals = 50 }", r#"{"n": 5e1}"#, "yes");
    check("'arguments/n' = { equals = 9007199254740992 }", r#"{"n": 9007199254740993}"#, "no");
    check("'arguments/t' = { equals = 50 }", r#"{"t": "50"}"#, "unknown");
    check("'arguments/b' = { equals = true }", r#"{"b": false}"#, "no");
    check("'arguments/b' = { equals = 'true' }", r#"{"b": true}"#, "unknown");
    check("'arguments/t' = { one_of = ['x', 5] }", r#"{"t": "x"}"#, "yes");
    check("'arguments/t' = { one_of = ['x', 5] }", r#"{"t": "y"}"#, "no");
    check("'arguments/n' = { one_of = ['x', 5] }", r#"{"n": 5.0}"#, "yes");
    check("'arguments/b' = { one_of = ['x', 5] }", r#"{"b": true}"#, "unknown");
    let many = "one_of = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']";
    check(&format!("'arguments/t' = {{ {many} }}"), r#"{"t": "j"}"#, "yes");
    check(&format!("'arguments/t' = {{ {many} }}"), r#"{"t": "k"}"#, "no");

    let tenant = "'arguments/t' = { equals = { fact = 'caller/tenant' } }";
    check(tenant, r#"{"t": "acme"}"#, "yes");
    check(tenant, r#"{"t": "globex"}"#, "no");
    check("'arguments/n' = { equals = { fact = 'caller/tenant' } }", r#"{"n": 1}"#, "unknown");
    check("'arguments/t' = { equals = { fact = 'context/task' } }", r#"{"t": "x"}"#, "unknown");
    check("'arguments/t' = { equals = { fact = 'arguments/o/x' } }", r#"{"t": "x"}"#, "no");
    check(
        "'arguments/any' = { equals = { fact = 'context/any' } }",
        r#"{"any": {"a": [1, null], "b": {}}}"#,
        "yes",
    );
    check("'context/whole/none' = { equals = { fact = 'context/whole/none' } }", "{}", "unknown");
    check("'context/whole/tags' = { equals = { fact = 'arguments/a' } }", r#"{"a": ["a"]}"#, "yes");
    check(
        "'context/whole/tags' = { equals = { fact = 'arguments/a' } }",
        r#"{"a": ["a", "a"]}"#,
        "no",
    );
}

#[test]
fn numbers() {
    for (number, expected) in
        [("5", "yes"), ("0", "no"), ("5.0", "no"), ("5e0", "no"), ("-0", "no")]
    {
        let arguments = format!(r#"{{"n": {number}}}"#);
        check("'arguments/n' = { integer = { above = 0, at_most = 5 } }", &arguments, expected);
    }
    check("'arguments/t' = { integer = {} }", r#"{"t": "5"}"#, "unknown");
    for (number, expected) in
        [("0.1", "no"), ("0.11", "yes"), ("1e-1", "no"), ("0.2", "no"), ("0.111", "no")]
    {
        let arguments = format!(r#"{{"n": {number}}}"#);
        check(
            "'arguments/n' = { decimal = { above = '0.10', below = '0.2', scale = 2 } }",
            &arguments,
            expected,
        );
    }
    check("'arguments/n' = { decimal = { scale = 0 } }", r#"{"n": 5.0}"#, "yes");
    check("'arguments/b' = { decimal = {} }", r#"{"b": true}"#, "unknown");
}

#[test]
fn texts_and_arrays() {
    check("'arguments/t' = { matches = '[a-z]+' }", r#"{"t": "abc"}"#, "yes");
    check("'arguments/t' = { matches = '[a-z]+' }", r#"{"t": "abc\n"}"#, "no");
    check("'arguments/n' = { matches = '[0-9]+' }", r#"{"n": 5}"#, "unknown");
    check("'arguments/t' = { text = { min_chars = 2, max_chars = 2 } }", r#"{"t": "öß"}"#, "yes");
    check("'arguments/t' = { text = { max_chars = 2 } }", r#"{"t": "abc"}"#, "no");
    check("'arguments/t' = { length = { min = 2 } }", r#"{"t": "𝄞"}"#, "no");
    check("'arguments/a' = { length = { max = 1 } }", r#"{"a": [1, 2]}"#, "no");
    check("'arguments/n' = { length = {} }", r#"{"n": 1}"#, "unknown");
    check("'arguments/b' = { boolean = {} }", r#"{"b": false}"#, "yes");
    check("'arguments/t' = { boolean = {} }", r#"{"t": "true"}"#, "unknown");

    let each = "'arguments/a' = { array = { each = { equals = 1 } } }";
    let some = "'arguments/a' = { array = { some = { equals = 1 } } }";
    for (array, every, any) in [
        ("[]", "yes", "no"),
        ("[1, 1]", "yes", "yes"),
        ("[1, 2]", "no", "yes"),
        ("[2]", "no", "no"),
        ("[1, \"1\"]", "unknown", "yes"),
        ("[2, null]", "no", "unknown"),
    ] {
        let arguments = format!(r#"{{"a": {array}}}"#);
        check(each, &arguments, every);
        check(some, &arguments, any);
    }
    check("'arguments/a' = { array = { min_items = 1, max_items = 2 } }", r#"{"a": []}"#, "no");
    check("'arguments/a' = { array = { min_items = 1, max_items = 2 } }", r#"{"a": [[]]}"#, "yes");
    check("'arguments/t' = { array = {} }", r#"{"t": "x"}"#, "unknown");
    check("'arguments/t' = { text = {}, matches = 'x' }", r#"{"t": "y"}"#, "no");
}

#[test]
fn combined() {
    let any = "'arguments/t' = { any = [{ equals = 'a' }, { matches = '[0-9]+' }] }";
    for (value, expected) in [(r#""a""#, "yes"), (r#""7""#, "yes"), (r#""b""#, "no")] {
        check(any, &format!(r#"{{"t": {value}}}"#), expected);
    }
    check("'arguments/n' = { any = [{ equals = 'a' }, { equals = 1 }] }", r#"{"n": 2}"#, "unknown");
    check("'arguments/n' = { any = [{ equals = 'a' }, { equals = 1 }] }", r#"{"n": 1}"#, "yes");
    check(any, "{}", "no");
    check("'arguments/n' = { all = [{ integer = {} }, { equals = 1 }] }", r#"{"n": 1}"#, "yes");
    check("'arguments/t' = { any = [{ present = false }, { equals = 'a' }] }", "{}", "yes");

    check("'arguments/null' = { equals = 'a' }", r#"{"null": null}"#, "unknown");
    check("'arguments/null' = { equals = 'a', nullable = true }", r#"{"null": null}"#, "yes");
    check("'arguments/null' = { equals = 'a', nullable = true }", r#"{"null": "b"}"#, "no");
    check("'arguments/null' = { equals = 'a', nullable = true }", "{}", "no");

    let table =
        "'arguments/free' = { '/a' = { equals = 1 }, '/b/c' = { boolean = {}, optional = true } }";
    for (value, expected) in [
        (r#"{"a": 1}"#, "yes"),
        (r#"{"a": 1, "b": {}}"#, "yes"),
        (r#"{"a": 1, "b": {"c": true}}"#, "yes"),
        (r#"{"a": 2}"#, "no"),
        (r#"{"a": "1"}"#, "unknown"),
        (r#"{"a": "1", "x": 1}"#, "no"),
        (r#"{"b": {"c": true}}"#, "no"),
        (r#"{"a": 1, "b": null}"#, "no"),
        ("null", "unknown"),
        ("[]", "unknown"),
    ] {
        check(table, &format!(r#"{{"free": {value}}}"#), expected);
    }
}

#[test]
fn executors() {
    let path =
        "'arguments/t' = { path = { under = ['/ws'], relative_to = '/ws', links = 'ignored' } }";
    check(path, r#"{"t": "a"}"#, "yes");
    check(path, r#"{"t": "/etc"}"#, "no");
    check(path, r#"{"t": "%2e%2e/etc"}"#, "unknown");
    check(path, "{}", "no");
    check(&path.replace("/t", "/n"), r#"{"n": 1}"#, "unknown");
    let linked = path.replace("'ignored'", "'context/links'");
    check(&linked, r#"{"t": "a"}"#, "unknown");
    let defaulted = linked.replace("'context/links'", "'context/links', links_default = 'none'");
    check(&defaulted, r#"{"t": "a"}"#, "yes");
    check(
        &linked.replace("links'", "any'"),
        r#"{"t": "a/x", "any": {"/ws/a": "/etc"}}"#,
        "unknown",
    );
    check(&linked.replace("links'", "any'"), r#"{"t": "a/x", "any": {"/ws/a": "b"}}"#, "yes");
    check(&defaulted.replace("links'", "any'"), r#"{"t": "a/x", "any": {"/ws/a": 1}}"#, "unknown");

    let email = "'arguments/t' = { email = { domains = ['acme.org'] } }";
    check(email, r#"{"t": "a@acme.org"}"#, "yes");
    check(email, r#"{"t": "a@evil.org"}"#, "no");
    check(email, r#"{"t": "A <a@acme.org>"}"#, "unknown");
    check(&email.replace("/t", "/n"), r#"{"n": 1}"#, "unknown");
}

#[test]
#[cfg(feature = "url")]
fn urls() {
    let url = "'arguments/t' = { url = { hosts = ['acme.org'] } }";
    check(url, r#"{"t": "https://acme.org/x"}"#, "yes");
    check(url, r#"{"t": "https://evil.org/x"}"#, "no");
    check(url, r#"{"t": "https://acme.org@evil.org"}"#, "unknown");
    check(&url.replace("/t", "/n"), r#"{"n": 1}"#, "unknown");
}
