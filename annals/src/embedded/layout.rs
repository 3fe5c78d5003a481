//! The files of the data directory, and how they are written safely.
//!
//! ```text
//! <data>/servers.json     ports and passwords, generated once (0600)
//! <data>/postgres         PGDATA
//! <data>/postgres.conf    settings, written at each start
//! <data>/nats/nats.conf   configuration with the users, written at each start
//! <data>/nats/store       JetStream
//! <data>/run              lock, pid files, logs
//! ```
//!
//! Directories owned by the servers' account are never written into by name with greater rights than its own, except
//! with exclusive creation and rename, which follow no symbolic link.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown, fchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::account::Account;
use crate::data_dir;

/// The data directory, absolute and without symbolic links.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of a directory that may not exist yet; creates it and its parents.
    pub(super) fn create(data_dir: &Path) -> Result<Self> {
        data_dir::prepare(data_dir)?;
        let root = data_dir.canonicalize().with_context(|| format!("cannot enter {}", data_dir.display()))?;
        ensure!(root.to_str().is_some(), "the data directory {} is not valid UTF-8", root.display());
        directory(&root.join("run"), 0o700)?;
        Ok(Self { root })
    }

    /// The layout of a directory that exists.
    pub(super) fn existing(data_dir: &Path) -> Option<Self> {
        data_dir.canonicalize().ok().map(|root| Self { root })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn run(&self, name: &str) -> PathBuf {
        self.root.join("run").join(name)
    }

    pub(super) fn endpoints(&self) -> PathBuf {
        self.root.join("servers.json")
    }

    pub(super) fn pgdata(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// Where initdb works; renamed to `pgdata` when complete.
    pub(super) fn new_pgdata(&self) -> PathBuf {
        self.root.join("postgres.new")
    }

    pub(super) fn postgres_conf(&self) -> PathBuf {
        self.root.join("postgres.conf")
    }

    pub(super) fn nats(&self) -> PathBuf {
        self.root.join("nats")
    }

    pub(super) fn nats_conf(&self) -> PathBuf {
        self.nats().join("nats.conf")
    }

    pub(super) fn nats_store(&self) -> PathBuf {
        self.nats().join("store")
    }

    /// Lets the servers' account pass through the data directory, and nobody else.
    pub(super) fn admit(&self, account: Option<&Account>) -> Result<()> {
        share_directory(&self.root, account)
    }
}

/// Makes a directory of ours that is there afterwards, whoever made it.
pub(super) fn directory(path: &Path, mode: u32) -> Result<()> {
    match DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("cannot create {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Makes a private directory that belongs to the servers' account.
pub(super) fn owned_directory(path: &Path, account: Option<&Account>) -> Result<()> {
    directory(path, 0o700)?;
    if let Some(account) = account {
        chown(path, Some(account.uid), Some(account.gid))
            .with_context(|| format!("cannot give {} to the user {}", path.display(), account.name))?;
    }
    Ok(())
}

/// Makes a directory of ours that the servers' account may pass through.
pub(super) fn share_directory(path: &Path, account: Option<&Account>) -> Result<()> {
    directory(path, 0o700)?;
    let Some(account) = account else { return Ok(()) };
    if account.can_enter(path)? {
        return Ok(());
    }
    let mode = fs::metadata(path)?.permissions().mode();
    chown(path, None, Some(account.gid))?;
    fs::set_permissions(path, Permissions::from_mode(mode | 0o010))?;
    Ok(())
}

/// Replaces a file at once, readable by us and, when there is one, by the servers' account.
pub(super) fn write_shared(path: &Path, text: &str, account: Option<&Account>) -> Result<()> {
    replace(path, text, account.map(|account| (None, account.gid)))
}

/// Replaces a file at once, readable by us only.
pub(super) fn write_private(path: &Path, text: &str) -> Result<()> {
    replace(path, text, None)
}

/// Replaces a file in a directory of the servers' account, which owns the result.
pub(super) fn write_owned(path: &Path, text: &str, account: Option<&Account>) -> Result<()> {
    replace(path, text, account.map(|account| (Some(account.uid), account.gid)))
}

fn replace(path: &Path, text: &str, owner: Option<(Option<u32>, u32)>) -> Result<()> {
    let write = || -> Result<()> {
        let fresh = path.with_extension("tmp");
        remove(&fresh)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        if let Some((uid, gid)) = owner {
            fchown(&file, uid, Some(gid))?;
            file.set_permissions(Permissions::from_mode(0o640))?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(fs::rename(&fresh, path)?)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Removes a file that is not there afterwards, whoever removed it.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}
