//! The server's own keys, given by the configuration, and what is derived from them.
//!
//! While a key is being replaced there are two of a kind: the present one, under which is written, and another, under
//! which is read, too (ADR 37).

use aws_lc_rs::hmac;
use domain::aggregate::ClaimKind;
use secrecy::{ExposeSecret, SecretBox};

/// 32 bytes each. Losing `master` loses all personal data; losing `index` orphans all claims.
pub struct ServerKeys {
    /// Wraps data keys.
    pub master: SecretBox<[u8; 32]>,
    /// Keys the HMACs of claims and of idempotency keys.
    pub index: SecretBox<[u8; 32]>,
    pub others: OtherKeys,
}

/// The second of two keys, where one is being replaced.
#[derive(Default)]
pub struct OtherKeys {
    pub master: Option<SecretBox<[u8; 32]>>,
    pub index: Option<SecretBox<[u8; 32]>>,
}

/// HMACs under the index key. **Frozen**: stored rows are found by them.
#[derive(Clone)]
pub(crate) struct IndexKey {
    present: hmac::Key,
    other: Option<hmac::Key>,
}

impl IndexKey {
    pub(crate) fn new(keys: &ServerKeys) -> Self {
        let key = |secret: &SecretBox<[u8; 32]>| hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret());
        Self { present: key(&keys.index), other: keys.others.index.as_ref().map(key) }
    }

    /// Version byte ‖ HMAC-SHA-256(index key, kind ‖ 0 ‖ normalised value).
    pub(crate) fn claim(&self, kind: ClaimKind, value: &str) -> Vec<u8> {
        tag(&self.present, &[kind.name(), value])
    }

    /// The same under the other key, if there is one.
    pub(crate) fn other_claim(&self, kind: ClaimKind, value: &str) -> Option<Vec<u8>> {
        self.other.as_ref().map(|key| tag(key, &[kind.name(), value]))
    }

    /// One row per principal and key, under each of the keys.
    pub(crate) fn idempotency(&self, principal: &str, key: &str) -> Vec<Vec<u8>> {
        let keys = [Some(&self.present), self.other.as_ref()].into_iter().flatten();
        keys.map(|by| tag(by, &["idempotency", principal, key])).collect()
    }

    /// One row per bucket and whom it limits.
    pub(crate) fn bucket(&self, bucket: &str, whom: &str) -> Vec<u8> {
        tag(&self.present, &["bucket", bucket, whom])
    }

    /// Names both keys and tells nothing about them; none where there is only one.
    pub(crate) fn pair(&self) -> Option<Vec<u8>> {
        let name = |key| tag(key, &["annals index key id v1"])[..9].to_vec();
        self.other.as_ref().map(|other| [name(&self.present), name(other)].concat())
    }
}

fn tag(key: &hmac::Key, parts: &[&str]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(key);
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            context.update(&[0]);
        }
        context.update(part.as_bytes());
    }
    [&[1], context.sign().as_ref()].concat()
}
