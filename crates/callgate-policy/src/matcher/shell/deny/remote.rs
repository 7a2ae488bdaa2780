//! Programs that run commands elsewhere, or at another time.

use super::Unclear;
use super::code::is_shell;
use super::command::{Call, Next, base};
use super::options::{One, Options, Skipped};
use super::reader::Reader;
use super::word::Word;

/// `ssh host command`.
pub(super) fn ssh(reader: &mut Reader<'_, '_>, mut call: Call<'_, '_>) -> Result<(), Unclear> {
    const OPTIONS: Options = Options {
        flags: "46AaCfGgKkMNnqsTtVvXxYy",
        values: "BbcDEeFIiJLlmOopQRSWw",
        idle: &["--help", "--version", "-V", "-G", "-Q"],
        ..Options::NONE
    };
    let mut host = false;
    loop {
        for word in call.words.iter().take(2) {
            let text = word.text.to_ascii_lowercase();
            let runs = [
                "proxycommand",
                "localcommand",
                "knownhostscommand",
                "include",
            ];
            reader.found.unclear |= runs.iter().any(|option| text.contains(option));
        }
        match OPTIONS.one(call) {
            One::Then(words) => call = call.with(words),
            One::Idle => return Ok(()),
            One::Unclear => {
                reader.found.unclear = true;
                return Ok(());
            }
            One::Last([]) => break,
            One::Last(words) if host => return reader.code(call.with(words)),
            One::Last(words) => {
                reader.found.unclear |= words.iter().take(1).any(|word| word.splits);
                host = true;
                call = call.with(words.get(1..).unwrap_or_default());
            }
        }
    }
    // It reads commands for the host.
    reader.found.unclear |= call.open || call.reads;
    Ok(())
}

/// Programs that start a command in a container or a session: any word that names a listed command
/// may be it.
pub(super) fn launcher(
    reader: &mut Reader<'_, '_>,
    name: &str,
    call: Call<'_, '_>,
) -> Result<(), Unclear> {
    let starts: &[&str] = match name {
        "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose" | "buildah" => {
            &["exec", "run", "create"]
        }
        "kubectl" | "oc" | "k3s" | "microk8s" | "crictl" | "ctr" | "lxc" | "incus" => {
            &["exec", "run", "debug"]
        }
        "tmux" | "screen" | "byobu" | "zellij" => &[""],
        "npm" | "pnpm" | "yarn" | "bun" => &["exec", "x", "dlx", "-c"],
        "poetry" | "uv" | "pipenv" | "bundle" | "conda" | "mamba" | "micromamba" | "hatch"
        | "pdm" | "rye" | "direnv" | "nix" | "nix-shell" | "vagrant" | "heroku" | "fly"
        | "flyctl" | "gcloud" | "aws-vault" | "chamber" | "doppler" | "op" => {
            &["exec", "run", "ssh", "--run", "--command", "-c"]
        }
        _ => return Ok(()),
    };
    let is_start = |word: &Word<'_>| starts.contains(&"") || starts.contains(&&*word.text);
    let Some(start) = call.words.iter().position(is_start) else {
        return Ok(());
    };
    reader.found.unclear |= call.open;
    let words = call.words.get(start..).unwrap_or_default();
    let value = |word: &'_ Word<'_>| {
        let value = word.text.rsplit('=').next().unwrap_or_default();
        base(value).to_owned()
    };
    for word in words {
        reader.found.refused |= reader.deny.denied(&value(word)).is_some();
        if starts.contains(&"") && word.text.contains(' ') {
            reader.line_of(word)?;
        }
    }
    // A line for a shell, behind its name or behind an option: the first is the one.
    let shell = words.iter().position(|word| is_shell(&value(word)));
    let gives_code = |word: &Word<'_>| {
        word.text.starts_with('-') && word.text.contains('c') || !word.fixed || word.text == "--run"
    };
    let from = match shell {
        Some(shell) => shell,
        None if starts.contains(&"-c") => 0,
        None => return Ok(()),
    };
    let behind = words.get(from.saturating_add(1)..).unwrap_or_default();
    match behind.iter().position(gives_code) {
        Some(at) if shell.is_some() => {
            let code = behind.get(at.saturating_add(1)..).unwrap_or_default();
            reader.code(call.with(code.get(..1).unwrap_or_default()))?;
        }
        Some(at) => {
            if let Some(line) = behind.get(at.saturating_add(1)) {
                reader.line_of(line)?;
            }
        }
        None => reader.found.unclear |= call.reads && shell.is_some(),
    }
    Ok(())
}

/// `git`, of which a few options and settings are commands.
pub(super) fn git<'w, 't>(reader: &mut Reader<'_, '_>, mut call: Call<'w, 't>) -> Next<'w, 't> {
    const OPTIONS: Options = Options {
        flags: "pPhv",
        values: "Cc",
        long: &[
            "no-pager",
            "paginate",
            "bare",
            "no-optional-locks",
            "literal-pathspecs",
            "glob-pathspecs",
            "noglob-pathspecs",
            "icase-pathspecs",
            "no-replace-objects",
            "git-dir",
            "work-tree",
            "namespace",
            "html-path",
            "man-path",
            "info-path",
            "super-prefix",
            "no-lazy-fetch",
            "no-advice",
            "attr-source",
            "list-cmds",
            "exec-path",
        ],
        long_values: &["git-dir", "work-tree", "namespace"],
        ..Options::NONE
    };
    loop {
        if let [option, setting, ..] = call.words
            && option.text == "-c"
        {
            setting_of(reader, setting)?;
        }
        match OPTIONS.one(call) {
            One::Then(words) => call = call.with(words),
            One::Idle => return Ok(None),
            One::Unclear => {
                reader.found.unclear = true;
                return Ok(None);
            }
            One::Last(words) => {
                call = call.with(words);
                break;
            }
        }
    }
    let Some((sub, words)) = call.words.split_first() else {
        reader.found.unclear |= call.open;
        return Ok(None);
    };
    // What is no sub-command is an alias of the configuration.
    let sub = &*sub.text;
    match (sub, words.split_first()) {
        ("bisect", Some((run, command))) if run.text == "run" => {
            return Ok(Some(call.with(command)));
        }
        ("submodule", Some((each, lines))) if each.text == "foreach" => {
            let words = match Options::NONE.skip(call.with(lines)) {
                Skipped::At(words) => words,
                Skipped::Idle | Skipped::Unclear => lines.get(1..).unwrap_or_default(),
            };
            if !words.is_empty() {
                reader.joined(call.with(words))?;
            }
            return Ok(None);
        }
        _ => {}
    }
    let runs: &[&str] = match sub {
        "rebase" => &["-x", "--exec"],
        "difftool" | "mergetool" => &["-x", "--extcmd"],
        "grep" => &["-O", "--open-files-in-pager"],
        "clone" | "fetch" | "pull" | "ls-remote" => &["-u", "--upload-pack", "-c", "--config"],
        "push" | "archive" => &["--receive-pack", "--exec"],
        _ => &[],
    };
    let mut before = "";
    for word in words {
        let text = &*word.text;
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let filters = sub == "filter-branch" && before.ends_with("-filter");
        if matches!(before, "-c" | "--config") && runs.contains(&before) {
            setting_of(reader, word)?;
        } else if runs.contains(&before) || filters {
            reader.line_of(word)?;
        } else if runs.contains(&name) && !value.is_empty() {
            reader.line(value)?;
        } else if let Some(line) = text.strip_prefix('!')
            && sub == "config"
        {
            reader.line(line)?;
        }
        reader.found.unclear |= text.starts_with("ext::");
        before = text;
    }
    Ok(None)
}

/// Judges `key=value`, which may be a command.
fn setting_of(reader: &mut Reader<'_, '_>, setting: &Word<'_>) -> Result<(), Unclear> {
    const HARMLESS: &[&str] = &[
        "user.",
        "color.",
        "init.",
        "advice.",
        "commit.gpgsign",
        "http.",
        "safe.",
        "log.",
        "core.quotepath",
        "core.autocrlf",
        "core.abbrev",
        "protocol.version",
    ];
    let (key, value) = setting.text.split_once('=').unwrap_or((&setting.text, ""));
    let key = key.to_ascii_lowercase();
    if HARMLESS.iter().any(|harmless| key.starts_with(harmless)) {
        return Ok(());
    }
    if !setting.fixed {
        reader.found.unclear = true;
        return Ok(());
    }
    match value.strip_prefix('!').unwrap_or(value) {
        "" => Ok(()),
        line => reader.line(line),
    }
}
