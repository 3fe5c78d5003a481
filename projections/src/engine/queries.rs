//! The handle of the reads that the API offers. No SQL leaves this crate.
//!
//! The reads themselves stand beside their SQL: each read model has an `impl Queries` in its `query.rs`.

use crate::{
    people::PeopleReader,
    schema,
    session_gate::{SessionGate, Verdict},
    watcher::Watcher,
};
use domain::{SessionId, UserId};
use sqlx::PgPool;
use std::sync::Arc;
use store::{Opener, Reader, Store, StoreError};
use thiserror::Error;

/// A read that could not be answered.
#[derive(Debug, Error)]
pub enum QueryError {
    #[error("the read models cannot be reached")]
    Unavailable(#[from] sqlx::Error),
    /// The same, of a statement that answers several.
    #[error("the read models cannot be reached")]
    Gathered(#[from] Arc<sqlx::Error>),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect: a row does not fit its type.
    #[error("a row cannot be read")]
    Row(#[from] serde_json::Error),
}

/// All queries. Cheap to clone.
#[derive(Clone)]
pub struct Queries {
    pub(crate) pool: PgPool,
    pub(crate) people: PeopleReader,
    pub(crate) opener: Opener,
    pub(crate) reader: Reader,
    gate: SessionGate,
    watcher: Watcher,
}

impl Queries {
    /// Opens no connection before the first read. Within a runtime, for some reads have tasks.
    pub fn new(store: &Store, connections: u32, gate: SessionGate, watcher: Watcher) -> Self {
        let pool = schema::reading_pool(store.pool(), connections);
        Self {
            people: PeopleReader::new(&pool),
            pool,
            opener: store.opener(),
            reader: store.reader(),
            gate,
            watcher,
        }
    }

    /// Whether the session of an access token still counts.
    pub async fn check_session(
        &self,
        session: SessionId,
        user: UserId,
        epoch: u32,
    ) -> Result<Verdict, QueryError> {
        self.gate.check(session, user, epoch).await
    }

    /// See [`SessionGate::check_lasting`].
    pub async fn check_lasting_session(
        &self,
        session: SessionId,
        user: UserId,
        epoch: u32,
    ) -> Result<Verdict, QueryError> {
        self.gate.check_lasting(session, user, epoch).await
    }

    pub const fn gate(&self) -> &SessionGate {
        &self.gate
    }

    /// How far each read model is, and waiting for it.
    pub const fn watcher(&self) -> &Watcher {
        &self.watcher
    }
}
