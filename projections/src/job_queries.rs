//! Reads that jobs need, for a role that has no other queries.

use crate::{
    erasures::query as erasures,
    queries::QueryError,
    registry::SOCIAL_GRAPH,
    schema, session_activity,
    sessions::query as sessions,
    social_graph::{query as social_graph, recount},
    watcher::{Freshness, Watcher},
};
use chrono::{DateTime, Utc};
use domain::{SessionId, UserId};
use sqlx::PgPool;
use std::time::Duration;
use store::Store;

/// Reads a model not before it is as far as it must be. Cheap to clone.
#[derive(Clone)]
pub struct JobQueries {
    pool: PgPool,
    /// For what is no read model.
    beside: PgPool,
    watcher: Watcher,
}

impl JobQueries {
    /// Opens no connection before the first read.
    pub fn new(store: &Store, watcher: Watcher) -> Self {
        Self { pool: schema::reading_pool(store.pool(), 1), beside: store.pool().clone(), watcher }
    }

    /// Who waits for this person's answer, oldest first, at most `limit`. None if the read model does not contain the
    /// log up to `position` within `bound`.
    pub async fn list_pending_requests(
        &self,
        followed: UserId,
        position: i64,
        bound: Duration,
        limit: i64,
    ) -> Result<Option<Vec<UserId>>, QueryError> {
        if !self.is_fresh(position, bound).await {
            return Ok(None);
        }
        Ok(Some(social_graph::list_pending(&self.pool, followed, limit).await?))
    }

    /// Everybody with whom a follow, a request, a block or a mute stands, in either direction, at most `limit`. None
    /// as for [`Self::list_pending_requests`].
    pub async fn list_connected(
        &self,
        person: UserId,
        position: i64,
        bound: Duration,
        limit: i64,
    ) -> Result<Option<Vec<UserId>>, QueryError> {
        if !self.is_fresh(position, bound).await {
            return Ok(None);
        }
        Ok(Some(social_graph::list_connected(&self.pool, person, limit).await?))
    }

    /// People whose counters of followers are not what a recount of the follows gives, at most `limit` (C-46).
    pub async fn list_wrong_counters(&self, limit: i64) -> Result<Vec<UserId>, QueryError> {
        Ok(recount::list_wrong_counters(&self.pool, limit).await?)
    }

    /// Sessions that are over by this time though no event says so, after this id, at most `limit` (TSK-07).
    pub async fn list_expired_sessions(
        &self,
        at: DateTime<Utc>,
        after: Option<SessionId>,
        limit: i64,
    ) -> Result<Vec<SessionId>, QueryError> {
        Ok(sessions::list_expired(&self.pool, at, after, limit).await?)
    }

    /// Everybody whose data key was destroyed, as far as the read model is.
    pub async fn list_certified_erasures(&self) -> Result<Vec<UserId>, QueryError> {
        Ok(erasures::list_certified(&self.pool).await?)
    }

    /// Forgets when a person's sessions were last active. What another node counted within the last minute it may
    /// still add; it is forgotten by its age.
    pub async fn forget_activity(&self, person: UserId) -> Result<(), QueryError> {
        Ok(session_activity::forget_person(&self.beside, person).await?)
    }

    async fn is_fresh(&self, position: i64, bound: Duration) -> bool {
        self.watcher.wait_for(&[SOCIAL_GRAPH], position, bound).await == Freshness::Fresh
    }
}
