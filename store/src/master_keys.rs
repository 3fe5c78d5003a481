//! The master keys: wrap and unwrap data keys (RFC 3394), and tell by whom one was wrapped.

use crate::{error::StoreError, server_keys::ServerKeys};
use aws_lc_rs::{
    hmac,
    key_wrap::{AES_256, AesKek, KeyWrap},
};
use secrecy::{ExposeSecret, SecretBox};
use std::sync::Arc;

/// Names a master key, and tells nothing about it. **Frozen**: it stands beside each data key.
const LABEL: &[u8] = b"annals master key id v1";
const ID: usize = 8;

/// The present master key and perhaps another. Cheap to clone.
#[derive(Clone)]
pub struct MasterKeys {
    present: Arc<MasterKey>,
    other: Option<Arc<MasterKey>>,
}

struct MasterKey {
    id: Vec<u8>,
    bytes: SecretBox<[u8; 32]>,
}

impl MasterKey {
    fn new(secret: &SecretBox<[u8; 32]>) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret());
        let id = hmac::sign(&key, LABEL).as_ref()[..ID].to_vec();
        Self { id, bytes: SecretBox::new(Box::new(*secret.expose_secret())) }
    }

    fn kek(&self) -> Result<AesKek, StoreError> {
        AesKek::new(&AES_256, &self.bytes.expose_secret()[..])
            .map_err(|_| StoreError::Corrupt("the master key cannot be used".into()))
    }

    /// None: another key wrapped it.
    fn unwrap(&self, wrapped: &[u8]) -> Result<Option<[u8; 32]>, StoreError> {
        // The primitive wants 8 bytes more than it leaves.
        let mut space = [0; 40];
        let Ok(clear) = self.kek()?.unwrap(wrapped, &mut space) else { return Ok(None) };
        let clear = <[u8; 32]>::try_from(&*clear);
        clear.map(Some).map_err(|_| StoreError::Corrupt("a data key has the wrong length".into()))
    }
}

impl MasterKeys {
    pub fn new(keys: &ServerKeys) -> Self {
        let key = |secret: &SecretBox<[u8; 32]>| Arc::new(MasterKey::new(secret));
        Self { present: key(&keys.master), other: keys.others.master.as_ref().map(key) }
    }

    /// The name of the present one.
    pub(crate) fn present(&self) -> &[u8] {
        &self.present.id
    }

    /// Under the present one.
    pub(crate) fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, StoreError> {
        let mut wrapped = [0; 40];
        let broken = |_| StoreError::Corrupt("a data key cannot be wrapped".into());
        self.present.kek()?.wrap(key, &mut wrapped).map_err(broken)?;
        Ok(wrapped.to_vec())
    }

    /// By the key of this name; without a name by whichever it is.
    pub(crate) fn unwrap(&self, wrapped: &[u8], by: Option<&[u8]>) -> Result<[u8; 32], StoreError> {
        let known = [Some(&self.present), self.other.as_ref()].into_iter().flatten();
        for key in known.filter(|key| by.is_none_or(|id| key.id == id)) {
            if let Some(clear) = key.unwrap(wrapped)? {
                return Ok(clear);
            }
        }
        Err(StoreError::Corrupt("a data key was wrapped by another master key".into()))
    }
}
