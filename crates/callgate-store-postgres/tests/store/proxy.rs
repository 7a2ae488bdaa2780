//! A man in the middle: it can lose answers, hold questions back, and hang up.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// Stands before a server. What is said of links is said of those that are there by then: later ones
/// work.
pub(crate) struct Proxy {
    folder: tempfile::TempDir,
    links: Arc<Mutex<Vec<Arc<Link>>>>,
}

/// One connection.
struct Link {
    client: UnixStream,
    server: UnixStream,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Answers go nowhere.
    deaf: bool,
    /// Questions wait.
    held: bool,
    /// The next answer goes nowhere, and then the line is cut.
    cut: bool,
    /// How many bytes of answers came and were not passed on.
    lost: usize,
}

impl Proxy {
    pub(crate) fn before(server: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let links: Arc<Mutex<Vec<Arc<Link>>>> = Arc::default();
        let (server, all) = (socket(server), Arc::clone(&links));
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                // Nobody answers while the server is down.
                let Ok(server) = UnixStream::connect(&server) else {
                    continue;
                };
                let link = Arc::new(Link {
                    client,
                    server,
                    state: Mutex::default(),
                    changed: Condvar::new(),
                });
                all.lock().unwrap().push(Arc::clone(&link));
                let back = Arc::clone(&link);
                thread::spawn(move || link.forward());
                thread::spawn(move || back.backward());
            }
        });
        Self { folder, links }
    }

    /// The connection string `database`, by way of the proxy.
    pub(crate) fn way(&self, database: &str) -> String {
        let rest = database.split_once(' ').unwrap().1;
        format!("host={} {rest}", self.folder.path().display())
    }

    fn all(&self, change: impl Fn(&mut State)) {
        for link in &*self.links.lock().unwrap() {
            change(&mut link.state.lock().unwrap());
            link.changed.notify_all();
        }
    }

    /// From now on answers are lost.
    pub(crate) fn lose_answers(&self) {
        self.all(|state| state.deaf = true);
    }

    /// The next answer is lost, and the line cut.
    pub(crate) fn cut_at_the_next_answer(&self) {
        self.all(|state| state.cut = true);
    }

    /// Questions wait, until they are let go.
    pub(crate) fn hold_questions(&self) {
        self.all(|state| state.held = true);
    }

    pub(crate) fn let_go(&self) {
        self.all(|state| state.held = false);
    }

    /// Returns once an answer was lost.
    pub(crate) fn has_lost_something(&self) {
        loop {
            let links = self.links.lock().unwrap();
            if links.iter().any(|link| link.state.lock().unwrap().lost > 0) {
                return;
            }
            drop(links);
            thread::yield_now();
        }
    }
}

impl Link {
    fn forward(&self) {
        let mut chunk = [0; 16 << 10];
        while let Ok(read @ 1..) = (&self.client).read(&mut chunk) {
            let state = self.state.lock().unwrap();
            let state = self.changed.wait_while(state, |state| state.held);
            drop(state);
            if (&self.server).write_all(&chunk[..read]).is_err() {
                break;
            }
        }
        // What was held back arrives, though nobody waits for an answer any more.
        let _closed = self.server.shutdown(Shutdown::Write);
    }

    fn backward(&self) {
        let mut chunk = [0; 16 << 10];
        while let Ok(read @ 1..) = (&self.server).read(&mut chunk) {
            let mut state = self.state.lock().unwrap();
            if state.cut || state.deaf {
                state.lost += read;
                if state.cut {
                    break;
                }
                continue;
            }
            drop(state);
            if (&self.client).write_all(&chunk[..read]).is_err() {
                break;
            }
        }
        let _closed = self.client.shutdown(Shutdown::Both);
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join(".s.PGSQL.5432")
}
