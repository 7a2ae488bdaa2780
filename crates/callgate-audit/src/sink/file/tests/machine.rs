//! A disk in memory, which keeps what was written apart from what is safe.
//!
//! Writes go to a cache. A sync carries them to the platter, sector by sector. When power is lost,
//! any choice of the sectors, lengths and names that were not synced may have arrived. A process
//! that is killed loses nothing but its locks.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::sim::Sim;
use crate::sink::file::disk::Seen;

/// What goes wrong in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is refused; a sync that is refused forgets what it should have carried over.
    Error(ErrorKind),
    /// A write takes half of it, a read gives half; other steps are as ever.
    Short,
    /// The step is not done, nor any after it.
    Dead,
}

/// A machine with one disk.
#[derive(Clone, Debug)]
pub(crate) struct Machine(Arc<Mutex<World>>);

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
    /// By number of the file.
    pub(crate) locks: BTreeSet<usize>,
    pub(crate) sector: usize,
    /// How many steps were taken, and what goes wrong in which.
    pub(crate) steps: u64,
    pub(crate) faults: HashMap<u64, Fault>,
    /// Which life of the process it is, and whether it has ended.
    pub(crate) life: u64,
    pub(crate) dead: bool,
    /// How many bytes there is room for.
    pub(crate) room: usize,
    /// A sync says that it has done its work, and has not.
    pub(crate) lies: bool,
    read_only: bool,
}

#[derive(Debug)]
pub(crate) enum Node {
    File(Content),
    Folder(Names),
}

#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) now: Vec<u8>,
    safe: Vec<u8>,
    /// Sectors that differ, as far as the system knows.
    pub(crate) dirty: BTreeSet<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) now: BTreeMap<OsString, usize>,
    pub(crate) safe: BTreeMap<OsString, usize>,
    pub(crate) changes: Vec<Change>,
}

#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) gone: Option<OsString>,
    /// A name, and of which file.
    pub(crate) made: Option<(OsString, usize)>,
}

impl Machine {
    /// An empty disk, whose sectors have so many bytes.
    pub(crate) fn new(sector: usize) -> Self {
        Self(Arc::new(Mutex::new(World {
            nodes: vec![Node::Folder(Names::default())],
            locks: BTreeSet::new(),
            sector,
            steps: 0,
            faults: HashMap::new(),
            life: 0,
            dead: false,
            room: usize::MAX,
            lies: false,
            read_only: false,
        })))
    }

    /// The disk, as the process of now sees it.
    pub(crate) fn disk(&self) -> Sim {
        self.disk_of(1)
    }

    /// The same for the process with this number.
    pub(crate) fn disk_of(&self, process: u32) -> Sim {
        let life = self.world().life;
        Sim::new(self.clone(), life, process)
    }

    /// How many steps were taken so far.
    pub(crate) fn steps(&self) -> u64 {
        self.world().steps
    }

    /// What goes wrong `ahead` steps from now; 0 is the next one.
    pub(crate) fn fault(&self, ahead: u64, fault: Fault) {
        let mut world = self.world();
        let at = world.steps + ahead;
        world.faults.insert(at, fault);
    }

    pub(crate) fn heal(&self) {
        let mut world = self.world();
        world.faults.clear();
        world.room = usize::MAX;
        world.lies = false;
        world.read_only = false;
    }

    /// From now on there is room for `bytes` more.
    pub(crate) fn room(&self, bytes: usize) {
        let mut world = self.world();
        world.room = world.used() + bytes;
    }

    pub(crate) fn lies(&self) {
        self.world().lies = true;
    }

    pub(crate) fn read_only(&self) {
        self.world().read_only = true;
    }

    /// The process ends; another one starts.
    pub(crate) fn kill(&self) {
        let mut world = self.world();
        world.life += 1;
        world.dead = false;
        world.locks.clear();
        world.faults.clear();
    }

    /// Power is lost. Of what was not synced, arrives what `arrives` says.
    pub(crate) fn crash(&self, mut arrives: impl FnMut() -> bool) {
        self.kill();
        let mut world = self.world();
        let sector = world.sector;
        for node in &mut world.nodes {
            match node {
                Node::File(content) => content.crash(sector, &mut arrives),
                Node::Folder(names) => names.crash(&mut arrives),
            }
        }
    }

    /// How many choices there are if power is lost now.
    pub(crate) fn unsynced(&self) -> usize {
        let world = self.world();
        let choices = world.nodes.iter().map(|node| match node {
            Node::File(content) => {
                content.dirty.len() + usize::from(content.now.len() != content.safe.len())
            }
            Node::Folder(names) => names.changes.len(),
        });
        choices.sum()
    }

    /// The names in a folder.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let world = self.world();
        let Ok(id) = world.find(Path::new(folder)) else {
            return Vec::new();
        };
        let names = world.folder(id).unwrap().now.keys();
        names
            .map(|name| name.to_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn content(&self, path: &str) -> Vec<u8> {
        let world = self.world();
        let id = world.find(Path::new(path)).unwrap();
        world.file(id).unwrap().now.clone()
    }

    /// Changes a file behind everybody's back, on the platter as well.
    pub(crate) fn tamper(&self, path: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut world = self.world();
        let id = world.find(Path::new(path)).unwrap();
        let Node::File(content) = &mut world.nodes[id] else {
            panic!("{path} is a folder");
        };
        change(&mut content.now);
        content.safe.clone_from(&content.now);
        content.dirty.clear();
    }

    /// Takes a name away, or gives it to another file.
    pub(crate) fn unlink(&self, path: &str, put: Option<Vec<u8>>) {
        let mut world = self.world();
        let path = Path::new(path);
        let parent = world.find(path.parent().unwrap()).unwrap();
        let name = path.file_name().unwrap().to_owned();
        let node = world.nodes.len();
        let is_put = put.is_some();
        if let Some(now) = put {
            world.nodes.push(Node::File(Content {
                safe: now.clone(),
                now,
                dirty: BTreeSet::new(),
            }));
        }
        let Node::Folder(names) = &mut world.nodes[parent] else {
            panic!("not in a folder");
        };
        for names in [&mut names.now, &mut names.safe] {
            names.remove(&name);
            if is_put {
                names.insert(name.clone(), node);
            }
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn crash(&mut self, sector: usize, arrives: &mut impl FnMut() -> bool) {
        let mut after = self.safe.clone();
        if self.now.len() != self.safe.len() && arrives() {
            after.resize(self.now.len(), 0);
        }
        for number in std::mem::take(&mut self.dirty) {
            if arrives() {
                let start = number * sector;
                let end = (start + sector).min(self.now.len()).min(after.len());
                if start < end {
                    after[start..end].copy_from_slice(&self.now[start..end]);
                }
            }
        }
        self.now.clone_from(&after);
        self.safe = after;
    }

    pub(crate) fn sync(&mut self, sector: usize) {
        self.safe.resize(self.now.len(), 0);
        for number in std::mem::take(&mut self.dirty) {
            let start = number * sector;
            let end = (start + sector).min(self.now.len());
            if start < end {
                self.safe[start..end].copy_from_slice(&self.now[start..end]);
            }
        }
    }
}

impl Names {
    pub(crate) fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.changes.push(change);
    }

    fn crash(&mut self, arrives: &mut impl FnMut() -> bool) {
        for change in std::mem::take(&mut self.changes) {
            if arrives() {
                change.apply(&mut self.safe);
            }
        }
        self.now.clone_from(&self.safe);
    }
}

impl Change {
    fn apply(&self, names: &mut BTreeMap<OsString, usize>) {
        if let Some(gone) = &self.gone {
            names.remove(gone);
        }
        if let Some((name, node)) = &self.made {
            names.insert(name.clone(), *node);
        }
    }
}

impl World {
    pub(crate) fn find(&self, path: &Path) -> io::Result<usize> {
        let mut at = 0;
        for part in path.components() {
            if let Component::Normal(name) = part {
                let names = self.folder(at)?;
                at = *names.now.get(name).ok_or(ErrorKind::NotFound)?;
            }
        }
        Ok(at)
    }

    pub(crate) fn folder(&self, id: usize) -> io::Result<&Names> {
        match &self.nodes[id] {
            Node::Folder(names) => Ok(names),
            Node::File(_) => Err(ErrorKind::NotADirectory.into()),
        }
    }

    pub(crate) fn file(&self, id: usize) -> io::Result<&Content> {
        match &self.nodes[id] {
            Node::File(content) => Ok(content),
            Node::Folder(_) => Err(ErrorKind::IsADirectory.into()),
        }
    }

    pub(crate) fn file_mut(&mut self, id: usize) -> io::Result<&mut Content> {
        match &mut self.nodes[id] {
            Node::File(content) => Ok(content),
            Node::Folder(_) => Err(ErrorKind::IsADirectory.into()),
        }
    }

    pub(crate) fn seen(&self, id: usize) -> Seen {
        let length = match &self.nodes[id] {
            Node::File(content) => content.now.len(),
            Node::Folder(_) => 0,
        };
        Seen {
            identity: Some((0, id as u64)),
            length: length as u64,
        }
    }

    pub(crate) fn used(&self) -> usize {
        let lengths = self.nodes.iter().map(|node| match node {
            Node::File(content) => content.now.len(),
            Node::Folder(_) => 0,
        });
        lengths.sum()
    }

    pub(crate) fn writable(&self) -> io::Result<()> {
        if self.read_only {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        Ok(())
    }

    pub(crate) fn add(&mut self, path: &Path, node: Node) -> io::Result<usize> {
        if self.find(path).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.writable()?;
        let parent = self.find(path.parent().ok_or(ErrorKind::NotFound)?)?;
        let name = path.file_name().ok_or(ErrorKind::NotFound)?.to_owned();
        self.folder(parent)?;
        if self.used() >= self.room {
            return Err(ErrorKind::StorageFull.into());
        }
        let id = self.nodes.len();
        self.nodes.push(node);
        if let Node::Folder(names) = &mut self.nodes[parent] {
            names.change(Change {
                gone: None,
                made: Some((name, id)),
            });
        }
        Ok(id)
    }
}
