//! Reads of `notifications`. Whose they are is the caller's to check.

use crate::{
    page::{COUNTED_TO, Page, Seek, Stretch},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{AwardId, BadgeId, EventId, UserId, values::Rarity};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Postgres, QueryBuilder};

/// What a notification tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    BadgeEarned,
}

impl NotificationKind {
    /// The wire form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BadgeEarned => "badge_earned",
        }
    }
}

/// One event that a person is told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRow {
    /// In the log.
    pub position: i64,
    /// The event's.
    pub notification_id: EventId,
    pub user_id: UserId,
    pub kind: NotificationKind,
    pub created_at: DateTime<Utc>,
    /// None: unread.
    pub read_at: Option<DateTime<Utc>>,
    pub award_id: AwardId,
    pub badge_id: BadgeId,
    /// As it was when it was awarded.
    pub badge_name: String,
    /// What the person got.
    pub points: i64,
}

/// How a badge looks now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BadgeLook {
    pub slug: String,
    pub icon: String,
    pub rarity: Rarity,
}

/// A notification with what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Notification {
    #[serde(flatten)]
    pub row: NotificationRow,
    /// None while the read model of badges is behind this one.
    pub look: Option<BadgeLook>,
}

/// Which; all that are given must hold.
#[derive(Clone, Copy, Debug)]
pub struct NotificationFilter {
    pub user: UserId,
    /// Only what is unread, if true; only what is read, if false.
    pub unread: Option<bool>,
}

impl NotificationFilter {
    fn push_to(self, sql: &mut QueryBuilder<'_, Postgres>) {
        sql.push(" WHERE user_id = ").push_bind(self.user.uuid());
        match self.unread {
            Some(true) => drop(sql.push(" AND read_at IS NULL")),
            Some(false) => drop(sql.push(" AND read_at IS NOT NULL")),
            None => {}
        }
    }
}

const SHOWN: &str = "
    SELECT (to_jsonb(n) || jsonb_build_object('look', CASE WHEN b.badge_id IS NOT NULL
        THEN jsonb_build_object('slug', b.slug, 'icon', b.icon, 'rarity', b.rarity) END))::text
      FROM notifications n LEFT JOIN badges b USING (badge_id)";

impl Queries {
    /// Of anybody; none where what it tells of was taken back.
    pub async fn find_notification(&self, id: EventId) -> Result<Option<Notification>, QueryError> {
        rows::find(&self.pool, &format!("{SHOWN} WHERE notification_id = $1"), id.uuid()).await
    }

    pub async fn list_notifications(
        &self,
        filter: NotificationFilter,
        stretch: Stretch,
    ) -> Result<Page<Notification, Seek>, QueryError> {
        let counted = count(&self.pool, filter).await?;
        let mut sql = QueryBuilder::new(SHOWN);
        filter.push_to(&mut sql);
        if let Some(bound) = stretch.bound() {
            sql.push(if stretch.rising() { " AND position > " } else { " AND position < " }).push_bind(bound);
        }
        sql.push(if stretch.rising() { " ORDER BY position" } else { " ORDER BY position DESC" });
        sql.push(" LIMIT ").push_bind(i64::from(stretch.limit) + 1);
        let found = rows::parse(sql.build_query_scalar().fetch_all(&self.pool).await?)?;
        Ok(stretch.page(counted, found, |notification: &Notification| notification.row.position))
    }

    /// How many a person has not read.
    pub async fn count_unread_notifications(&self, user: UserId) -> Result<i64, QueryError> {
        let sql = "SELECT count(*) FROM notifications WHERE user_id = $1 AND read_at IS NULL";
        Ok(sqlx::query_scalar(sql).bind(user.uuid()).fetch_one(&self.pool).await?)
    }
}

async fn count(pool: &PgPool, filter: NotificationFilter) -> Result<i64, QueryError> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM notifications");
    filter.push_to(&mut sql);
    sql.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
    Ok(sql.build_query_scalar().fetch_one(pool).await?)
}
