//! The key pairs of access tokens as files: one PKCS#8 private key in PEM each, named after the moment from which
//! it signs (`2026-11-21T121500.000Z.pem`, UTC). Several nodes share the directory or hold equal copies of it.
//!
//! `annals keys rotate` adds a file, nodes look every few seconds; which key does what when is `api::tokens::keys`.

use crate::config::Config;
use anyhow::{Context, Result, bail, ensure};
use api::{
    KeyAlgorithm, KeyRing, SigningKey,
    tokens::keys::{KEY_SET_MAX_AGE, retires},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

/// Written to the millisecond, so that a key can be replaced as soon as it is made; read with any fraction or none.
const NAME: &str = "%Y-%m-%dT%H%M%S%.3fZ";
const NAME_READ: &str = "%Y-%m-%dT%H%M%S%.fZ";
/// Between two looks at the directory.
pub const LOOK: Duration = Duration::from_secs(5);

/// Why there is to be another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Nobody is refused.
    Routine,
    /// What the former keys signed counts no more.
    Leaked,
}

/// The directory of the keys.
#[derive(Clone, Debug)]
pub struct SigningKeys {
    path: PathBuf,
    /// It is ours, so that a first key is made where there is none.
    own: bool,
    /// Of new keys; those that are there sign by their own.
    algorithm: KeyAlgorithm,
}

impl SigningKeys {
    /// # Errors
    /// With external servers and no directory configured: each node would make keys of its own.
    pub fn of(config: &Config, algorithm: KeyAlgorithm) -> Result<Self> {
        match (&config.auth.signing_keys, &config.external) {
            (Some(path), _) => Ok(Self { path: path.clone(), own: false, algorithm }),
            (None, None) => Ok(Self { path: config.data_dir.join("signing_keys"), own: true, algorithm }),
            (None, Some(_)) => {
                bail!(
                    "ANNALS_SIGNING_KEYS (auth.signing_keys) is required for EdDSA and ES256 with external servers"
                )
            }
        }
    }

    /// All keys. In a directory of our own the first is made now, and where the last does not sign by what is configured,
    /// one that will: a change of the algorithm is a rotation, and refuses nobody.
    ///
    /// # Errors
    /// One line that names the file or directory and what is wrong with it.
    pub fn load_or_begin(&self, now: DateTime<Utc>) -> Result<Vec<SigningKey>> {
        let empty = || !self.path.exists() || self.files().is_ok_and(|files| files.is_empty());
        if self.own && empty() {
            self.add(now)?;
        }
        let keys = self.load()?;
        if keys.last().is_none_or(|key| key.algorithm() == self.algorithm) {
            return Ok(keys);
        }
        if self.own {
            self.add(now + notice()?)?;
            return self.load();
        }
        let asked = self.algorithm.header();
        tracing::warn!("access tokens are not signed with {asked:?} before `annals keys rotate` makes a key");
        Ok(keys)
    }

    /// # Errors
    /// As [`SigningKeys::load_or_begin`].
    pub fn load(&self) -> Result<Vec<SigningKey>> {
        let keys = self.files()?.iter().map(|(from, path)| read(path, *from)).collect::<Result<Vec<_>>>()?;
        ensure!(!keys.is_empty(), "{} holds no key: `annals keys rotate` makes one", self.path.display());
        Ok(keys)
    }

    /// Adds a key, and removes those that nobody needs any more.
    ///
    /// # Errors
    /// If the directory cannot be written.
    pub fn rotate(&self, how: Rotation, now: DateTime<Utc>, lifetime: TimeDelta) -> Result<SigningKey> {
        let former = if self.path.exists() { self.files()? } else { Vec::new() };
        let at_once = how == Rotation::Leaked || former.is_empty();
        let key = self.add(if at_once { now } else { now + notice()? })?;
        for (n, (_, path)) in former.iter().enumerate() {
            let successor = former.get(n + 1).map_or_else(|| key.signs_from(), |(from, _)| *from);
            if how == Rotation::Leaked || retires(successor, lifetime) <= now {
                fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
        Ok(key)
    }

    /// Keeps the ring as the directory is. What cannot be read leaves it as it was.
    pub async fn follow(&self, ring: KeyRing, look: Duration) {
        loop {
            tokio::time::sleep(look).await;
            match self.load().and_then(|keys| Ok(ring.replace(keys)?)) {
                Ok(true) => tracing::info!("other keys of access tokens"),
                Ok(false) => {}
                Err(error) => tracing::error!(error = format!("{error:#}"), "the keys of access tokens stay"),
            }
        }
    }

    /// By when they begin to sign. Other files than `*.pem` are somebody else's.
    fn files(&self) -> Result<Vec<(DateTime<Utc>, PathBuf)>> {
        let unreadable = || format!("cannot read {} (ANNALS_SIGNING_KEYS)", self.path.display());
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "pem") {
                files.push((signs_from(&path)?, path));
            }
        }
        files.sort();
        Ok(files)
    }

    /// The file is complete or absent.
    fn add(&self, from: DateTime<Utc>) -> Result<SigningKey> {
        let pem = self.algorithm.generate_pem()?;
        let path = self.path.join(format!("{}.pem", from.format(NAME)));
        let new = path.with_extension("new");
        let write = || -> Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
            ensure!(!path.exists(), "it is there already");
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
            file.write_all(pem.expose_secret().as_bytes())?;
            file.sync_all()?;
            Ok(fs::rename(&new, &path)?)
        };
        write().with_context(|| format!("cannot write {}", path.display()))?;
        read(&path, signs_from(&path)?)
    }
}

/// A key is published so long before it signs: others keep a key set, and nodes need to see the file.
fn notice() -> Result<TimeDelta> {
    Ok(TimeDelta::from_std(KEY_SET_MAX_AGE + 2 * LOOK)?)
}

fn signs_from(path: &Path) -> Result<DateTime<Utc>> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let time = NaiveDateTime::parse_from_str(stem, NAME_READ);
    time.map(|time| time.and_utc()).ok().with_context(|| {
        format!("{} is not named after when it begins to sign, as 2026-11-21T121500.000Z.pem", path.display())
    })
}

fn read(path: &Path, from: DateTime<Utc>) -> Result<SigningKey> {
    let key = fs::read_to_string(path).map_err(anyhow::Error::from);
    key.and_then(|pem| Ok(SigningKey::from_pem(&pem, from)?))
        .with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Directory(SigningKeys);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("annals-signing-{}-{name}", std::process::id()));
            Self(SigningKeys { path, own: true, algorithm: KeyAlgorithm::EdDsa })
        }

        fn kids(&self) -> Vec<String> {
            self.0.load().unwrap().iter().map(|key| key.kid().to_owned()).collect()
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0.path);
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
    }

    const LIFETIME: TimeDelta = TimeDelta::seconds(900);

    #[test]
    fn first_key_is_made_once_and_only_we_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = Directory::new("first");

        let keys = directory.0.load_or_begin(at(0)).unwrap();
        let again = directory.0.load_or_begin(at(50)).unwrap();

        assert_eq!((keys.len(), keys[0].kid(), keys[0].signs_from()), (1, again[0].kid(), at(0)));
        let file = directory.0.files().unwrap().remove(0).1;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn rotation_gives_notice_keeps_what_verifies_and_removes_what_does_not() {
        let directory = Directory::new("routine");
        let first = directory.0.load_or_begin(at(0)).unwrap().remove(0);

        let second = directory.0.rotate(Rotation::Routine, at(10_000), LIFETIME).unwrap();
        assert!(second.signs_from() >= at(10_300));
        assert_eq!(directory.kids(), [first.kid(), second.kid()]);
        let third = directory.0.rotate(Rotation::Routine, at(20_000), LIFETIME).unwrap();

        assert_eq!(directory.kids(), [second.kid(), third.kid()]);
    }

    #[test]
    fn another_algorithm_is_a_rotation_of_its_own() {
        let mut directory = Directory::new("algorithm");
        let first = directory.0.load_or_begin(at(0)).unwrap().remove(0);
        directory.0.algorithm = KeyAlgorithm::Es256;

        let elsewhere = SigningKeys { own: false, ..directory.0.clone() };
        assert_eq!(elsewhere.load_or_begin(at(5)).unwrap().len(), 1, "only its operator adds to it");
        let both = directory.0.load_or_begin(at(10)).unwrap();
        let again = directory.0.load_or_begin(at(20)).unwrap();

        assert_eq!((both[0].kid(), both[0].algorithm()), (first.kid(), KeyAlgorithm::EdDsa));
        assert_eq!(both[1].algorithm(), KeyAlgorithm::Es256);
        assert!(both[1].signs_from() >= at(310));
        assert_eq!((both.len(), again.len()), (2, 2));
    }

    #[test]
    fn leaked_keys_go_at_once() {
        let directory = Directory::new("leaked");
        directory.0.load_or_begin(at(0)).unwrap();
        let soon = at(0) + TimeDelta::milliseconds(1);

        let new = directory.0.rotate(Rotation::Leaked, soon, LIFETIME).unwrap();

        assert_eq!((directory.kids(), new.signs_from()), (vec![new.kid().to_owned()], soon));
    }

    #[test]
    fn misnamed_or_broken_files_are_named() {
        let directory = Directory::new("broken");
        directory.0.load_or_begin(at(0)).unwrap();
        for (name, says) in [("mine.pem", "not named after"), ("2026-01-01T000000Z.pem", "PKCS#8")] {
            let path = directory.0.path.join(name);
            fs::write(&path, "x").unwrap();
            let error = format!("{:#}", directory.0.load().unwrap_err());
            assert!(error.contains(name) && error.contains(says), "{error}");
            fs::remove_file(path).unwrap();
        }
    }

    #[tokio::test]
    async fn running_program_takes_up_a_new_key() {
        let directory = Directory::new("follow");
        let ring = KeyRing::try_new(directory.0.load_or_begin(at(0)).unwrap()).unwrap();
        let new = directory.0.rotate(Rotation::Routine, at(1), LIFETIME).unwrap();
        let shows = || format!("{ring:?}").contains(new.kid());
        assert!(!shows());

        let follow = directory.0.follow(ring.clone(), Duration::from_millis(1));
        let wait = async {
            while !shows() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { () = follow => {}, () = wait => {} }
        assert!(shows());
    }
}
