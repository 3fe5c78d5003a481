//! Puts read models and telemetry behind what the workers ask for.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, BadgeId, SessionId, UserId,
    badge::{
        Availability,
        criteria::{Criterion, Fact},
    },
};
use projections::{JobQueries, QueryError, RebuildOptions, Watcher};
use std::time::Duration;
use store::{Recorded, Store};
use workers::{Eligible, NotTold, WrongCounters};

/// So long a job waits for the read model before it is tried again later.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct ReadModels {
    queries: JobQueries,
    store: Store,
}

impl ReadModels {
    pub fn new(store: Store, watcher: Watcher) -> Self {
        Self { queries: JobQueries::new(&store, watcher), store }
    }
}

#[async_trait]
impl workers::ReadModels for ReadModels {
    async fn pending_follows(
        &self,
        followed: UserId,
        position: i64,
        limit: i64,
    ) -> Result<Vec<UserId>, NotTold> {
        told(self.queries.list_pending_requests(followed, position, PATIENCE, limit).await)
    }

    async fn connected(&self, person: UserId, position: i64, limit: i64) -> Result<Vec<UserId>, NotTold> {
        told(self.queries.list_connected(person, position, PATIENCE, limit).await)
    }

    fn moves_badges(&self, event: &Recorded) -> bool {
        JobQueries::moves_badges(event)
    }

    async fn badge_progress_past(&self, position: i64) {
        self.queries.badge_progress_past(position, PATIENCE).await;
    }

    async fn eligible(&self, after: i64, limit: i64) -> Result<(i64, Vec<Eligible>), NotTold> {
        let stretch = told(self.queries.list_eligible(after, limit).await.map(Some))?;
        let eligible = |row: &projections::badge_progress::Eligible| Eligible {
            position: row.position,
            user: row.user,
            badge: row.badge,
            version: row.version,
        };
        Ok((stretch.until, stretch.rows.iter().map(eligible).collect()))
    }

    async fn facts(&self, user: UserId, position: i64) -> Result<Vec<Fact>, NotTold> {
        told(self.queries.list_facts(user, position, PATIENCE).await)
    }

    async fn active_badges(&self, position: i64) -> Result<Vec<BadgeId>, NotTold> {
        told(self.queries.list_active_badges(position, PATIENCE).await)
    }

    async fn earners(&self, badge: (Criterion, Availability), position: i64) -> Result<Vec<UserId>, NotTold> {
        told(self.queries.list_earners(badge, position, PATIENCE).await)
    }

    async fn wrong_counters(&self, limit: i64) -> Result<Vec<WrongCounters>, NotTold> {
        let wrong = told(self.queries.list_wrong_counters(limit).await.map(Some))?;
        let counters = wrong.map(|(name, people)| WrongCounters { read_model: name.as_str(), people });
        Ok(counters.into_iter().filter(|of| !of.people.is_empty()).collect())
    }

    async fn rebuild(&self, read_model: &str) -> Result<(), NotTold> {
        match projections::rebuild(&self.store, read_model, RebuildOptions::default(), |_| {}).await {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::warn!(read_model, %error, "a read model cannot be made anew");
                Err(NotTold::Unavailable)
            }
        }
    }

    async fn expired_sessions(
        &self,
        at: DateTime<Utc>,
        after: Option<SessionId>,
        limit: i64,
    ) -> Result<Vec<SessionId>, NotTold> {
        told(self.queries.list_expired_sessions(at, after, limit).await.map(Some))
    }

    async fn unverified_accounts(
        &self,
        before: DateTime<Utc>,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<UserId>, NotTold> {
        told(self.queries.list_unverified_accounts(before, after, limit).await.map(Some))
    }

    async fn service_keys(&self, at: DateTime<Utc>, position: i64) -> Result<Vec<ApiKeyId>, NotTold> {
        told(self.queries.list_service_keys(at, position, PATIENCE).await)
    }

    async fn forget_telemetry(&self, person: UserId) -> Result<(), NotTold> {
        told(self.queries.forget_activity(person).await.map(Some))
    }
}

fn told<T>(answer: Result<Option<T>, QueryError>) -> Result<T, NotTold> {
    answer
        .map_err(|error| {
            tracing::warn!(%error, "a job waits for the read models");
            NotTold::Unavailable
        })?
        .ok_or(NotTold::Behind)
}
