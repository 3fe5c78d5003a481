//! Reads of `social_graph`. Who may see what is the caller's to check, but for blocks: lists hide from a viewer whom
//! a block keeps apart from them, in either direction, and whoever is suspended.

use crate::{
    page::{COUNTED_TO, Numbered, Page},
    queries::QueryError,
    rows,
};
use chrono::{DateTime, Utc};
use domain::{BlockId, FollowId, MuteId, UserId, values::FollowStatus};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// A follow, also one that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowRow {
    pub follow_id: FollowId,
    pub follower: UserId,
    pub followed: UserId,
    /// The last one, if it is over.
    pub status: FollowStatus,
    /// It is over (C-14).
    pub is_deleted: bool,
    /// Its latest request.
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A block, also one that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockRow {
    pub block_id: BlockId,
    pub blocker: UserId,
    pub blocked: UserId,
    /// The blocker's own words; absent where there were none, or they were erased.
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// A mute, also one that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MuteRow {
    pub mute_id: MuteId,
    pub muter: UserId,
    pub muted: UserId,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Accepted follows of a person, in both directions (SOC-06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowCounts {
    pub user_id: UserId,
    pub follower_count: i64,
    pub following_count: i64,
}

/// Which end of a follow a person is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Who follows the person.
    Followers,
    /// Whom the person follows.
    Following,
}

/// Which follows.
#[derive(Clone, Copy, Debug)]
pub struct FollowFilter {
    pub user: UserId,
    pub direction: Direction,
    pub status: FollowStatus,
    /// None: now. By the log's own time.
    pub as_of: Option<DateTime<Utc>>,
    /// Whom a block keeps apart from this one is left out.
    pub viewer: UserId,
    /// Whoever is suspended at this time is left out.
    pub now: DateTime<Utc>,
}

/// How one person stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// One of the two blocks the other.
    pub apart: bool,
    /// The first is an accepted follower of the second.
    pub follows: bool,
}

pub(crate) async fn find_follow(pool: &PgPool, id: FollowId) -> Result<Option<FollowRow>, QueryError> {
    rows::find(pool, "SELECT row_to_json(f)::text FROM follows f WHERE follow_id = $1", id.uuid()).await
}

/// Also one that is over.
pub(crate) async fn find_block(pool: &PgPool, id: BlockId) -> Result<Option<BlockRow>, QueryError> {
    rows::find(pool, "SELECT row_to_json(b)::text FROM blocks b WHERE block_id = $1", id.uuid()).await
}

/// Also one that is over.
pub(crate) async fn find_mute(pool: &PgPool, id: MuteId) -> Result<Option<MuteRow>, QueryError> {
    rows::find(pool, "SELECT row_to_json(m)::text FROM mutes m WHERE mute_id = $1", id.uuid()).await
}

pub(crate) async fn find_counts(pool: &PgPool, user_id: UserId) -> Result<FollowCounts, QueryError> {
    let sql = "SELECT row_to_json(c)::text FROM follow_counts c WHERE user_id = $1";
    let none = FollowCounts { user_id, follower_count: 0, following_count: 0 };
    Ok(rows::find(pool, sql, user_id.uuid()).await?.unwrap_or(none))
}

pub(crate) async fn find_standing(pool: &PgPool, one: UserId, other: UserId) -> Result<Standing, QueryError> {
    let row = sqlx::query(
        "SELECT EXISTS (SELECT FROM blocks WHERE block_id IN ($1, $2) AND ended_at IS NULL) AS apart,
                EXISTS (SELECT FROM follows WHERE follow_id = $3 AND status = 'accepted' AND NOT is_deleted)
                    AS follows",
    )
    .bind(BlockId::of(one, other).uuid())
    .bind(BlockId::of(other, one).uuid())
    .bind(FollowId::of(one, other).uuid())
    .fetch_one(pool)
    .await?;
    Ok(Standing { apart: row.get("apart"), follows: row.get("follows") })
}

/// What each list is made of: whose rows, and in which state. `$1` is the person, `$2` the viewer, `$3` the status,
/// `$4` the time, `$5` the present time.
fn follows_sql(filter: &FollowFilter) -> String {
    let (whose, other) = match filter.direction {
        Direction::Followers => ("followed", "follower"),
        Direction::Following => ("follower", "followed"),
    };
    let then = match filter.as_of {
        None => "valid_to IS NULL AND $4::timestamptz IS NULL",
        Some(_) => "valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)",
    };
    format!(
        "FROM follow_periods p WHERE {whose} = $1 AND status = $3 AND {then} AND NOT EXISTS
            (SELECT FROM blocks b WHERE b.ended_at IS NULL AND
                ((b.blocker = $2 AND b.blocked = p.{other}) OR (b.blocker = p.{other} AND b.blocked = $2)))
         AND NOT EXISTS (SELECT FROM profile_pages s WHERE s.user_id = p.{other} AND (s.is_leaving OR
             (s.suspended_at IS NOT NULL AND (s.suspended_until IS NULL OR s.suspended_until > $5))))"
    )
}

/// Newest request first.
pub(crate) async fn list_follows(
    pool: &PgPool,
    filter: &FollowFilter,
    page: Numbered,
) -> Result<Page<FollowRow, u32>, QueryError> {
    let from = follows_sql(filter);
    let counted = match (filter.status, filter.as_of) {
        (FollowStatus::Accepted, None) => count_followers(pool, filter).await?,
        (FollowStatus::Accepted | FollowStatus::Pending | FollowStatus::Rejected, _) => {
            count_follows(pool, filter, &from).await?
        }
    };
    let list = format!(
        "SELECT json_build_object('follow_id', follow_id, 'follower', follower, 'followed', followed,
             'status', status, 'is_deleted', false, 'created_at', created_at, 'updated_at', updated_at)::text
         {from} ORDER BY created_at DESC, follow_id LIMIT $6 OFFSET $7"
    );
    let rows = sqlx::query_scalar(&list)
        .bind(filter.user.uuid())
        .bind(filter.viewer.uuid())
        .bind(filter.status.name())
        .bind(filter.as_of)
        .bind(filter.now)
        .bind(page.limit() + 1)
        .bind(page.offset())
        .fetch_all(pool)
        .await?;
    Ok(page.page(counted, rows::parse(rows)?))
}

/// One by one, to a bound.
async fn count_follows(pool: &PgPool, filter: &FollowFilter, from: &str) -> Result<i64, QueryError> {
    let sql = format!("SELECT count(*) FROM (SELECT 1 {from} LIMIT $6) AS counted");
    let count = sqlx::query_scalar(&sql)
        .bind(filter.user.uuid())
        .bind(filter.viewer.uuid())
        .bind(filter.status.name())
        .bind(filter.as_of)
        .bind(filter.now)
        .bind(COUNTED_TO + 1);
    Ok(count.fetch_one(pool).await?)
}

/// Those that are kept count of, without the few whom a block keeps apart from the viewer or who are hidden: a hundred
/// thousand followers cost no more than ten.
async fn count_followers(pool: &PgPool, filter: &FollowFilter) -> Result<i64, QueryError> {
    let sql = "SELECT blocked FROM blocks WHERE blocker = $1 AND ended_at IS NULL
               UNION SELECT blocker FROM blocks WHERE blocked = $1 AND ended_at IS NULL
               UNION SELECT user_id FROM profile_pages WHERE (is_leaving OR suspended_at IS NOT NULL)
                 AND (is_leaving OR suspended_until IS NULL OR suspended_until > $2)";
    let apart = sqlx::query_scalar(sql).bind(filter.viewer.uuid()).bind(filter.now);
    let apart: Vec<Uuid> = apart.fetch_all(pool).await?;
    let follow = |other: Uuid| match filter.direction {
        Direction::Followers => FollowId::of(UserId::from_uuid(other), filter.user),
        Direction::Following => FollowId::of(filter.user, UserId::from_uuid(other)),
    };
    let column = match filter.direction {
        Direction::Followers => "follower_count",
        Direction::Following => "following_count",
    };
    let sql = format!(
        "SELECT coalesce((SELECT {column} FROM follow_counts WHERE user_id = $1), 0)
              - (SELECT count(*) FROM follows
                  WHERE follow_id = ANY ($2) AND status = 'accepted' AND NOT is_deleted)"
    );
    let follows: Vec<Uuid> = apart.into_iter().map(|other| follow(other).uuid()).collect();
    Ok(sqlx::query_scalar(&sql).bind(filter.user.uuid()).bind(follows).fetch_one(pool).await?)
}

/// Those that stand, newest first.
pub(crate) async fn list_blocks(
    pool: &PgPool,
    blocker: UserId,
    page: Numbered,
) -> Result<Page<BlockRow, u32>, QueryError> {
    let counted = "SELECT count(*) AS n FROM
        (SELECT 1 FROM blocks WHERE blocker = $1 AND ended_at IS NULL LIMIT $2) AS counted";
    let listed = "SELECT row_to_json(b)::text FROM blocks b WHERE blocker = $1 AND ended_at IS NULL
        ORDER BY created_at DESC, block_id LIMIT $2 OFFSET $3";
    list_own(pool, (counted, listed), blocker, page).await
}

/// Those that stand, newest first.
pub(crate) async fn list_mutes(
    pool: &PgPool,
    muter: UserId,
    page: Numbered,
) -> Result<Page<MuteRow, u32>, QueryError> {
    let counted = "SELECT count(*) AS n FROM
        (SELECT 1 FROM mutes WHERE muter = $1 AND ended_at IS NULL LIMIT $2) AS counted";
    let listed = "SELECT row_to_json(m)::text FROM mutes m WHERE muter = $1 AND ended_at IS NULL
        ORDER BY created_at DESC, mute_id LIMIT $2 OFFSET $3";
    list_own(pool, (counted, listed), muter, page).await
}

async fn list_own<R: serde::de::DeserializeOwned>(
    pool: &PgPool,
    (counted, listed): (&str, &str),
    user: UserId,
    page: Numbered,
) -> Result<Page<R, u32>, QueryError> {
    let counted = sqlx::query(counted).bind(user.uuid()).bind(COUNTED_TO + 1).fetch_one(pool).await?;
    let rows = sqlx::query_scalar(listed)
        .bind(user.uuid())
        .bind(page.limit() + 1)
        .bind(page.offset())
        .fetch_all(pool)
        .await?;
    Ok(page.page(counted.get("n"), rows::parse(rows)?))
}

/// Whose requests to follow this person wait for an answer, oldest first, at most `limit`.
pub(crate) async fn list_pending(
    pool: &PgPool,
    followed: UserId,
    limit: i64,
) -> Result<Vec<UserId>, sqlx::Error> {
    let followers: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT follower FROM follow_periods
          WHERE followed = $1 AND status = 'pending' AND valid_to IS NULL ORDER BY created_at, follow_id LIMIT $2",
    )
    .bind(followed.uuid())
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(followers.into_iter().map(UserId::from_uuid).collect())
}

/// With whom anything stands, in either direction, at most `limit`.
pub(crate) async fn list_connected(
    pool: &PgPool,
    person: UserId,
    limit: i64,
) -> Result<Vec<UserId>, sqlx::Error> {
    let others: Vec<uuid::Uuid> = sqlx::query_scalar(
        "SELECT followed FROM follow_periods WHERE follower = $1 AND valid_to IS NULL
         UNION SELECT follower FROM follow_periods WHERE followed = $1 AND valid_to IS NULL
         UNION SELECT blocked FROM blocks WHERE blocker = $1 AND ended_at IS NULL
         UNION SELECT blocker FROM blocks WHERE blocked = $1 AND ended_at IS NULL
         UNION SELECT muted FROM mutes WHERE muter = $1 AND ended_at IS NULL
         UNION SELECT muter FROM mutes WHERE muted = $1 AND ended_at IS NULL
         LIMIT $2",
    )
    .bind(person.uuid())
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(others.into_iter().map(UserId::from_uuid).collect())
}
