//! The handle of the reads that jobs need. They wait for the read model, and a job that is told nothing is tried again.
//!
//! The reads themselves stand beside their SQL: a read model that jobs ask has an `impl JobQueries` in its `query.rs`.

use crate::{
    badge_progress::{matters, recount as badge_recount},
    badges::recount as award_recount,
    projection::Name,
    queries::QueryError,
    registry::{BADGE_PROGRESS, BADGES, SOCIAL_GRAPH},
    schema,
    social_graph::recount as social_graph_recount,
    watcher::{Freshness, Watcher},
};
use domain::UserId;
use sqlx::PgPool;
use std::time::Duration;
use store::{Recorded, Store};

/// So long a read waits for its read model.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a read model does not tell.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// It does not contain the log up to the position that was asked for, and did not in time.
    #[error("the read model is behind")]
    Behind,
    #[error(transparent)]
    Unavailable(#[from] QueryError),
}

impl From<sqlx::Error> for NotTold {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// Reads a model not before it is as far as it must be: a `position` is where the log stands that the read must have
/// seen. Cheap to clone.
#[derive(Clone)]
pub struct JobQueries {
    pub(crate) pool: PgPool,
    /// For what is no read model.
    pub(crate) beside: PgPool,
    watcher: Watcher,
}

impl JobQueries {
    /// Opens no connection before the first read.
    pub fn new(store: &Store, watcher: Watcher) -> Self {
        Self { pool: schema::reading_pool(store.pool(), 1), beside: store.pool().clone(), watcher }
    }

    /// Whether an event can change who is eligible for a badge; true of one that only a newer program knows.
    pub fn moves_badges(event: &Recorded) -> bool {
        event.decode().map_or(true, |event| matters(&event))
    }

    /// Waits, in bounded time, until the progress of badges may have moved past a position.
    pub async fn badge_progress_past(&self, position: i64) {
        self.watcher.wait_for(&[BADGE_PROGRESS], position.saturating_add(1), PATIENCE).await;
    }

    /// People whose counters of followers are not what a recount of the follows gives, then those whose posts are not
    /// what a recount of their deeds gives, then those of badges and awards; at most `limit` of each (C-46).
    pub async fn list_wrong_counters(&self, limit: i64) -> Result<[(Name, Vec<UserId>); 3], NotTold> {
        let followers = social_graph_recount::list_wrong_counters(&self.pool, limit).await?;
        let posts = badge_recount::list_wrong_counters(&self.pool, limit).await?;
        let awards = award_recount::list_wrong_counters(&self.pool, limit).await?;
        Ok([(SOCIAL_GRAPH, followers), (BADGE_PROGRESS, posts), (BADGES, awards)])
    }

    /// The read models contain the log up to this position, now or within [`PATIENCE`].
    pub(crate) async fn fresh(&self, read_models: &[Name], position: i64) -> Result<(), NotTold> {
        match self.watcher.wait_for(read_models, position, PATIENCE).await {
            Freshness::Fresh => Ok(()),
            Freshness::Late => Err(NotTold::Behind),
        }
    }
}
