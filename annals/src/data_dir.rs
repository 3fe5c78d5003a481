//! The data directory: nobody else's from the first moment, whatever the umask is and whoever asks for it first.

use anyhow::{Context, Result};
use nix::unistd::Uid;
use std::{
    fs::{self, DirBuilder, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::Path,
};

const OWNER_ONLY: u32 = 0o700;
/// Group and others may at most pass through: the servers' account does, when we are root.
const PASS_THROUGH: u32 = 0o710;
/// A directory that many write into, such as /tmp, is nobody's to close.
const STICKY: u32 = 0o1000;

/// Makes the directory with mode 0700, and its parents as usual. One of ours that others may read is closed to them.
///
/// # Errors
/// If it can be neither made nor closed.
pub fn prepare(path: &Path) -> Result<()> {
    make(path)
        .and_then(|()| close(path))
        .with_context(|| format!("cannot make the data directory {} private", path.display()))
}

fn make(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(OWNER_ONLY).create(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn close(path: &Path) -> io::Result<()> {
    let data = fs::metadata(path)?;
    let (mode, ours) = (data.mode() & 0o7777, data.uid() == Uid::effective().as_raw());
    if !ours || mode & STICKY != 0 || mode & !PASS_THROUGH == 0 {
        return Ok(());
    }
    tracing::warn!(path = %path.display(), mode = format!("{mode:o}"), "the data directory was open to others");
    fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("annals-data-dir-{name}-{}", std::process::id()));
            fs::remove_dir_all(&path).ok();
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn new_directory_is_its_owners_only() {
        let scratch = Scratch::new("new");
        let data = scratch.0.join("deep/data");

        prepare(&data).unwrap();

        assert_eq!(mode(&data), 0o700);
    }

    #[test]
    fn open_directory_of_ours_is_closed_and_one_for_a_group_to_pass_through_stays() {
        let scratch = Scratch::new("open");
        for (found, kept) in [(0o755, 0o700), (0o777, 0o700), (0o750, 0o700), (0o710, 0o710), (0o700, 0o700)]
        {
            let data = scratch.0.join(format!("{found:o}"));
            fs::create_dir_all(&data).unwrap();
            fs::set_permissions(&data, Permissions::from_mode(found)).unwrap();

            prepare(&data).unwrap();

            assert_eq!(mode(&data), kept, "{found:o}");
        }
    }

    #[test]
    fn directory_that_many_write_into_is_left_as_it_is() {
        let scratch = Scratch::new("sticky");
        fs::create_dir_all(&scratch.0).unwrap();
        fs::set_permissions(&scratch.0, Permissions::from_mode(0o1777)).unwrap();

        prepare(&scratch.0).unwrap();

        assert_eq!(mode(&scratch.0), 0o1777);
    }
}
