//! The store's front: load, submit, and the lookups beside the log.

use crate::{
    cache::StateCache,
    committer::{Committer, Job},
    connect,
    error::{AppendError, StoreError},
    keys::KeyRing,
    lanes::Lanes,
    load::{Loaded, Loader},
    master_keys::MasterKeys,
    prepare::prepare,
    reader::Reader,
    recorded::{LogId, Recorded},
    seal::Opener,
    secrets,
    server_keys::{IndexKey, ServerKeys},
    sessions::Sessions,
    submission::{Appended, Submission},
};
use domain::{EventSourced, SecretId, Subject, aggregate::ClaimKind};
use sqlx::{PgPool, Row};
use std::{sync::Arc, time::Duration};
use tokio::sync::{broadcast, mpsc, oneshot};
use uuid::Uuid;

/// How the store is set up.
pub struct StoreOptions {
    pub database_url: String,
    /// The key store's own database.
    pub keys_url: String,
    /// Connections for reads; the committer has one of its own.
    pub pool_size: u32,
    /// Bytes of hot aggregates to keep.
    pub cache_bytes: u64,
    /// Slower statements are logged as warnings, in every pool that is made like that of the log.
    pub slow_statement: Duration,
    pub keys: ServerKeys,
}

/// Streams that are read at the same time.
const LOADING: u32 = 8;
/// Commands that may wait for the committer before `submit` itself waits.
const QUEUE: usize = 4096;
/// Batches that a slow listener of the tail may be behind before it has to read the log instead.
const TAIL: usize = 1024;

/// The event log. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    pool: PgPool,
    keys: KeyRing,
    index: IndexKey,
    cache: StateCache,
    opener: Opener,
    lanes: Lanes,
    /// For what commands stand on.
    loading: Sessions,
    queue: mpsc::Sender<Job>,
    tail: broadcast::Sender<Arc<Vec<Recorded>>>,
    log: LogId,
}

impl Store {
    /// Connects, refuses an unsafe server, and starts the committer. Migrations must have run.
    pub async fn connect(options: StoreOptions) -> Result<Self, StoreError> {
        let pool = connect::pool(&options.database_url, options.pool_size, options.slow_statement).await?;
        connect::refuse_unsafe_server(&pool).await?;
        let keys_pool = connect::pool(&options.keys_url, 8, options.slow_statement).await?;
        let keys = KeyRing::new(keys_pool, MasterKeys::new(&options.keys));
        let log = read_log_id(&pool).await?;
        let cache = StateCache::new(options.cache_bytes);
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (tail, _) = broadcast::channel(TAIL);
        let log_url = (options.database_url, options.slow_statement);
        Committer::new(log_url, jobs, cache.clone(), tail.clone()).start()?;
        Ok(Self(Arc::new(Inner {
            opener: Opener::new(keys.clone()),
            index: IndexKey::new(&options.keys),
            lanes: Lanes::default(),
            loading: Sessions::new(&pool, LOADING),
            pool,
            keys,
            cache,
            queue,
            tail,
            log,
        })))
    }

    /// The aggregate's state, from the cache if it is there.
    pub async fn load<A: EventSourced>(&self, id: A::Id) -> Result<Loaded<A>, StoreError> {
        self.loader().load(id.into()).await
    }

    /// The state with everything committed by now; reads only what the cache lacks.
    pub async fn load_fresh<A: EventSourced>(&self, id: A::Id) -> Result<Loaded<A>, StoreError> {
        self.loader().load_fresh(id.into()).await
    }

    /// Forgets what this node holds in memory of a person whose data key was destroyed. States may name the person
    /// anywhere, so that all of them go.
    pub fn forget_person(&self, subject: Subject) {
        self.0.keys.forget(subject);
        self.0.cache.clear();
    }

    fn loader(&self) -> Loader<'_> {
        Loader { sessions: &self.0.loading, cache: &self.0.cache, opener: &self.0.opener }
    }

    /// Appends a command's effect, all or nothing. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// See [`AppendError`]; on any of them nothing was appended, except that after [`StoreError::Unavailable`]
    /// the outcome is unknown: the same event ids may be submitted again.
    pub async fn submit(&self, submission: Submission) -> Result<Appended, AppendError> {
        let command = prepare(submission, &self.0.keys, &self.0.index).await?;
        let (reply, outcome) = oneshot::channel();
        self.0.queue.send(Job { command, reply }).await.map_err(|_| AppendError::Closed)?;
        outcome.await.map_err(|_| AppendError::Closed)?
    }

    /// The receipt of an earlier request with this key: `Ok(None)` if there is none.
    ///
    /// # Errors
    /// [`AppendError::KeyReused`] if the key belongs to another request.
    pub async fn replay(
        &self,
        principal: &str,
        key: &str,
        fingerprint: &[u8; 32],
    ) -> Result<Option<Appended>, AppendError> {
        let row = sqlx::query(
            "SELECT fingerprint, receipt, position FROM es.idempotency
              WHERE key = ANY ($1) AND created_at > now() - interval '7 days' ORDER BY created_at LIMIT 1",
        )
        .bind(self.0.index.idempotency(principal, key))
        .fetch_optional(&self.0.pool)
        .await
        .map_err(StoreError::from)?;
        let Some(row) = row else { return Ok(None) };
        if row.get::<Vec<u8>, _>("fingerprint") != fingerprint {
            return Err(AppendError::KeyReused);
        }
        let replayed = Some(row.get("receipt"));
        Ok(Some(Appended { position: row.get("position"), recorded_at: None, replayed }))
    }

    /// Deletes idempotency keys past their seven days; at most 10,000 a call. Returns how many.
    pub async fn forget_old_idempotency_keys(&self) -> Result<u64, StoreError> {
        let done = sqlx::query(
            "DELETE FROM es.idempotency WHERE key IN (SELECT key FROM es.idempotency
              WHERE created_at < now() - interval '7 days' LIMIT 10000)",
        )
        .execute(&self.0.pool)
        .await?;
        Ok(done.rows_affected())
    }

    /// The owner of a unique value.
    pub async fn claim_owner(&self, kind: ClaimKind, value: &str) -> Result<Option<Uuid>, StoreError> {
        let own = self.0.index.claim(kind, value);
        let row =
            sqlx::query("SELECT owner FROM es.claims WHERE key IN ($1, $2) ORDER BY key = $1 DESC LIMIT 1")
                .bind(&own)
                .bind(self.0.index.other_claim(kind, value).unwrap_or_else(|| own.clone()))
                .fetch_optional(&self.0.pool)
                .await?;
        Ok(row.map(|row| row.get("owner")))
    }

    /// The index of the first of these unique values that nobody holds.
    ///
    /// # Errors
    /// If the log cannot be reached.
    pub async fn first_unclaimed(
        &self,
        kind: ClaimKind,
        values: &[String],
    ) -> Result<Option<usize>, StoreError> {
        let index = &self.0.index;
        let own: Vec<Vec<u8>> = values.iter().map(|value| index.claim(kind, value)).collect();
        let other: Vec<Vec<u8>> = values.iter().filter_map(|value| index.other_claim(kind, value)).collect();
        let keys = [own.clone(), other.clone()].concat();
        let taken: Vec<Vec<u8>> = sqlx::query_scalar("SELECT key FROM es.claims WHERE key = ANY ($1)")
            .bind(keys)
            .fetch_all(&self.0.pool)
            .await?;
        let is_free = |n: &usize| {
            let names = [own.get(*n), other.get(*n)];
            !names.into_iter().flatten().any(|key| taken.contains(key))
        };
        Ok((0..values.len()).find(is_free))
    }

    /// A secret's bytes; None if it was deleted or its owner erased.
    pub async fn secret(&self, id: SecretId) -> Result<Option<Vec<u8>>, StoreError> {
        secrets::find(&self.0.pool, &self.0.keys, id).await
    }

    /// Turns on hot streams, see [`Lanes`].
    pub fn lanes(&self) -> &Lanes {
        &self.0.lanes
    }

    /// Batches committed by this process, as they are acknowledged; a lagging listener must read the log.
    pub fn tail(&self) -> broadcast::Receiver<Arc<Vec<Recorded>>> {
        self.0.tail.subscribe()
    }

    pub fn reader(&self) -> Reader {
        Reader::new(self.0.pool.clone())
    }

    pub fn opener(&self) -> Opener {
        self.0.opener.clone()
    }

    pub fn keys(&self) -> &KeyRing {
        &self.0.keys
    }

    pub fn log_id(&self) -> LogId {
        self.0.log
    }

    pub(crate) fn index(&self) -> &IndexKey {
        &self.0.index
    }

    /// For the crates that keep tables of their own in this database.
    pub fn pool(&self) -> &PgPool {
        &self.0.pool
    }
}

async fn read_log_id(pool: &PgPool) -> Result<LogId, StoreError> {
    let row = sqlx::query("SELECT log_id, epoch FROM es.log").fetch_one(pool).await?;
    Ok(LogId { id: row.get("log_id"), epoch: row.get("epoch") })
}
