//! Reads of badges, awards and what leads to them.

use crate::{
    badge_progress::{
        evidence::{self, Evidence},
        preview::{self, Looked, Preview},
        query as badge_progress,
    },
    badges::{
        query::{self as badges, AwardFilter, BadgeFilter, BadgeRow, UserBadge},
        standings::{self, BadgeAnalytics, BoardTimeframe, Place},
    },
    page::Page,
    paging::{Paging, Shelf, Turn},
    people::Viewer,
    queries::{Queries, QueryError},
};
use chrono::{DateTime, Utc};
use domain::{
    AwardId, BadgeId, UserId,
    badge::{
        Availability,
        criteria::{Criterion, Tally},
    },
};

impl Queries {
    /// Active badges with a criterion that a person does not have.
    pub async fn list_open_badges(&self, user: UserId) -> Result<Vec<BadgeRow>, QueryError> {
        badges::list_open(&self.pool, user).await
    }

    /// What criteria see of a person; none if nothing was told.
    pub async fn find_tally(&self, user: UserId) -> Result<Option<Tally>, QueryError> {
        badge_progress::tally(&self.pool, user).await
    }

    /// An award and the events that earned it; none if it was never given.
    pub async fn find_evidence(&self, award: AwardId) -> Result<Option<Evidence>, QueryError> {
        evidence::find(&self.reader, award).await
    }

    /// Who would have earned such a badge, over all of history. Dropping the future stops it.
    pub async fn preview(
        &self,
        criterion: &Criterion,
        available: Availability,
        progress: impl FnMut(Looked) + Send,
    ) -> Result<Preview, QueryError> {
        preview::run(&self.pool, criterion, available, progress).await
    }

    /// Also one that is a draft, or retired.
    pub async fn find_badge(
        &self,
        badge: BadgeId,
        now: DateTime<Utc>,
    ) -> Result<Option<BadgeRow>, QueryError> {
        badges::find_badge(&self.pool, badge, now).await
    }

    pub async fn find_badge_by_slug(
        &self,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<BadgeRow>, QueryError> {
        badges::find_badge_by_slug(&self.pool, slug, now).await
    }

    /// By category and name.
    pub async fn list_badges(
        &self,
        filter: &BadgeFilter,
        page: impl Into<Paging<Shelf>>,
    ) -> Result<Page<BadgeRow, Turn<Shelf>>, QueryError> {
        badges::list_badges(&self.pool, filter, &page.into()).await
    }

    /// Also one that was taken away.
    pub async fn find_award(&self, award: AwardId) -> Result<Option<UserBadge>, QueryError> {
        badges::find_award(&self.pool, award).await
    }

    /// A person's badges, the latest earned first.
    pub async fn list_awards(
        &self,
        filter: &AwardFilter,
        page: impl Into<Paging<DateTime<Utc>>>,
    ) -> Result<Page<UserBadge, Turn<DateTime<Utc>>>, QueryError> {
        badges::list_awards(&self.pool, filter, &page.into()).await
    }

    /// Who has the most points by badges, of those who show it to everybody.
    pub async fn list_leaders(
        &self,
        viewer: Viewer,
        timeframe: BoardTimeframe,
    ) -> Result<Vec<Place>, QueryError> {
        standings::leaderboard(&self.pool, viewer, timeframe).await
    }

    /// All badges and awards at a glance.
    pub async fn find_badge_analytics(&self, now: DateTime<Utc>) -> Result<BadgeAnalytics, QueryError> {
        standings::analytics(&self.pool, now).await
    }
}
