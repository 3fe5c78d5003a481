//! Data keys: one per subject, wrapped by a master key, in a database of their own.
//!
//! A new key is durable before the first event that uses it. Destroying a key is the erasure; its row stays as a
//! tombstone. Keys are cached for a bounded time and never leave this crate in clear.

use crate::{
    disk::{self, Step},
    error::StoreError,
    master_keys::MasterKeys,
};
use aws_lc_rs::rand;
use chrono::{DateTime, Utc};
use domain::Subject;
use moka::sync::Cache;
use sqlx::{PgPool, Row, postgres::PgRow};
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
    masters: MasterKeys,
    /// None: destroyed.
    cache: Cache<Subject, Option<DataKey>>,
}

impl KeyRing {
    pub fn new(pool: PgPool, masters: MasterKeys) -> Self {
        let cache = Cache::builder().max_capacity(CACHED_KEYS).time_to_live(CACHED_FOR).build();
        Self { pool, masters, cache }
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
        let rows = sqlx::query("SELECT subject, wrapped, master FROM keys.subjects WHERE subject = ANY ($1)")
            .bind(&unknown)
            .fetch_all(&self.pool)
            .await?;
        for row in rows {
            let subject = Subject::from_uuid(row.get::<Uuid, _>("subject"));
            let key = self.unwrap(&row)?;
            self.cache.insert(subject, key.clone());
            keys.insert(subject, key);
        }
        Ok(keys)
    }

    /// Destroys the subject's key for good and leaves a tombstone. Idempotent: it tells when that happened first.
    pub async fn destroy(&self, subject: Subject) -> Result<DateTime<Utc>, StoreError> {
        let destroyed_at = sqlx::query_scalar(
            "INSERT INTO keys.subjects (subject, wrapped, destroyed_at) VALUES ($1, NULL, now())
             ON CONFLICT (subject) DO UPDATE SET wrapped = NULL, master = NULL,
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
            "INSERT INTO keys.subjects (subject, wrapped, master)
             SELECT made.subject, made.wrapped, $3 FROM unnest($1::uuid[], $2::bytea[]) AS made (subject, wrapped)
             ON CONFLICT (subject) DO NOTHING",
        )
        .bind(&ids)
        .bind(&wrapped)
        .bind(self.masters.present())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    fn wrapped_new_key(&self) -> Result<Vec<u8>, StoreError> {
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| StoreError::Corrupt("the system has no randomness".into()))?;
        self.masters.wrap(&key)
    }

    fn unwrap(&self, row: &PgRow) -> Result<Option<DataKey>, StoreError> {
        let (wrapped, by): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get("wrapped"), row.get("master"));
        let key = wrapped.map(|wrapped| self.masters.unwrap(&wrapped, by.as_deref())).transpose()?;
        Ok(key.map(|key| DataKey(Arc::new(key))))
    }

    /// Wraps up to `most` data keys after this subject anew, that another than the present master key wrapped. Tells
    /// the last of them; none where there are no more. Whoever uses the keys meanwhile notices nothing.
    ///
    /// # Errors
    /// If a key was wrapped by neither of the known master keys, or the key store cannot be reached.
    pub async fn rewrap(&self, after: Uuid, most: i64) -> Result<Option<Uuid>, StoreError> {
        let rows = sqlx::query(
            "SELECT subject, wrapped, master FROM keys.subjects
              WHERE subject > $1 AND wrapped IS NOT NULL AND master IS DISTINCT FROM $2 ORDER BY subject LIMIT $3",
        )
        .bind(after)
        .bind(self.masters.present())
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        let (mut subjects, mut former, mut anew) = (Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            let Some(key) = self.unwrap(row)? else { continue };
            subjects.push(row.get::<Uuid, _>("subject"));
            former.push(row.get::<Vec<u8>, _>("wrapped"));
            anew.push(self.masters.wrap(&key.0)?);
        }
        // What was destroyed since it was read stays destroyed.
        sqlx::query(
            "UPDATE keys.subjects held SET wrapped = anew.wrapped, master = $4
               FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) AS anew (subject, former, wrapped)
              WHERE held.subject = anew.subject AND held.wrapped = anew.former",
        )
        .bind(&subjects)
        .bind(&former)
        .bind(&anew)
        .bind(self.masters.present())
        .execute(&self.pool)
        .await?;
        Ok(subjects.last().copied())
    }

    /// How many data keys another than the present master key wraps.
    pub async fn count_to_rewrap(&self) -> Result<i64, StoreError> {
        let sql =
            "SELECT count(*) FROM keys.subjects WHERE wrapped IS NOT NULL AND master IS DISTINCT FROM $1";
        Ok(sqlx::query_scalar(sql).bind(self.masters.present()).fetch_one(&self.pool).await?)
    }
}
