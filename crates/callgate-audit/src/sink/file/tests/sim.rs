//! A machine's disk, as a process uses it.

use std::ffi::OsString;
use std::fs::TryLockError;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::MutexGuard;

use super::machine::{Change, Content, Fault, Machine, Names, Node, World};
use crate::sink::file::disk::{Disk, DiskFile, DiskFolder, Seen};

/// The disk of a machine, as one process sees it.
#[derive(Clone, Debug)]
pub(crate) struct Sim {
    machine: Machine,
    life: u64,
    process: u32,
}

impl Sim {
    pub(crate) const fn new(machine: Machine, life: u64, process: u32) -> Self {
        Self {
            machine,
            life,
            process,
        }
    }

    /// Takes a step; says whether it is only to be half done.
    fn step(&self) -> io::Result<(MutexGuard<'_, World>, bool)> {
        let mut world = self.machine.world();
        if world.dead || world.life != self.life {
            return Err(io::Error::other("the process has ended"));
        }
        let number = world.steps;
        world.steps += 1;
        match world.faults.get(&number).copied() {
            None => Ok((world, false)),
            Some(Fault::Short) => Ok((world, true)),
            Some(Fault::Error(kind)) => Err(kind.into()),
            Some(Fault::Dead) => {
                world.dead = true;
                Err(io::Error::other("the process has ended"))
            }
        }
    }

    fn opened(&self, id: usize, locked: bool) -> SimFile {
        SimFile {
            disk: self.clone(),
            id,
            locked,
        }
    }
}

impl Disk for Sim {
    type File = SimFile;
    type Folder = SimFile;

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let (mut world, _) = self.step()?;
        world.add(path, Node::Folder(Names::default())).map(drop)
    }

    fn open_folder(&self, path: &Path) -> io::Result<SimFile> {
        let (world, _) = self.step()?;
        let id = world.find(path)?;
        world.folder(id)?;
        Ok(self.opened(id, false))
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let (world, _) = self.step()?;
        let id = world.find(folder)?;
        Ok(world.folder(id)?.now.keys().cloned().collect())
    }

    fn create(&self, path: &Path) -> io::Result<SimFile> {
        let (mut world, _) = self.step()?;
        let id = world.add(path, Node::File(Content::default()))?;
        Ok(self.opened(id, false))
    }

    fn replace(&self, path: &Path) -> io::Result<SimFile> {
        let (mut world, _) = self.step()?;
        world.writable()?;
        let id = match world.find(path) {
            Ok(id) => {
                world.file_mut(id)?.now.clear();
                id
            }
            Err(_) => world.add(path, Node::File(Content::default()))?,
        };
        Ok(self.opened(id, false))
    }

    fn open(&self, path: &Path) -> io::Result<SimFile> {
        let (world, _) = self.step()?;
        world.writable()?;
        Ok(self.opened(world.find(path)?, false))
    }

    fn open_to_read(&self, path: &Path) -> io::Result<SimFile> {
        let (world, _) = self.step()?;
        Ok(self.opened(world.find(path)?, false))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (mut world, _) = self.step()?;
        world.writable()?;
        let node = world.find(from)?;
        let parent = world.find(from.parent().unwrap())?;
        assert_eq!(from.parent(), to.parent(), "only within a folder");
        if let Node::Folder(names) = &mut world.nodes[parent] {
            names.change(Change {
                gone: from.file_name().map(ToOwned::to_owned),
                made: Some((to.file_name().unwrap().to_owned(), node)),
            });
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let (mut world, _) = self.step()?;
        world.writable()?;
        world.find(path)?;
        let parent = world.find(path.parent().unwrap())?;
        if let Node::Folder(names) = &mut world.nodes[parent] {
            names.change(Change {
                gone: path.file_name().map(ToOwned::to_owned),
                made: None,
            });
        }
        Ok(())
    }

    fn lock(&self, path: &Path) -> Result<SimFile, TryLockError> {
        let (mut world, _) = self.step().map_err(TryLockError::Error)?;
        let id = match world.find(path) {
            Ok(id) => id,
            Err(_) => world
                .add(path, Node::File(Content::default()))
                .map_err(TryLockError::Error)?,
        };
        if !world.locks.insert(id) {
            return Err(TryLockError::WouldBlock);
        }
        Ok(self.opened(id, true))
    }

    fn look(&self, path: &Path) -> io::Result<Seen> {
        let (world, _) = self.step()?;
        let id = world.find(path)?;
        Ok(world.seen(id))
    }

    fn process(&self) -> u32 {
        self.process
    }
}

/// A file or folder that is open.
#[derive(Debug)]
pub(crate) struct SimFile {
    disk: Sim,
    id: usize,
    locked: bool,
}

impl DiskFile for SimFile {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let (world, short) = self.disk.step()?;
        let content = &world.file(self.id)?.now;
        let start = usize::try_from(at).unwrap().min(content.len());
        let mut length = buffer.len().min(content.len() - start);
        if short {
            length = length.div_ceil(2);
        }
        buffer[..length].copy_from_slice(&content[start..start + length]);
        Ok(length)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        let (mut world, short) = self.disk.step()?;
        world.writable()?;
        let start = usize::try_from(at).unwrap();
        let mut length = bytes.len();
        if short {
            length = length.div_ceil(2);
        }
        let (room, sector) = (world.room.saturating_sub(world.used()), world.sector);
        let content = world.file_mut(self.id)?;
        let grows = (start + length).saturating_sub(content.now.len());
        if grows > room {
            length -= (grows - room).min(length);
        }
        if length == 0 {
            return Err(ErrorKind::StorageFull.into());
        }
        let end = start + length;
        if content.now.len() < end {
            content.now.resize(end, 0);
        }
        content.now[start..end].copy_from_slice(&bytes[..length]);
        content.dirty.extend(start / sector..=(end - 1) / sector);
        Ok(length)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let (mut world, _) = self.disk.step()?;
        world.writable()?;
        let sector = world.sector;
        let content = world.file_mut(self.id)?;
        let length = usize::try_from(length).unwrap();
        content.now.resize(length, 0);
        // The rest of the last sector is zeros, should the file become longer again.
        if length % sector > 0 {
            content.dirty.insert(length / sector);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync_all()
    }

    fn sync_all(&self) -> io::Result<()> {
        let step = self.disk.step().map(|(world, _)| world.lies);
        let mut world = self.disk.machine.world();
        let sector = world.sector;
        match step {
            Ok(true) => Ok(()),
            Ok(false) => {
                world.file_mut(self.id)?.sync(sector);
                Ok(())
            }
            Err(error) => {
                // What could not be carried over counts as clean: the next sync does not try it.
                if !world.dead {
                    world.file_mut(self.id)?.dirty.clear();
                }
                Err(error)
            }
        }
    }

    fn look(&self) -> io::Result<Seen> {
        let (world, _) = self.disk.step()?;
        Ok(world.seen(self.id))
    }
}

impl DiskFolder for SimFile {
    fn sync(&self) -> io::Result<()> {
        let (mut world, _) = self.disk.step()?;
        if world.lies {
            return Ok(());
        }
        if let Node::Folder(names) = &mut world.nodes[self.id] {
            names.safe.clone_from(&names.now);
            names.changes.clear();
        }
        Ok(())
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        let mut world = self.disk.machine.world();
        if self.locked && world.life == self.disk.life {
            world.locks.remove(&self.id);
        }
    }
}
