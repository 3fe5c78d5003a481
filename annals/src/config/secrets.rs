//! The server's keys. Required from the configuration with external servers; made once and kept in the data
//! directory by the embedded mode.

use super::{Algorithm, Config, Source, Values};
use crate::data_dir;
use anyhow::{Context, Result, bail, ensure};
use api::KeyAlgorithm;
use secrecy::{SecretBox, SecretSlice};
use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// What access tokens are signed with.
pub enum TokenKeys {
    /// HS256.
    Shared(SecretSlice<u8>),
    /// Files, which are read elsewhere; new ones sign by this.
    Pairs(KeyAlgorithm),
}

/// What must stay secret, decoded.
pub struct Secrets {
    pub tokens: TokenKeys,
    pub master: SecretBox<[u8; 32]>,
    pub index: SecretBox<[u8; 32]>,
    pub codes: SecretBox<[u8; 32]>,
    pub cluster: SecretBox<[u8; 32]>,
    /// Of those that are being replaced.
    pub others: Others,
}

/// The second of two keys: the next one before a replacement, the former one after it.
#[derive(Default)]
pub struct Others {
    pub master: Option<SecretBox<[u8; 32]>>,
    pub index: Option<SecretBox<[u8; 32]>>,
    pub codes: Option<SecretBox<[u8; 32]>>,
}

const KEYS: [&str; 5] = ["auth.secret_key", "keys.master", "keys.index", "keys.codes", "keys.cluster"];
const OTHERS: [&str; 3] = ["keys.master_other", "keys.index_other", "keys.codes_other"];
const JWT_BYTES: usize = 32;

impl Secrets {
    /// Reads the configured ones; in the embedded mode fills in what is missing from `secrets.json`.
    ///
    /// # Errors
    /// One line that names the missing or malformed one.
    pub fn load(config: &mut Config) -> Result<Self> {
        if config.external.is_none() && KEYS.iter().any(|key| config.values.get(key).is_none()) {
            data_dir::prepare(&config.data_dir)?;
            let kept = keep(&config.data_dir.join("secrets.json"))?;
            for (key, value) in kept {
                if (KEYS.contains(&key.as_str()) || OTHERS.contains(&key.as_str()))
                    && config.values.get(&key).is_none()
                {
                    config.values.set(&key, value, Source::Generated)?;
                }
            }
        }
        Self::from_values(&config.values, config.auth.algorithm)
    }

    fn from_values(values: &Values, algorithm: Algorithm) -> Result<Self> {
        Ok(Self {
            tokens: match algorithm {
                Algorithm::Hs256 => TokenKeys::Shared(hmac_key(values)?),
                Algorithm::KeyPairs(algorithm) => TokenKeys::Pairs(algorithm),
            },
            master: key(values, "keys.master")?,
            index: key(values, "keys.index")?,
            codes: key(values, "keys.codes")?,
            cluster: key(values, "keys.cluster")?,
            others: Others {
                master: other(values, "keys.master")?,
                index: other(values, "keys.index")?,
                codes: other(values, "keys.codes")?,
            },
        })
    }
}

fn hmac_key(values: &Values) -> Result<SecretSlice<u8>> {
    let key = text(values, "auth.secret_key")?.as_bytes().to_vec();
    ensure!(
        key.len() >= JWT_BYTES,
        "JWT_SECRET_KEY (auth.secret_key) has {} bytes: HS256 needs at least {JWT_BYTES}",
        key.len()
    );
    Ok(key.into())
}

fn text<'a>(values: &'a Values, key: &str) -> Result<&'a str> {
    let env = super::settings::SETTINGS.iter().find(|s| s.key == key).map_or("", |s| s.env);
    values.get(key).with_context(|| format!("{env} ({key}) is required with external servers"))
}

fn key(values: &Values, name: &str) -> Result<SecretBox<[u8; 32]>> {
    let text = text(values, name)?;
    let Some(bytes) = decode_hex(text) else { bail!("{name}: expected 64 hex digits, that is 32 bytes") };
    Ok(SecretBox::new(Box::new(bytes)))
}

/// The second key of a kind, if there is one.
fn other(values: &Values, name: &str) -> Result<Option<SecretBox<[u8; 32]>>> {
    let other = format!("{name}_other");
    let Some(given) = values.get(&other) else { return Ok(None) };
    ensure!(Some(given) != values.get(name), "{other} is the same key as {name}");
    key(values, &other).map(Some)
}

fn decode_hex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Of the embedded mode: makes a new key of a kind, and keeps the present one as the other.
///
/// # Errors
/// If a replacement of it is under way already, or the file cannot be written.
pub fn replace(data_dir: &Path, name: &str) -> Result<()> {
    let path = data_dir.join("secrets.json");
    let mut kept = keep(&path)?;
    let other = format!("{name}_other");
    ensure!(
        !kept.contains_key(&other),
        "{name} is being replaced already; end that with `annals keys retire`"
    );
    let former = kept.insert(name.to_owned(), random_hex()?);
    kept.extend(former.map(|former| (other, former)));
    write_private(&path, &serde_json::to_string_pretty(&kept)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Of the embedded mode: removes the other key of a kind for good.
///
/// # Errors
/// If there is none, or the file cannot be written.
pub fn retire(data_dir: &Path, name: &str) -> Result<()> {
    let path = data_dir.join("secrets.json");
    let mut kept = keep(&path)?;
    ensure!(kept.remove(&format!("{name}_other")).is_some(), "{name} is not being replaced");
    write_private(&path, &serde_json::to_string_pretty(&kept)?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The kept secrets, made now if there are none yet. The file is complete or absent, never half written.
fn keep(path: &Path) -> Result<BTreeMap<String, String>> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("cannot read {}", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let made =
                KEYS.iter().map(|key| Ok(((*key).to_owned(), random_hex()?))).collect::<Result<_>>()?;
            write_private(path, &serde_json::to_string_pretty(&made)?)
                .with_context(|| format!("cannot write {}", path.display()))?;
            Ok(made)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    Ok(())
}

fn random_hex() -> Result<String> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn embedded_secrets_are_made_once_and_found_again() {
        let dir = std::env::temp_dir().join(format!("annals-secrets-{}", std::process::id()));
        let load = || {
            let values = Values::from_parts(None, [], &[format!("data.dir={}", dir.display())]).unwrap();
            Secrets::load(&mut Config::from_values(values).unwrap()).unwrap()
        };

        let (first, second) = (load(), load());
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        let modes = (mode(&dir), mode(&dir.join("secrets.json")));
        fs::remove_dir_all(&dir).unwrap();

        assert_eq!(modes, (0o700, 0o600), "whoever makes the directory first makes it private");
        assert_eq!(first.master.expose_secret(), second.master.expose_secret());
        assert_ne!(first.master.expose_secret(), first.index.expose_secret());
    }

    #[test]
    fn with_external_servers_a_missing_key_is_named() {
        let external = [
            ("DATABASE_URL", "postgres://localhost/y"),
            ("ANNALS_KEYS_URL", "postgres://localhost/z"),
            ("NATS_URL", "nats://localhost"),
        ];
        let environment = external.map(|(name, value)| (name.into(), value.into()));
        let mut config = Config::from_values(Values::from_parts(None, environment, &[]).unwrap()).unwrap();

        let Err(error) = Secrets::load(&mut config) else { panic!("no key is set") };

        assert!(error.to_string().contains("JWT_SECRET_KEY"), "{error}");
    }

    #[test]
    fn hex_is_checked() {
        assert!(decode_hex(&"0g".repeat(32)).is_none());
        assert!(decode_hex("00").is_none());
        assert_eq!(decode_hex(&"ff".repeat(32)), Some([255; 32]));
    }
}
