//! The unprivileged user that the servers run as when we are root: PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use nix::unistd::{Uid, User};

use super::layout::Layout;

/// Somebody else than us, to run the servers. There is none when we are not root: then the servers run as us.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    /// Who must run the servers of this data directory: the owner of its database, else `postgres`, else `nobody`.
    pub(super) fn choose(layout: &Layout) -> Result<Option<Self>> {
        let owner = fs::metadata(layout.pgdata()).ok().map(|data| (data.uid(), data.gid()));
        if !Uid::effective().is_root() {
            ensure_mine(owner, layout)?;
            return Ok(None);
        }
        let account = match owner {
            Some((uid, gid)) if uid != 0 => Self { name: name_of(uid), uid, gid },
            _ => Self::unprivileged()?,
        };
        account.check_parents(layout.root())?;
        Ok(Some(account))
    }

    fn unprivileged() -> Result<Self> {
        for name in ["postgres", "nobody"] {
            if let Some(user) = User::from_name(name).context("cannot look up users")? {
                return Ok(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() });
            }
        }
        bail!("PostgreSQL cannot run as root, and there is neither a user `postgres` nor `nobody` to run it")
    }

    /// Whether the mode of a directory lets this account pass, without any other group.
    pub(super) fn can_enter(&self, directory: &Path) -> Result<bool> {
        let data = fs::metadata(directory).with_context(|| format!("cannot read {}", directory.display()))?;
        let bit = match (data.uid() == self.uid, data.gid() == self.gid) {
            (true, _) => 0o100,
            (false, true) => 0o010,
            (false, false) => 0o001,
        };
        Ok(data.mode() & bit != 0)
    }

    pub(super) fn check_parents(&self, data_dir: &Path) -> Result<()> {
        for parent in data_dir.ancestors().skip(1) {
            ensure!(
                self.can_enter(parent)?,
                "PostgreSQL cannot run as root, and the user `{}` that runs it instead may not enter {}, \
                 a parent of the data directory {}; choose another one with ANNALS_DATA_DIR \
                 (for example /var/lib/annals), or start Annals as an ordinary user",
                self.name,
                parent.display(),
                data_dir.display(),
            );
        }
        Ok(())
    }
}

fn ensure_mine(owner: Option<(u32, u32)>, layout: &Layout) -> Result<()> {
    match owner {
        Some((uid, _)) if uid != Uid::effective().as_raw() => {
            bail!(
                "{} belongs to the user `{}`: start Annals as that user or as root",
                layout.pgdata().display(),
                name_of(uid)
            )
        }
        _ => Ok(()),
    }
}

fn name_of(uid: u32) -> String {
    let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
    user.map_or_else(|| uid.to_string(), |user| user.name)
}
