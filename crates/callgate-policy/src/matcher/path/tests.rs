use callgate_types::Json;

use super::deny::fold;
use super::*;
use crate::document::{FactRoot, Pointer};

fn place(text: &str) -> AbsolutePath {
    AbsolutePath::parse(text).unwrap()
}

fn spec() -> PathSpec {
    PathSpec {
        under: vec![place("/workspace")],
        relative_to: Some(place("/workspace")),
        links: PathLinks::Ignored,
        deny: PathDeny::default(),
        glob: Vec::new(),
    }
}

#[track_caller]
fn check(spec: &PathSpec, text: &str, expected: Option<bool>) {
    assert_eq!(spec.admits(text, LinkFact::None), expected, "{text:?}");
}

#[track_caller]
fn check_links(text: &str, links: &str, expected: Option<bool>) {
    let links = Json::parse(links).unwrap();
    let given = LinkFact::Given(links.root());
    assert_eq!(spec().admits(text, given), expected, "{text:?}");
}

#[test]
fn inside_and_outside() {
    let spec = spec();
    for text in [
        "/workspace",
        "/workspace/",
        "///workspace//x",
        "a",
        ".",
        "..a",
        "a..",
        "...a",
        "/workspace/a/../b",
        "/workspace/100%",
        "/workspace/a%20b",
        "/workspace/%41",
        "/workspace/été",
        "/workspace/a b",
        "/../workspace/x",
        "x/c:/y",
        "ab:c",
        "/workspace/~x",
    ] {
        check(&spec, text, Some(true));
    }
    for text in [
        "/",
        "/workspace/..",
        "..",
        "../workspace2",
        "/workspaces",
        "/WORKSPACE/x",
        "/workspace/../etc",
        "a/../../workspac",
        "/etc/passwd",
        "/workspace/x/../../etc",
    ] {
        check(&spec, text, Some(false));
    }
}

#[test]
fn what_others_read_differently() {
    let spec = spec();
    for text in [
        "",
        " ",
        "\u{a0}/workspace/x",
        "/workspace/x\u{3000}",
        "/workspace/x\t",
        "/workspace/\u{7f}x",
        "/workspace/\u{85}x",
        "~",
        "~/x",
        "\\x",
        "/workspace/a\\b",
        "c:",
        "C:x",
        "a:b",
        "file:///workspace/x",
        "file:/workspace/x",
        "smb+x://h",
        "//workspace/x",
        "/workspace/...",
        "/workspace/.../x",
        "/workspace/. ./x",
        "/workspace/ /x",
        "/workspace/..\u{200b}/x",
        "/workspace/\u{200b}/x",
        "/workspace/%2e%2e/x",
        "/workspace/%2E./x",
        "/workspace/.%2f",
        "/workspace/%5c",
        "/workspace/%00",
        "/workspace/%252e",
        "/workspace/%25252525252e",
        "/workspace/%%32%65",
        "/workspace/%25%32%65",
        "/workspace/%c0%ae",
        "/workspace/%C1%9C",
        "/workspace/%e0%80%ae",
        "/workspace/%f0%80%80%ae",
        "/workspace/%u002e",
        "/workspace/%u00",
        "/workspace/%uff0e",
        "/workspace/%25u002e",
        "/workspace/%ef%bc%8e",
        "/workspace/%EF%BC%8F",
        "/workspace/%0a",
        "/workspace/%7f",
        "/workspace/%09",
        "/workspace/\u{2024}",
        "/workspace/\u{ff0f}x",
        "/workspace/\u{2025}/x",
        "/workspace/\u{fe68}",
        "/workspace/\u{2100}",
        "/workspace/\u{ff3c}x",
        "/workspace/\u{fe52}",
        "/workspace/\u{ff0e}\u{ff0e}/x",
    ] {
        check(&spec, text, None);
    }
    check(&spec, &format!("/workspace/{}", "a/".repeat(2043)), None);
    check(
        &spec,
        &format!("/workspace/{}", "a/".repeat(2042)),
        Some(true),
    );
    check(&spec, &format!("/workspace/{}2e", "%25".repeat(20)), None);
    let absolute = PathSpec {
        relative_to: None,
        ..spec
    };
    check(&absolute, "a", Some(false));
    check(&absolute, "/workspace/a", Some(true));
}

#[test]
fn links_are_followed() {
    let links = r#"{"/workspace/in": "src", "/workspace/out": "/etc", "/workspace/up": "..",
        "/srv": "/workspace", "/workspace/loop": "loop", "/workspace/deep/l": "../src/../../etc"}"#;
    check_links("/workspace/in/x", links, Some(true));
    check_links("in", links, Some(true));
    check_links("/workspace/out", links, None);
    check_links("out/x", links, None);
    check_links("out/../x", links, None);
    check_links("/workspace/up/workspace/x", links, Some(true));
    check_links("/workspace/up/x", links, None);
    check_links("/workspace/loop", links, None);
    check_links("/workspace/deep/l/x", links, None);
    check_links("/workspace/deep/x", links, Some(true));
    check_links("/srv/x", links, None);
    check_links("/etc/x", links, Some(false));
    check_links(
        "/workspace/in/../x",
        r#"{"/workspace/in": "src"}"#,
        Some(true),
    );
}

#[test]
fn links_of_another_form_are_unknown() {
    for links in [
        "[]",
        "null",
        r#""none""#,
        r#"{"/workspace/a": 1}"#,
        r#"{"/workspace/a": ""}"#,
        r#"{"a": "b"}"#,
        r#"{"/workspace/a/": "b"}"#,
        r#"{"/workspace/../a": "b"}"#,
        r#"{"/a": "/b", "/a/c": "/d"}"#,
        r#"{"//a": "b"}"#,
    ] {
        check_links("/workspace/x", links, None);
    }
    check_links("/workspace/x", "{}", Some(true));
    let many: Vec<String> = (0..1025).map(|n| format!(r#""/l{n}": "/""#)).collect();
    check_links("/workspace/x", &format!("{{{}}}", many.join(",")), None);
    assert_eq!(spec().admits("/workspace/x", LinkFact::Unknown), None);
    assert_eq!(spec().admits("~", LinkFact::Unknown), None);
}

#[test]
fn following_is_bounded() {
    // Each link leads to two of the next: walked naively that is 2^40 steps.
    let mut links = vec![r#""/workspace/l40": "x""#.to_owned()];
    links.extend((0..40).map(|n| format!(r#""/workspace/l{n}": "l{0}/../l{0}""#, n + 1)));
    check_links("/workspace/l0", &format!("{{{}}}", links.join(",")), None);
}

#[test]
fn denied_names() {
    let deny = PathDeny::new(
        [".git", ".ssh", ".env"],
        [".env.*", "*.pem", "id_rsa*"],
        [".env.example"],
    );
    let spec = PathSpec { deny, ..spec() };
    for text in [
        "/workspace/.gitignore",
        "/workspace/.env.example",
        "/workspace/a.pem/x",
        "/workspace/git",
        "/workspace/.envrc",
        "/workspace/.git/../x",
        "/workspace/id_rs",
        "/workspace/été",
        "/workspace/git~x",
        "/workspace/gi:x",
    ] {
        check(&spec, text, Some(true));
    }
    for text in [
        "/workspace/.git",
        "/workspace/x/.GIT/config",
        "/workspace/.git./x",
        "/workspace/.git::$INDEX_ALLOCATION/x",
        "/workspace/.g\u{200c}it/x",
        "/workspace/.\u{ff47}it",
        "/workspace/.ſsh/x",
        "/workspace/.ßh",
        "/workspace/.gıt",
        "/workspace/.GİT",
        "/workspace/git~1",
        "/workspace/GIT~2/x",
        "/workspace/env~1",
        "/workspace/x.PEM",
        "/workspace/id_rsa.pub",
        "/workspace/.env.local",
        "/workspace/.ENV.example",
        "/workspace/.env.example.bak",
        "/workspace/.%67it/x",
        "/workspace/.pem",
        "/workspace/.git:x",
        "/workspace/.env.example:x",
        "/workspace/k.pem:x",
    ] {
        check(&spec, text, Some(false));
    }
    assert_eq!(fold("a\u{fb01}"), "afi");
}

#[test]
fn globs_want_files() {
    let glob = vec![PathGlob::parse("/workspace/src/*.rs").unwrap()];
    let spec = PathSpec {
        glob,
        under: Vec::new(),
        ..spec()
    };
    check(&spec, "/workspace/src/a.rs", Some(true));
    check(&spec, "/workspace/src/x/../a.rs", Some(true));
    check(&spec, "/workspace/src/a.rs/", Some(false));
    check(&spec, "/workspace/src/a.rs/.", Some(false));
    check(&spec, "/workspace/src/*.rs", Some(true));
}

#[test]
fn places_of_policies() {
    assert_eq!(
        AbsolutePath::parse("x"),
        Err(AbsolutePathError::NotAbsolute)
    );
    assert_eq!(
        AbsolutePath::parse("/a//b"),
        Err(AbsolutePathError::NotNormal)
    );
    assert_eq!(
        AbsolutePath::parse("/a/../b"),
        Err(AbsolutePathError::NotNormal)
    );
    assert_eq!(
        AbsolutePath::parse("/a\\b"),
        Err(AbsolutePathError::NotPlain)
    );
    assert_eq!(AbsolutePath::parse("/a/"), AbsolutePath::parse("/a"));
    let root = PathSpec {
        under: vec![place("/")],
        ..spec()
    };
    check(&root, "/etc", Some(true));
    let fact = Fact {
        root: FactRoot::Context,
        pointer: Pointer::to_member("links"),
    };
    assert_ne!(
        PathLinks::Fact {
            fact,
            default_none: true
        },
        PathLinks::Ignored
    );
}
