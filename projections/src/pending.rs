//! Requests to follow that wait for an answer, for a role that has no other queries.

use crate::{
    queries::QueryError,
    registry::SOCIAL_GRAPH,
    schema, social_graph,
    watcher::{Freshness, Watcher},
};
use domain::UserId;
use sqlx::PgPool;
use std::time::Duration;
use store::Store;

/// Reads `social_graph`, not before it is as far as it must be. Cheap to clone.
#[derive(Clone)]
pub struct PendingRequests {
    pool: PgPool,
    watcher: Watcher,
}

impl PendingRequests {
    /// Opens no connection before the first read.
    pub fn new(store: &Store, watcher: Watcher) -> Self {
        Self { pool: schema::reading_pool(store.pool(), 1), watcher }
    }

    /// Who waits for this person's answer, oldest first, at most `limit`. None if the read model does not contain the
    /// log up to `position` within `bound`.
    pub async fn list(
        &self,
        followed: UserId,
        position: i64,
        bound: Duration,
        limit: i64,
    ) -> Result<Option<Vec<UserId>>, QueryError> {
        if self.watcher.wait_for(&[SOCIAL_GRAPH], position, bound).await != Freshness::Fresh {
            return Ok(None);
        }
        Ok(Some(social_graph::query::list_pending(&self.pool, followed, limit).await?))
    }
}
