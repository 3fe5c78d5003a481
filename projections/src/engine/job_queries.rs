//! Reads that jobs need, for a role that has no other queries.

use crate::{
    accounts::query as accounts,
    api_keys::query as api_keys,
    badge_progress::{EligibleStretch, matters, preview, query as badge_progress, recount as badge_recount},
    badges::recount as award_recount,
    erasures::query as erasures,
    projection::Name,
    queries::QueryError,
    registry::{API_KEYS, BADGE_PROGRESS, BADGES, SOCIAL_GRAPH},
    schema, session_activity,
    sessions::query as sessions,
    social_graph::{query as social_graph, recount as social_graph_recount},
    watcher::{Freshness, Watcher},
};
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, BadgeId, SessionId, UserId,
    badge::{
        Availability,
        criteria::{Criterion, Fact},
    },
};
use sqlx::PgPool;
use std::time::Duration;
use store::{Recorded, Store};

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

    /// Whether an event can change who is eligible for a badge; true of one that only a newer program knows.
    pub fn moves_badges(event: &Recorded) -> bool {
        event.decode().map_or(true, |event| matters(&event))
    }

    /// Waits until the progress of badges may have moved past a position, no longer than `bound`.
    pub async fn badge_progress_past(&self, position: i64, bound: Duration) {
        self.watcher.wait_for(&[BADGE_PROGRESS], position.saturating_add(1), bound).await;
    }

    /// Who became eligible for a badge after a position; at most `limit`, and those of the last one's event.
    pub async fn list_eligible(&self, after: i64, limit: i64) -> Result<EligibleStretch, QueryError> {
        badge_progress::eligible(&self.pool, after, limit).await
    }

    /// Everything that criteria see of a person, in the order of the log. None if the read model does not contain the
    /// log up to `position` within `bound`.
    pub async fn list_facts(
        &self,
        user: UserId,
        position: i64,
        bound: Duration,
    ) -> Result<Option<Vec<Fact>>, QueryError> {
        match self.watcher.wait_for(&[BADGE_PROGRESS], position, bound).await {
            Freshness::Fresh => Ok(Some(badge_progress::facts(&self.pool, user).await?)),
            Freshness::Late => Ok(None),
        }
    }

    /// Badges that can be earned. None as for [`Self::list_facts`].
    pub async fn list_active_badges(
        &self,
        position: i64,
        bound: Duration,
    ) -> Result<Option<Vec<BadgeId>>, QueryError> {
        match self.watcher.wait_for(&[BADGE_PROGRESS], position, bound).await {
            Freshness::Fresh => Ok(Some(badge_progress::active_badges(&self.pool).await?)),
            Freshness::Late => Ok(None),
        }
    }

    /// Everybody who has earned such a badge by now. None as for [`Self::list_facts`].
    pub async fn list_earners(
        &self,
        (criterion, available): (Criterion, Availability),
        position: i64,
        bound: Duration,
    ) -> Result<Option<Vec<UserId>>, QueryError> {
        match self.watcher.wait_for(&[BADGE_PROGRESS], position, bound).await {
            Freshness::Fresh => Ok(Some(preview::earners(self.pool.clone(), criterion, available).await?)),
            Freshness::Late => Ok(None),
        }
    }

    /// People whose counters of followers are not what a recount of the follows gives, then those whose posts are not
    /// what a recount of their deeds gives, then those of badges and awards; at most `limit` of each (C-46).
    pub async fn list_wrong_counters(&self, limit: i64) -> Result<[(Name, Vec<UserId>); 3], QueryError> {
        let followers = social_graph_recount::list_wrong_counters(&self.pool, limit).await?;
        let posts = badge_recount::list_wrong_counters(&self.pool, limit).await?;
        let awards = award_recount::list_wrong_counters(&self.pool, limit).await?;
        Ok([(SOCIAL_GRAPH, followers), (BADGE_PROGRESS, posts), (BADGES, awards)])
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

    /// Accounts that were registered before this time and that nobody has verified, by id, after this one, at most
    /// `limit`.
    pub async fn list_unverified_accounts(
        &self,
        before: DateTime<Utc>,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<UserId>, QueryError> {
        Ok(accounts::list_unverified(&self.pool, before, after, limit).await?)
    }

    /// Keys of services that are neither revoked nor expired; none if the read model is late.
    pub async fn list_service_keys(
        &self,
        at: DateTime<Utc>,
        position: i64,
        bound: Duration,
    ) -> Result<Option<Vec<ApiKeyId>>, QueryError> {
        if self.watcher.wait_for(&[API_KEYS], position, bound).await == Freshness::Late {
            return Ok(None);
        }
        Ok(Some(api_keys::list_live_of_services(&self.pool, at).await?))
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
