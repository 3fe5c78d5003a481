//! Data keys: one per subject, wrapped by the master key (RFC 3394), in a database of their own.
//!
//! A new key is durable before the first event that uses it. Destroying a key is the erasure; its row stays as a
//! tombstone. Keys are cached for a bounded time and never leave this crate in clear.

use crate::{
    disk::{self, Step},
    error::StoreError,
};
use aws_lc_rs::{
    key_wrap::{AES_256, AesKek, KeyWrap},
    rand,
};
use chrono::{DateTime, Utc};
use domain::Subject;
use moka::sync::Cache;
use sqlx::{PgPool, Row};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// How long a node may hold a key in memory that another one destroyed.
pub const CACHED_FOR: Duration = Duration::from_secs(300);
const CACHED_KEYS: u64 = 200_000;

/// An AES-256 key of one subject.
#[derive(Clone)]
pub struct DataKey(Arc<[u8; 32]>);

impl DataKey {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey")
    }
}

/// The key store and its cache.
#[derive(Clone)]
pub struct KeyRing {
    pool: PgPool,
    master: Arc<[u8; 32]>,
    /// None: destroyed.
    cache: Cache<Subject, Option<DataKey>>,
}

impl KeyRing {
    pub fn new(pool: PgPool, master: [u8; 32]) -> Self {
        let cache = Cache::builder().max_capacity(CACHED_KEYS).time_to_live(CACHED_FOR).build();
        Self { pool, master: Arc::new(master), cache }
    }

    /// The keys of subjects about whom something is to be recorded, made where there is none.
    /// Refuses an erased subject.
    pub async fn ensure(&self, subjects: &HashSet<Subject>) -> Result<HashMap<Subject, DataKey>, StoreError> {
        let mut keys = self.find(subjects).await?;
        let missing: Vec<Subject> = subjects.iter().filter(|s| !keys.contains_key(s)).copied().collect();
        if !missing.is_empty() {
            self.create(&missing).await?;
            keys.extend(self.find(&missing.into_iter().collect()).await?);
        }
        keys.into_iter().map(|(s, key)| key.map(|key| (s, key)).ok_or(StoreError::Erased(s))).collect()
    }

    /// The keys that exist; `None` marks a destroyed one, a subject without a key is absent.
    pub async fn find(
        &self,
        subjects: &HashSet<Subject>,
    ) -> Result<HashMap<Subject, Option<DataKey>>, StoreError> {
        let mut keys = HashMap::with_capacity(subjects.len());
        let mut unknown = Vec::new();
        for subject in subjects {
            match self.cache.get(subject) {
                Some(key) => drop(keys.insert(*subject, key)),
                None => unknown.push(subject.uuid()),
            }
        }
        if unknown.is_empty() {
            return Ok(keys);
        }
        let rows = sqlx::query("SELECT subject, wrapped FROM keys.subjects WHERE subject = ANY ($1)")
            .bind(&unknown)
            .fetch_all(&self.pool)
            .await?;
        for row in rows {
            let subject = Subject::from_uuid(row.get::<Uuid, _>("subject"));
            let wrapped: Option<Vec<u8>> = row.get("wrapped");
            let key = wrapped.map(|bytes| self.unwrap(&bytes)).transpose()?;
            self.cache.insert(subject, key.clone());
            keys.insert(subject, key);
        }
        Ok(keys)
    }

    /// Destroys the subject's key for good and leaves a tombstone. Idempotent: it tells when that happened first.
    pub async fn destroy(&self, subject: Subject) -> Result<DateTime<Utc>, StoreError> {
        let destroyed_at = sqlx::query_scalar(
            "INSERT INTO keys.subjects (subject, wrapped, destroyed_at) VALUES ($1, NULL, now())
             ON CONFLICT (subject) DO UPDATE SET wrapped = NULL,
                destroyed_at = coalesce(keys.subjects.destroyed_at, now())
             RETURNING destroyed_at",
        )
        .bind(subject.uuid())
        .fetch_one(&self.pool)
        .await?;
        self.cache.insert(subject, None);
        Ok(destroyed_at)
    }

    /// Leaves no former version of any row on the disk, so that what was destroyed is gone there, too.
    pub async fn rewrite(&self) -> Result<Step, StoreError> {
        disk::rewrite_keys(&self.pool).await
    }

    /// Those of these subjects who have a key. Asks the key store, whatever is cached.
    pub async fn of_those_alive(&self, subjects: &[Subject]) -> Result<Vec<Subject>, StoreError> {
        let ids: Vec<Uuid> = subjects.iter().map(|subject| subject.uuid()).collect();
        let sql = "SELECT subject FROM keys.subjects WHERE subject = ANY ($1) AND wrapped IS NOT NULL";
        let alive: Vec<Uuid> = sqlx::query_scalar(sql).bind(ids).fetch_all(&self.pool).await?;
        Ok(alive.into_iter().map(Subject::from_uuid).collect())
    }

    /// Forgets what is cached of a subject, after another node destroyed its key.
    pub fn forget(&self, subject: Subject) {
        self.cache.invalidate(&subject);
    }

    /// The first of two concurrent creators wins; both then read the same key.
    async fn create(&self, subjects: &[Subject]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = subjects.iter().map(|s| s.uuid()).collect();
        let wrapped = subjects.iter().map(|_| self.wrapped_new_key()).collect::<Result<Vec<_>, _>>()?;
        sqlx::query(
            "INSERT INTO keys.subjects (subject, wrapped) SELECT * FROM unnest($1::uuid[], $2::bytea[])
             ON CONFLICT (subject) DO NOTHING",
        )
        .bind(&ids)
        .bind(&wrapped)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    fn wrapped_new_key(&self) -> Result<Vec<u8>, StoreError> {
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| StoreError::Corrupt("the system has no randomness".into()))?;
        let mut wrapped = [0; 40];
        let broken = |_| StoreError::Corrupt("a data key cannot be wrapped".into());
        self.kek()?.wrap(&key, &mut wrapped).map_err(broken)?;
        Ok(wrapped.to_vec())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, StoreError> {
        let mut key = [0; 32];
        // The primitive wants 8 bytes more than it leaves.
        let mut space = [0; 40];
        let broken = |_| StoreError::Corrupt("a data key was wrapped by another master key".into());
        let clear = self.kek()?.unwrap(wrapped, &mut space).map_err(broken)?;
        if clear.len() != key.len() {
            return Err(StoreError::Corrupt("a data key has the wrong length".into()));
        }
        key.copy_from_slice(clear);
        Ok(DataKey(Arc::new(key)))
    }

    fn kek(&self) -> Result<AesKek, StoreError> {
        AesKek::new(&AES_256, &self.master[..])
            .map_err(|_| StoreError::Corrupt("the master key cannot be used".into()))
    }
}
