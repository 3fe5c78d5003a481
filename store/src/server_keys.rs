//! The server's own keys, given by the configuration, and what is derived from them.

use aws_lc_rs::hmac;
use domain::aggregate::ClaimKind;
use secrecy::{ExposeSecret, SecretBox};

/// 32 bytes each. Losing `master` loses all personal data; changing `index` orphans all claims.
pub struct ServerKeys {
    /// Wraps data keys.
    pub master: SecretBox<[u8; 32]>,
    /// Keys the HMACs of claims and of idempotency keys.
    pub index: SecretBox<[u8; 32]>,
}

impl ServerKeys {
    fn index(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.index.expose_secret())
    }
}

/// HMACs under the index key. **Frozen**: stored rows are found by them.
#[derive(Clone)]
pub(crate) struct IndexKey(hmac::Key);

impl IndexKey {
    pub(crate) fn new(keys: &ServerKeys) -> Self {
        Self(keys.index())
    }

    /// Version byte ‖ HMAC-SHA-256(index key, kind ‖ 0 ‖ normalised value).
    pub(crate) fn claim(&self, kind: ClaimKind, value: &str) -> Vec<u8> {
        self.tag(&[kind.name(), value])
    }

    /// One row per principal and key.
    pub(crate) fn idempotency(&self, principal: &str, key: &str) -> Vec<u8> {
        self.tag(&["idempotency", principal, key])
    }

    /// One row per bucket and whom it limits.
    pub(crate) fn bucket(&self, bucket: &str, whom: &str) -> Vec<u8> {
        self.tag(&["bucket", bucket, whom])
    }

    fn tag(&self, parts: &[&str]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        for (n, part) in parts.iter().enumerate() {
            if n > 0 {
                context.update(&[0]);
            }
            context.update(part.as_bytes());
        }
        [&[1], context.sign().as_ref()].concat()
    }
}
