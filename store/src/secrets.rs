//! Credentials: sealed under their owner's data key, stored beside the log, never in it.

use crate::{
    error::StoreError,
    keys::KeyRing,
    seal::{open_bytes, seal_bytes},
};
use domain::{SecretId, Subject};
use sqlx::{PgPool, Row};
use std::collections::HashSet;
use uuid::Uuid;

fn aad(id: SecretId) -> Vec<u8> {
    format!("annals:secret:v1\0{id}").into_bytes()
}

pub(crate) async fn seal(
    keys: &KeyRing,
    id: SecretId,
    owner: Subject,
    bytes: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let mut found = keys.ensure(&HashSet::from([owner])).await?;
    let key = found.remove(&owner).ok_or(StoreError::Erased(owner))?;
    seal_bytes(&key, &aad(id), bytes)
}

/// None if there is no such secret, or its owner was erased.
pub(crate) async fn find(pool: &PgPool, keys: &KeyRing, id: SecretId) -> Result<Option<Vec<u8>>, StoreError> {
    let row = sqlx::query("SELECT owner, sealed FROM es.secrets WHERE id = $1")
        .bind(id.uuid())
        .fetch_optional(pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let owner = Subject::from_uuid(row.get::<Uuid, _>("owner"));
    let sealed: Vec<u8> = row.get("sealed");
    let found = keys.find(&HashSet::from([owner])).await?;
    let Some(key) = found.get(&owner).and_then(Option::as_ref) else { return Ok(None) };
    let clear = open_bytes(key, &aad(id), &sealed);
    clear.map(Some).ok_or_else(|| StoreError::Corrupt(format!("secret {id} does not open")))
}
