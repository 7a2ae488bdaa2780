//! The repository: its text files, and what cargo says of its members.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use serde_json::Value;

/// All that the rules look at.
pub(crate) struct Workspace {
    /// Every file that git does not ignore, in order of paths.
    pub(crate) files: Vec<File>,
    /// The members, as cargo sees them.
    pub(crate) packages: Vec<Package>,
}

/// One file.
pub(crate) struct File {
    /// Its path from the root, with `/` between the parts.
    pub(crate) path: String,
    /// What it says; bytes that are not UTF-8 are replaced.
    pub(crate) text: String,
}

/// One member of the workspace.
#[derive(Default)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// The path of its manifest from the root.
    pub(crate) manifest: String,
    /// Whether it can be published.
    pub(crate) published: bool,
    /// Whether it has a library that others can use.
    pub(crate) library: bool,
    /// What its default features switch on.
    pub(crate) default_features: Vec<String>,
    /// What it depends on: the name, and whether that is for development only.
    pub(crate) dependencies: Vec<(String, bool)>,
}

impl Workspace {
    pub(crate) fn load() -> Result<Self, Box<dyn Error>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .canonicalize()?;
        let ignored: Vec<PathBuf> = fs::read_to_string(root.join(".gitignore"))?
            .lines()
            .filter_map(|line| line.strip_prefix('/'))
            .chain([".git"])
            .map(|path| root.join(path))
            .collect();
        let mut files = Vec::new();
        walk(&root, &root, &ignored, &mut files)?;
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self {
            files,
            packages: packages(&root)?,
        })
    }

    /// The text of the file at `path`; empty where there is none, which no rule is content with.
    pub(crate) fn text(&self, path: &str) -> &str {
        let file = self.files.iter().find(|file| file.path == path);
        file.map_or("", |file| &file.text)
    }
}

impl File {
    pub(crate) fn is_rust(&self) -> bool {
        has_extension(&self.path, "rs")
    }

    pub(crate) fn is_markdown(&self) -> bool {
        has_extension(&self.path, "md")
    }

    /// Whether it is source of a library crate; the program and the tests are not.
    pub(crate) fn is_library_source(&self) -> bool {
        self.is_rust()
            && self.path.starts_with("crates/")
            && self.path.contains("/src/")
            && !self.path.starts_with("crates/callgate-cli/")
    }

    #[cfg(test)]
    pub(crate) fn sample(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }
}

/// Whether the name at the end of `path` has this extension.
pub(crate) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|end| end == extension)
}

fn walk(root: &Path, folder: &Path, ignored: &[PathBuf], files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let kind = entry.file_type()?;
        if ignored.contains(&path) {
            continue;
        }
        if kind.is_dir() {
            walk(root, &path, ignored, files)?;
        } else if kind.is_file() {
            let bytes = match fs::read(&path) {
                // Gone since the folder was listed: other tests may write and remove files.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                read => read?,
            };
            let parts = path.strip_prefix(root).unwrap_or(&path).components();
            let parts: Vec<_> = parts
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            files.push(File {
                path: parts.join("/"),
                text: String::from_utf8_lossy(&bytes).into_owned(),
            });
        }
    }
    Ok(())
}

fn packages(root: &Path) -> Result<Vec<Package>, Box<dyn Error>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = list(metadata.get("packages"));
    Ok(packages.iter().map(|package| read(root, package)).collect())
}

fn read(root: &Path, package: &Value) -> Package {
    let path = Path::new(text(package, "manifest_path"));
    let manifest = path.strip_prefix(root).unwrap_or(path);
    let targets = list(package.get("targets"));
    let features = package.get("features");
    Package {
        name: text(package, "name").to_owned(),
        manifest: manifest.to_string_lossy().replace('\\', "/"),
        published: !package.get("publish").is_some_and(Value::is_array),
        library: targets
            .iter()
            .any(|target| list(target.get("kind")).iter().any(|kind| kind == "lib")),
        default_features: list(features.and_then(|features| features.get("default")))
            .iter()
            .map(ToString::to_string)
            .collect(),
        dependencies: list(package.get("dependencies"))
            .iter()
            .map(|edge| (text(edge, "name").to_owned(), text(edge, "kind") == "dev"))
            .collect(),
    }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
