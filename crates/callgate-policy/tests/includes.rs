//! Policies in several files.
//!
//! Each folder of `tests/includes` holds a policy that does not load: `policy.toml`, what it
//! includes, and `expected.txt` with one line for each diagnostic: its code, and what `Display`
//! shows. With `CALLGATE_BLESS=1` these are written anew; read the difference before you keep it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a case that cannot be read fails the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use callgate_policy::{DiagnosticCode, Diagnostics, IncludeError, Included, Policy, Sources};
use callgate_types::Digest;

const ROOT: &str = "format = 1\nname = \"parts\"\n";
const REST: &str =
    "[tools.look]\naccess = \"read\"\n[[rules]]\nid = \"look\"\neffect = \"permit\"\n";

#[test]
fn broken_policies() {
    let mut wrong = Vec::new();
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let root = fs::read_to_string(folder.join("policy.toml")).unwrap();
        let sources = Sources::of(root, "policy.toml");
        let read = Policy::load(&sources, &mut |name| match fs::read(folder.join(name)) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Included::new(text, name.to_owned())),
                Err(_) => Err(IncludeError::NotText),
            },
            Err(_) => Err(IncludeError::Unreadable("not there".into())),
        });
        let Err(found) = read else {
            wrong.push(format!("{name} loads"));
            continue;
        };
        for one in found.iter() {
            let text = sources.text_of(&one.file).unwrap();
            let line = text.split('\n').nth(one.start.line as usize - 1).unwrap();
            assert!(
                one.start.column as usize <= line.chars().count() + 1,
                "{one}"
            );
            assert!(one.start <= one.end, "{one}");
        }
        let rendered = render(&found);
        let expected = folder.join("expected.txt");
        if std::env::var_os("CALLGATE_BLESS").is_some() {
            fs::write(&expected, &rendered).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != rendered {
            wrong.push(format!("{name} gives\n{rendered}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Loads a policy from texts by name; the root is `policy.toml`.
fn load<'t>(files: &[(&str, &'t str)]) -> (Sources<'t>, Result<Policy, Diagnostics>) {
    let files: BTreeMap<&str, &'t str> = files.iter().copied().collect();
    let sources = Sources::of(files["policy.toml"], "policies/policy.toml");
    let policy = Policy::load(&sources, &mut |name| {
        let text = files.get(name).ok_or(IncludeError::NotAFile)?;
        let file = format!("policies/{name}");
        Ok(Included::new((*text).to_owned(), file))
    });
    (sources, policy)
}

#[test]
fn parts_are_one_document() {
    let root = format!("{ROOT}include = [\"roles.json\", \"tools/pay.toml\"]\n{REST}");
    let (sources, policy) = load(&[
        ("policy.toml", &root),
        (
            "roles.json",
            r#"{"format": 1, "roles": {"lead": {"includes": ["support"]}}}"#,
        ),
        (
            "tools/pay.toml",
            "format = 1\ninclude = [\"more/named.toml\"]\n\n[roles]\nsupport = {}\n\n\
             [tools.pay]\naccess = 'write'\n[tools.pay.arguments]\n'/to' = { use = 'account' }\n\n\
             [[rules]]\nid = 'pay'\neffect = 'permit'\nroles = ['lead']\ntools = ['pay']\n\n\
             [[rules]]\nid = 'hear'\neffect = 'permit'\ntools = ['pay']\n",
        ),
        (
            "tools/more/named.toml",
            "format = 1\n[named]\naccount = { matches = 'acc_[0-9]+' }\n",
        ),
    ]);
    let policy = policy.unwrap();
    let document = policy.document();
    let rules: Vec<_> = document
        .rules
        .iter()
        .map(|rule| format!("{} {}:{}", rule.id, rule.file, rule.line))
        .collect();
    assert_eq!(
        rules,
        [
            "hear policies/tools/pay.toml:18",
            "look policies/policy.toml:6",
            "pay policies/tools/pay.toml:12",
        ]
    );
    assert_eq!(document.roles.len(), 2);
    assert_eq!(&*document.tools["pay"].file, "policies/tools/pay.toml");

    // Lints stand in the file that they are about.
    let found = policy.lints(&sources).unwrap().to_string();
    assert!(
        found.contains("policies/tools/pay.toml:8:1: ") && found.contains("writes"),
        "{found}"
    );
}

#[test]
fn file_that_two_files_include_is_read_once() {
    let root = format!("{ROOT}include = [\"a.toml\", \"b.toml\"]\n{REST}");
    let mut asked = Vec::new();
    let sources = Sources::of(root, "policy.toml");
    let policy = Policy::load(&sources, &mut |name| {
        asked.push(name.to_owned());
        let text = match name {
            "a.toml" | "b.toml" => "format = 1\ninclude = [\"shared.toml\"]\n",
            _ => "format = 1\n[roles]\nsupport = {}\n",
        };
        Ok(Included::new(text.to_owned(), name.to_owned()))
    });
    assert_eq!(policy.unwrap().document().roles.len(), 1);
    assert_eq!(asked, ["a.toml", "shared.toml", "b.toml"]);
}

#[test]
fn digest_of_one_file_is_that_of_its_text() {
    let root = format!("{ROOT}{REST}");
    let (_, policy) = load(&[("policy.toml", &root)]);
    assert_eq!(policy.unwrap().digest(), Digest::of(root.as_bytes()));
}

#[test]
fn digest_of_several_files() {
    let root = format!("{ROOT}include = [\"tools/a.toml\", \"b.json\"]\n{REST}");
    let (a, b, c) = (
        "format = 1\ninclude = [\"c.toml\"]\n",
        r#"{"format": 1}"#,
        "format = 1\n",
    );
    let files = [
        ("policy.toml", &*root),
        ("tools/a.toml", a),
        ("b.json", b),
        ("tools/c.toml", c),
    ];
    let lines: Vec<String> = [
        ("-", &*root),
        ("tools/a.toml", a),
        ("tools/c.toml", c),
        ("b.json", b),
    ]
    .iter()
    .map(|(name, text)| format!("{}  {name}\n", Digest::of(text.as_bytes())))
    .collect();
    let (_, policy) = load(&files);
    assert_eq!(
        policy.unwrap().digest(),
        Digest::of(lines.concat().as_bytes())
    );
}

#[test]
fn text_alone_includes_nothing() {
    let text = format!("{ROOT}include = [\"roles.toml\"]\n{REST}");
    let found = Policy::parse(&text, "p.toml").unwrap_err();
    assert_eq!(
        render(&found),
        "unreadable_include p.toml:3:12: cannot include `roles.toml`: a policy that is given as \
         text alone includes nothing\n"
    );
}

/// The names of so many files.
fn names(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|n| format!("\"{n}.toml\", ")).collect();
    names.concat()
}

/// A policy whose files come out of `file` is refused so.
#[track_caller]
fn check_bound(include: &str, file: &dyn Fn(&str) -> String, expected: &str) {
    let root = format!("{ROOT}include = [{include}]\n{REST}");
    let sources = Sources::of(root, "policy.toml");
    let mut files = 0_usize;
    let found = Policy::load(&sources, &mut |name| {
        files += 1;
        Ok(Included::new(file(name), name.to_owned()))
    });
    assert_eq!(render(&found.unwrap_err()), expected);
    assert!(files <= 1_001, "{files} files were opened");
}

#[test]
fn bounds() {
    let small = |_: &str| "format = 1\n".to_owned();
    check_bound(
        &names(1_002),
        &small,
        "too_many policy.toml:3:11902: more than 1000 files are included; join some of them\n",
    );
    let large = |_: &str| "#".repeat((8 << 20) + 1);
    check_bound(
        &names(1),
        &large,
        "too_large 0.toml:1:1: the text has 8388609 bytes, at most 8388608 are allowed\n",
    );
    let full = |_: &str| format!("format = 1\n{}", "#".repeat((8 << 20) - 11));
    check_bound(
        &names(9),
        &full,
        "too_large policy.toml:3:82: all files together have more than 67108864 bytes; include less\n",
    );
    let chain = |name: &str| {
        let number: usize = name.trim_end_matches(".toml").parse().unwrap();
        format!("format = 1\ninclude = [\"{}.toml\"]\n", number + 1)
    };
    check_bound(
        "\"1.toml\"",
        &chain,
        "too_deep 16.toml:2:12: files include one another more than 16 deep; include more of them \
         from the root file\n",
    );
}

#[test]
fn as_many_and_as_deep_as_allowed() {
    let names = names(1_000);
    let wide = format!("{ROOT}include = [{names}]\n{REST}");
    let deep = format!("{ROOT}include = [\"1.toml\"]\n{REST}");
    for (root, last) in [(wide, 0), (deep, 16)] {
        let sources = Sources::of(root, "policy.toml");
        let policy = Policy::load(&sources, &mut |name| {
            let number: usize = name.trim_end_matches(".toml").parse().unwrap();
            let more = format!("include = [\"{}.toml\"]\n", number + 1);
            let more = if number < last { &*more } else { "" };
            let role = format!("format = 1\n{more}[roles]\nrole-{number} = {{}}\n");
            Ok(Included::new(role, name.to_owned()))
        });
        let roles = policy.unwrap().document().roles.len();
        assert_eq!(roles, if last == 0 { 1_000 } else { last });
    }
}

#[test]
fn every_code_of_files_is_shown() {
    let expected: String = folders()
        .iter()
        .map(|folder| fs::read_to_string(folder.join("expected.txt")).unwrap())
        .collect();
    for code in [
        DiagnosticCode::BadInclude,
        DiagnosticCode::IncludeCycle,
        DiagnosticCode::UnreadableInclude,
    ] {
        assert!(expected.contains(code.as_str()), "{code}");
    }
}

fn folders() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/includes");
    let folders = fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn render(found: &Diagnostics) -> String {
    let lines = found
        .iter()
        .map(|one| format!("{} {}\n", one.code, one.to_string().replace('\n', " ")));
    lines.collect()
}
