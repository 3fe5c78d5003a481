//! Reads of `social_graph` but for lists and counts, which are in [`lists`](super::lists). Who may see what is the
//! caller's to check.

use crate::{
    job_queries::{JobQueries, NotTold},
    queries::{Queries, QueryError},
    registry::SOCIAL_GRAPH,
    rows,
};
use chrono::{DateTime, Utc};
use domain::{BlockId, FollowId, MuteId, UserId, values::FollowStatus};
use serde::{Deserialize, Serialize};
use sqlx::Row;

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

/// Accepted follows of a person, in both directions (SOC-06). Shown to somebody: those with people who are there for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowCounts {
    pub user_id: UserId,
    pub follower_count: i64,
    pub following_count: i64,
}

/// How one person stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// One of the two blocks the other.
    pub apart: bool,
    /// The first is an accepted follower of the second.
    pub follows: bool,
}

impl Queries {
    /// Also one that is over.
    pub async fn find_follow(&self, follow: FollowId) -> Result<Option<FollowRow>, QueryError> {
        rows::find(
            &self.pool,
            "SELECT row_to_json(f)::text FROM follows f WHERE follow_id = $1",
            follow.uuid(),
        )
        .await
    }

    /// Also one that is over.
    pub async fn find_block(&self, block: BlockId) -> Result<Option<BlockRow>, QueryError> {
        rows::find(&self.pool, "SELECT row_to_json(b)::text FROM blocks b WHERE block_id = $1", block.uuid())
            .await
    }

    /// Also one that is over.
    pub async fn find_mute(&self, mute: MuteId) -> Result<Option<MuteRow>, QueryError> {
        rows::find(&self.pool, "SELECT row_to_json(m)::text FROM mutes m WHERE mute_id = $1", mute.uuid())
            .await
    }

    /// Whether a block keeps the two apart, and whether the first follows the second.
    pub async fn find_standing(&self, one: UserId, other: UserId) -> Result<Standing, QueryError> {
        let row = sqlx::query(
            "SELECT EXISTS (SELECT FROM blocks WHERE block_id IN ($1, $2) AND ended_at IS NULL) AS apart,
                    EXISTS (SELECT FROM follows WHERE follow_id = $3 AND status = 'accepted' AND NOT is_deleted)
                        AS follows",
        )
        .bind(BlockId::of(one, other).uuid())
        .bind(BlockId::of(other, one).uuid())
        .bind(FollowId::of(one, other).uuid())
        .fetch_one(&self.pool)
        .await?;
        Ok(Standing { apart: row.get("apart"), follows: row.get("follows") })
    }
}

impl JobQueries {
    /// Who waits for this person's answer, oldest first, at most `limit`.
    pub async fn list_pending_requests(
        &self,
        followed: UserId,
        position: i64,
        limit: i64,
    ) -> Result<Vec<UserId>, NotTold> {
        self.fresh(&[SOCIAL_GRAPH], position).await?;
        let followers: Vec<uuid::Uuid> = sqlx::query_scalar(
            "SELECT follower FROM follow_periods
              WHERE followed = $1 AND status = 'pending' AND valid_to IS NULL ORDER BY created_at, follow_id LIMIT $2",
        )
        .bind(followed.uuid())
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        Ok(followers.into_iter().map(UserId::from_uuid).collect())
    }

    /// Everybody with whom a follow, a request, a block or a mute stands, in either direction, at most `limit`.
    pub async fn list_connected(
        &self,
        person: UserId,
        position: i64,
        limit: i64,
    ) -> Result<Vec<UserId>, NotTold> {
        self.fresh(&[SOCIAL_GRAPH], position).await?;
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
        .fetch_all(&self.pool)
        .await?;
        Ok(others.into_iter().map(UserId::from_uuid).collect())
    }
}
