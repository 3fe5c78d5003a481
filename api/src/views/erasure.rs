//! What became of a request to delete an account.

use chrono::{DateTime, Utc};
use domain::{
    UserId,
    user::{DeletionBy, User},
};
use projections::erasures::query::Erasure;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A deletion that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletionView {
    pub user_id: Uuid,
    pub requested_at: DateTime<Utc>,
    /// Until then it can be taken back: by its owner with `cancel_deletion` at the login, or by staff.
    pub erase_after: DateTime<Utc>,
    #[schema(example = "The account is closed and will be erased")]
    pub message: &'static str,
}

impl DeletionView {
    /// None if nobody asked.
    pub fn of(user_id: UserId, user: &User) -> Option<Self> {
        let pending = user.deletion?;
        Some(Self {
            user_id: user_id.uuid(),
            requested_at: pending.requested_at,
            erase_after: pending.erase_after,
            message: "The account is closed and will be erased",
        })
    }
}

/// The state of a deletion, and the certificate once the person is erased (C-39).
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureView {
    pub user_id: Uuid,
    /// `requested`, `cancelled`, `erased` (names and addresses are free, the read models have forgotten), `certified`
    /// (the data key is destroyed: nothing personal in the log can be read any more).
    #[schema(example = "certified")]
    pub status: &'static str,
    /// `owner` or `staff`.
    #[schema(value_type = String, example = "owner")]
    pub requested_by: DeletionBy,
    pub requested_at: DateTime<Utc>,
    pub erase_after: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub erased_at: Option<DateTime<Utc>>,
    /// Of the erasure in the log.
    pub position: Option<i64>,
    /// When the data key was destroyed.
    pub destroyed_at: Option<DateTime<Utc>>,
    /// First horizon: no running node holds the key in memory after it.
    pub live_until: Option<DateTime<Utc>>,
    /// Second horizon: no backup of the key store holds the key after it.
    pub backups_until: Option<DateTime<Utc>>,
    pub certified_at: Option<DateTime<Utc>>,
}

impl From<Erasure> for ErasureView {
    fn from(row: Erasure) -> Self {
        let status = match (row.certified_at, row.erased_at, row.cancelled_at) {
            (Some(_), ..) => "certified",
            (None, Some(_), _) => "erased",
            (None, None, Some(_)) => "cancelled",
            (None, None, None) => "requested",
        };
        Self {
            user_id: row.user_id.uuid(),
            status,
            requested_by: row.requested_by,
            requested_at: row.requested_at,
            erase_after: row.erase_after,
            cancelled_at: row.cancelled_at,
            erased_at: row.erased_at,
            position: row.position,
            destroyed_at: row.destroyed_at,
            live_until: row.live_until,
            backups_until: row.backups_until,
            certified_at: row.certified_at,
        }
    }
}
