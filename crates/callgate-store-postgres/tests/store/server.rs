//! A Postgres server of our own: in a folder that goes away, behind a socket in it, and stopped
//! however this process ends.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Kibibytes that the servers of all tests may need at once, with some to spare.
const ROOM: u64 = 4 << 20;

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<(u32, u32)>,
    settings: Vec<String>,
    postmaster: Child,
    /// Once this is closed, be it by a kill, the server is stopped and its folder removed.
    _life: ChildStdin,
}

impl Server {
    /// Starts a server with `settings` of the form `name=value`; `None` where its programs are not
    /// installed.
    ///
    /// # Errors
    ///
    /// Fails where they are, and it does not start.
    pub(crate) fn start(settings: &[&str]) -> io::Result<Option<Self>> {
        Self::on(settings, |programs| {
            let mut init = Command::new(programs.join("initdb"));
            init.args(["-U", "gate", "-A", "trust", "-E", "UTF8", "--locale=C"]);
            init.args(["--no-sync", "--no-instructions"]);
            init
        })
    }

    /// Starts a replica of `of`, which follows it and answers questions.
    pub(crate) fn replica(of: &Self) -> io::Result<Option<Self>> {
        Self::on(&[], |programs| {
            let mut copy = Command::new(programs.join("pg_basebackup"));
            copy.args(["-U", "gate", "-h"]).arg(&of.folder);
            copy.args(["-R", "-c", "fast", "--no-sync"]);
            copy
        })
    }

    /// Starts a server on the data that a program makes, which is told where.
    fn on(settings: &[&str], make: impl FnOnce(&Path) -> Command) -> io::Result<Option<Self>> {
        let Some(programs) = programs() else {
            return Ok(None);
        };
        let mut folder = tempfile::Builder::new();
        let folder = folder.prefix("callgate-pg-").tempdir_in(place())?;
        let folder = folder.keep();
        // As the superuser it would refuse to run.
        let owner = if fs::metadata(&folder)?.uid() == 0 {
            Some(unprivileged()?)
        } else {
            None
        };
        if let Some((user, group)) = owner {
            chown(&folder, Some(user), Some(group))?;
        }
        let life = guard(&programs, &folder, owner)?;
        let mut program = as_owner(make(&programs), &folder, owner);
        let ended = program.arg("-D").arg(folder.join("data")).output()?;
        if !ended.status.success() {
            let said = String::from_utf8_lossy(&ended.stderr);
            return Err(io::Error::other(format!("there is no data: {said}")));
        }
        let settings: Vec<String> = settings.iter().map(|it| (*it).to_owned()).collect();
        let postmaster = launch(&programs, &folder, owner, &settings)?;
        let mut server = Self {
            programs,
            folder,
            owner,
            settings,
            postmaster,
            _life: life,
        };
        server.wait()?;
        Ok(Some(server))
    }

    /// The folder with its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.folder
    }

    /// Has it stop at once, as an administrator does in need: nothing is written back, and the next start
    /// recovers from what was written ahead.
    pub(crate) fn stop_immediately(&mut self) -> io::Result<()> {
        let mut stop = run_as(&self.programs.join("pg_ctl"), &self.folder, self.owner);
        stop.arg("-D").arg(self.folder.join("data"));
        let stopped = stop.args(["-m", "immediate", "-s", "stop"]).status()?;
        self.postmaster.wait()?;
        if stopped.success() {
            return Ok(());
        }
        Err(io::Error::other("the server did not stop"))
    }

    /// Kills it, as a loss of power of the process would; what was committed must be there
    /// afterwards. Returns once its sessions have noticed: each ends what it is doing first.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        let parent = self.postmaster.id();
        let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        self.postmaster.kill()?;
        self.postmaster.wait()?;
        let since = Instant::now();
        for child in children.unwrap_or_default().split_whitespace() {
            let child = Path::new("/proc").join(child);
            while child.exists() && since.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(2));
            }
        }
        Ok(())
    }

    /// Starts it again after a kill.
    pub(crate) fn restart(&mut self) -> io::Result<()> {
        self.postmaster = launch(&self.programs, &self.folder, self.owner, &self.settings)?;
        self.wait()
    }

    /// Returns once it takes connections.
    fn wait(&mut self) -> io::Result<()> {
        let since = Instant::now();
        let ready = self.programs.join("pg_isready");
        while since.elapsed() < PATIENCE {
            let mut ask = Command::new(&ready);
            ask.arg("-q").arg("-h").arg(&self.folder);
            if UnixStream::connect(self.folder.join(".s.PGSQL.5432")).is_ok()
                && ask.status()?.success()
            {
                return Ok(());
            }
            if self.postmaster.try_wait()?.is_some() {
                // The processes of one that was killed may still be there.
                thread::sleep(Duration::from_millis(100));
                self.postmaster = launch(&self.programs, &self.folder, self.owner, &self.settings)?;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(io::Error::other(format!("the server did not start: {log}")))
    }
}

/// Where the folders of servers are: in memory where there is room, since a hundred databases are
/// thousands of files to be synced. No server here loses more than its processes, and what these have
/// written is there afterwards on any file system.
fn place() -> PathBuf {
    const MEMORY: &str = "/dev/shm";
    let found = Command::new("df").args(["-Pk", MEMORY]).output();
    let said = found.map_or_else(
        |_| String::new(),
        |it| String::from_utf8_lossy(&it.stdout).into_owned(),
    );
    // File system, size, used, available.
    let line = said
        .lines()
        .last()
        .filter(|line| line.starts_with("tmpfs "));
    let free = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    let roomy = free.is_some_and(|free: u64| free > ROOM);
    if roomy {
        MEMORY.into()
    } else {
        std::env::temp_dir()
    }
}

/// Where the programs of a server are: on the path, or where Debian keeps them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut debian: Vec<PathBuf> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    folders.extend(debian.into_iter().rev());
    let needed = [
        "initdb",
        "pg_basebackup",
        "postgres",
        "pg_ctl",
        "pg_isready",
    ];
    let has_all = |folder: &PathBuf| needed.iter().all(|name| folder.join(name).is_file());
    folders.into_iter().find(has_all)
}

/// Somebody who is not the superuser: user and group.
fn unprivileged() -> io::Result<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut numbers = line.split(':').skip(2).map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    };
    let found = find("postgres").or_else(|| find("nobody"));
    found.ok_or_else(|| io::Error::other("there is no user `postgres` or `nobody`"))
}

fn run_as(program: &Path, folder: &Path, owner: Option<(u32, u32)>) -> Command {
    as_owner(Command::new(program), folder, owner)
}

fn as_owner(mut command: Command, folder: &Path, owner: Option<(u32, u32)>) -> Command {
    command.current_dir(folder).env("LC_ALL", "C");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}

fn launch(
    programs: &Path,
    folder: &Path,
    owner: Option<(u32, u32)>,
    settings: &[String],
) -> io::Result<Child> {
    let log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join("log"))?;
    let mut server = run_as(&programs.join("postgres"), folder, owner);
    server.arg("-D").arg(folder.join("data"));
    let mut sockets = OsString::from("unix_socket_directories=");
    sockets.push(folder);
    server.args(["-c", "listen_addresses=", "-c"]).arg(sockets);
    server.args(["-c", "max_connections=200", "-c", "shared_buffers=32MB"]);
    for setting in settings {
        server.arg("-c").arg(setting);
    }
    server.stderr(log).spawn()
}

/// A shell that waits for our end, and then cleans up.
fn guard(programs: &Path, folder: &Path, owner: Option<(u32, u32)>) -> io::Result<ChildStdin> {
    let mut shell = run_as(Path::new("sh"), Path::new("/"), owner);
    shell.arg("-c").arg(
        "trap '' INT HUP TERM; read -r _; \"$0\" -D \"$1/data\" -m immediate -s stop; rm -rf \"$1\"",
    );
    shell.arg(programs.join("pg_ctl")).arg(folder);
    let mut shell = shell.stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let life = shell.stdin.take();
    life.ok_or_else(|| io::Error::other("the shell has no input"))
}
