//! One program per data directory: an advisory file lock, because nats-server takes none of its own.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Held until dropped or until this process ends, however it ends.
pub(super) struct Lock {
    file: File,
}

impl Lock {
    pub(super) fn acquire(path: &Path) -> Result<Self> {
        let mut file = open(path)?;
        // Somebody who only looks whether we run holds the lock for an instant.
        for _ in 0..5 {
            if taken(&file)? {
                write!(file, "{}", std::process::id())?;
                return Ok(Self { file });
            }
            sleep(Duration::from_millis(50));
        }
        bail!(
            "another program (pid {}) is using this data directory: its lock is {}",
            holder(&mut file),
            path.display()
        )
    }

    /// Whether some program holds the lock now.
    pub(super) fn is_held(path: &Path) -> bool {
        match File::open(path) {
            Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }
}

/// Unlocked by name, not by closing alone: a process that is being started shares the open file until its `exec`.
impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the lock of the data directory ends with this process only");
        }
    }
}

fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn taken(file: &File) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => file.set_len(0).map(|()| true).context("cannot write the lock file"),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock the data directory"),
    }
}

fn holder(file: &mut File) -> String {
    let mut pid = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut pid));
    match read {
        Ok(1..) => pid,
        _ => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_lock_is_free_also_while_a_starting_process_shares_its_file() {
        let path = std::env::temp_dir().join(format!("annals-lock-{}", std::process::id()));
        let lock = Lock::acquire(&path).unwrap();
        let shared_as_by_fork = lock.file.try_clone().unwrap();

        drop(lock);

        assert!(!Lock::is_held(&path));
        drop(shared_as_by_fork);
        std::fs::remove_file(path).unwrap();
    }
}
