//! What the manifests say.

use crate::tree::Package;

/// The workspace forbids unsafe code.
pub(crate) fn workspace_lints(manifest: &str) -> Vec<String> {
    if table(manifest, "[workspace.lints.rust]").any(|line| line == r#"unsafe_code = "forbid""#) {
        Vec::new()
    } else {
        vec!["the workspace does not forbid `unsafe_code`".to_owned()]
    }
}

/// A member takes the lints of the workspace; one that is not published may have its own, as long
/// as unsafe code stays forbidden.
pub(crate) fn member_lints(package: &Package, manifest: &str) -> Vec<String> {
    let inherits = table(manifest, "[lints]").any(|line| line == "workspace = true");
    let own = table(manifest, "[lints.rust]").any(|line| line == r#"unsafe_code = "forbid""#);
    if inherits || (own && !package.published) {
        Vec::new()
    } else {
        let Package { name, manifest, .. } = package;
        vec![format!(
            "{manifest}: `{name}` does not take the lints of the workspace"
        )]
    }
}

/// Members of the workspace without a comment above them.
pub(crate) fn uncommented_members(manifest: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut members = 0_u32;
    let mut above = "";
    let lines = manifest.lines().map(str::trim);
    for line in lines.skip_while(|line| *line != "members = [").skip(1) {
        if line == "]" {
            break;
        }
        if line.starts_with('"') {
            members = members.saturating_add(1);
            if !above.starts_with('#') {
                faults.push(format!("Cargo.toml: member {line} has no comment above it"));
            }
        }
        above = line;
    }
    if members == 0 {
        faults.push("Cargo.toml: expected members, one a line, found none".to_owned());
    }
    faults
}

/// The lines of one table.
fn table<'a>(manifest: &'a str, header: &str) -> impl Iterator<Item = &'a str> {
    manifest
        .lines()
        .map(str::trim)
        .skip_while(move |line| *line != header)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(published: bool, manifest: &str, good: bool) {
        let package = Package {
            published,
            ..Package::default()
        };
        assert_eq!(member_lints(&package, manifest).is_empty(), good);
    }

    #[test]
    fn lints_of_members() {
        check(true, "[package]\n\n[lints]\nworkspace = true\n", true);
        check(
            true,
            "[package]\n\n[dependencies]\nworkspace = true\n",
            false,
        );
        check(true, "[lints]\n[dependencies]\nworkspace = true\n", false);
        check(true, "[lints.rust]\nunsafe_code = \"forbid\"\n", false);
        check(false, "[lints.rust]\nunsafe_code = \"forbid\"\n", true);
        check(false, "[lints.rust]\nunsafe_code = \"warn\"\n", false);
        check(false, "", false);
    }

    #[test]
    fn lints_of_the_workspace() {
        let text = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
        assert!(workspace_lints(text).is_empty());
        assert_eq!(workspace_lints(&text.replace("forbid", "deny")).len(), 1);
        assert_eq!(workspace_lints("").len(), 1);
    }

    #[test]
    fn members_without_comment() {
        let text =
            "members = [\n  # Types.\n  \"types\",\n  \"risk\",\n]\nexclude = [\n \"fuzz\"\n]";
        assert_eq!(
            uncommented_members(text),
            ["Cargo.toml: member \"risk\", has no comment above it"]
        );
        assert_eq!(uncommented_members("").len(), 1);
    }
}
