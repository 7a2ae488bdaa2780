//! Wrappers that change where, or as whom, a command runs.

use super::options::Options;
use super::wrappers::{PLAIN, Wrapper};

const NONE: Options = Options::NONE;

pub(super) const ELSEWHERE: &[Wrapper] = &[
    Wrapper {
        names: &["chroot"],
        options: Options {
            values: "ugG",
            long: &["skip-chdir"],
            long_values: &["userspec", "groups"],
            ..NONE
        },
        operands: 1,
        alone: true,
        ..PLAIN
    },
    Wrapper {
        names: &["unshare"],
        options: Options {
            flags: "muinpUCTfrc",
            values: "SGRw",
            long: &[
                "mount",
                "uts",
                "ipc",
                "net",
                "pid",
                "user",
                "cgroup",
                "time",
                "fork",
                "map-root-user",
                "map-current-user",
                "map-auto",
                "keep-caps",
                "mount-proc",
                "kill-child",
                "mount-binfmt",
            ],
            long_values: &[
                "root",
                "wd",
                "setuid",
                "setgid",
                "map-user",
                "map-group",
                "map-users",
                "map-groups",
                "propagation",
                "setgroups",
                "monotonic",
                "boottime",
            ],
            ..NONE
        },
        alone: true,
        ..PLAIN
    },
    Wrapper {
        names: &["nsenter"],
        options: Options {
            flags: "amuinpUCTFZe",
            values: "tSGW",
            long: &[
                "all",
                "mount",
                "uts",
                "ipc",
                "net",
                "pid",
                "user",
                "cgroup",
                "time",
                "no-fork",
                "preserve-credentials",
                "env",
                "root",
                "wd",
            ],
            long_values: &["target", "setuid", "setgid", "wdns"],
            ..NONE
        },
        alone: true,
        ..PLAIN
    },
    Wrapper {
        names: &["setpriv"],
        options: Options {
            flags: "d",
            long: &[
                "clear-groups",
                "keep-groups",
                "init-groups",
                "no-new-privs",
                "reset-env",
            ],
            long_values: &[
                "reuid",
                "regid",
                "ruid",
                "euid",
                "rgid",
                "egid",
                "groups",
                "inh-caps",
                "ambient-caps",
                "bounding-set",
                "securebits",
                "pdeathsig",
            ],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["chrt", "taskset"],
        options: Options {
            flags: "abcfiorRv",
            values: "TPD",
            long: &[
                "all-tasks",
                "batch",
                "fifo",
                "idle",
                "other",
                "rr",
                "cpu-list",
            ],
            idle: &["--help", "--version", "-p", "--pid", "-m"],
            ..NONE
        },
        operands: 1,
        ..PLAIN
    },
    Wrapper {
        names: &["strace"],
        options: Options {
            flags: "fFtTrvxyqciCdzZwnkD",
            values: "eoapsSuPIOEXbU",
            idle: &["--help", "--version", "-V", "-h"],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["gosu", "su-exec", "faketime"],
        operands: 1,
        ..PLAIN
    },
    Wrapper {
        names: &["sshpass"],
        options: Options {
            flags: "ev",
            values: "pfdP",
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["pkexec"],
        options: Options {
            long: &["disable-internal-agent", "keep-cwd"],
            long_values: &["user"],
            ..NONE
        },
        alone: true,
        ..PLAIN
    },
    Wrapper {
        names: &["tini", "caffeinate", "entr", "unbuffer"],
        options: Options {
            flags: "acdgimnprsuvxz",
            values: "twe",
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["xvfb-run"],
        options: Options {
            flags: "al",
            values: "efnps",
            long: &["auto-servernum", "auto-display"],
            long_values: &["server-args", "server-num"],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["systemd-run"],
        options: Options {
            flags: "tGPqrdS",
            values: "pEHMu",
            long: &[
                "user",
                "system",
                "scope",
                "pty",
                "pipe",
                "wait",
                "collect",
                "quiet",
                "no-block",
                "same-dir",
                "no-ask-password",
            ],
            long_values: &[
                "unit",
                "property",
                "description",
                "slice",
                "uid",
                "gid",
                "nice",
                "setenv",
                "working-directory",
                "service-type",
            ],
            ..NONE
        },
        ..PLAIN
    },
    Wrapper {
        names: &["npx", "bunx", "pnpx"],
        options: Options {
            flags: "yq",
            values: "p",
            long: &[
                "yes",
                "no",
                "quiet",
                "no-install",
                "ignore-existing",
                "offline",
                "bun",
            ],
            long_values: &["package"],
            idle: &["--help", "--version", "-v"],
        },
        ..PLAIN
    },
];
