//! Follows, blocks and mutes as their own people see them (C-13, SOC-01 to SOC-05).

use chrono::{DateTime, Utc};
use domain::{BlockId, FollowId, MuteId, UserId, follow::Follow, values::FollowStatus};
use projections::social_graph::query::{BlockRow, FollowRow, MuteRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FollowView {
    /// The same for ever, however often the follow ends and begins again.
    pub id: Uuid,
    pub follower: Uuid,
    pub followed: Uuid,
    /// Same as `followed`.
    pub following: Uuid,
    /// `pending`, `accepted` or `rejected`; the last one, if it is over.
    #[schema(value_type = String, example = "accepted")]
    pub status: FollowStatus,
    /// It is over.
    pub is_deleted: bool,
    /// Its latest request.
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl FollowView {
    /// What a pair says of one direction; none if there never was such a follow.
    pub fn of(pair: &Follow, follower: UserId, followed: UserId) -> Option<Self> {
        let following = pair.side(follower)?.following.as_ref()?;
        Some(Self {
            id: FollowId::of(follower, followed).uuid(),
            follower: follower.uuid(),
            followed: followed.uuid(),
            following: followed.uuid(),
            status: following.status,
            is_deleted: following.is_over,
            created_at: following.requested_at,
            updated_at: following.changed_at,
        })
    }
}

impl From<FollowRow> for FollowView {
    fn from(row: FollowRow) -> Self {
        Self {
            id: row.follow_id.uuid(),
            follower: row.follower.uuid(),
            followed: row.followed.uuid(),
            following: row.followed.uuid(),
            status: row.status,
            is_deleted: row.is_deleted,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BlockView {
    /// The same for ever, however often the block ends and begins again.
    pub id: Uuid,
    pub blocker: Uuid,
    pub blocked: Uuid,
    /// For the blocker alone.
    pub reason: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl BlockView {
    /// What a pair says of one direction; none if there is no such block.
    pub fn of(pair: &Follow, blocker: UserId, blocked: UserId) -> Option<Self> {
        let block = pair.side(blocker)?.block.as_ref()?;
        Some(Self {
            id: BlockId::of(blocker, blocked).uuid(),
            blocker: blocker.uuid(),
            blocked: blocked.uuid(),
            reason: block.reason.as_ref().and_then(|reason| reason.known().cloned()),
            created_at: block.blocked_at,
        })
    }
}

impl From<BlockRow> for BlockView {
    fn from(row: BlockRow) -> Self {
        Self {
            id: row.block_id.uuid(),
            blocker: row.blocker.uuid(),
            blocked: row.blocked.uuid(),
            reason: row.reason,
            created_at: row.created_at,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MuteView {
    /// The same for ever, however often the mute ends and begins again.
    pub id: Uuid,
    pub muter: Uuid,
    pub muted: Uuid,
    pub created_at: DateTime<Utc>,
}

impl MuteView {
    /// What a pair says of one direction; none if there is no such mute.
    pub fn of(pair: &Follow, muter: UserId, muted: UserId) -> Option<Self> {
        let created_at = pair.side(muter)?.muted_at?;
        Some(Self {
            id: MuteId::of(muter, muted).uuid(),
            muter: muter.uuid(),
            muted: muted.uuid(),
            created_at,
        })
    }
}

impl From<MuteRow> for MuteView {
    fn from(row: MuteRow) -> Self {
        Self {
            id: row.mute_id.uuid(),
            muter: row.muter.uuid(),
            muted: row.muted.uuid(),
            created_at: row.created_at,
        }
    }
}
