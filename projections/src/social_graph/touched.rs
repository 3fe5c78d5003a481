//! The rows that a batch touches: loaded once, changed event by event, stored once.

use super::query::{BlockRow, FollowCounts, FollowRow, MuteRow};
use crate::{batch::Batch, projection::ProjectionError};
use chrono::{DateTime, Utc};
use domain::{BlockId, FollowId, MuteId, UserId, follow::FollowEvent, values::FollowStatus};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LOAD_FOLLOWS: &str = "SELECT row_to_json(f)::text FROM follows f WHERE follow_id = ANY ($1)";
const LOAD_OPEN: &str =
    "SELECT row_to_json(p)::text FROM follow_periods p WHERE follow_id = ANY ($1) AND valid_to IS NULL";
const LOAD_BLOCKS: &str = "SELECT row_to_json(b)::text FROM blocks b WHERE block_id = ANY ($1)";
const LOAD_MUTES: &str = "SELECT row_to_json(m)::text FROM mutes m WHERE mute_id = ANY ($1)";
const LOAD_COUNTS: &str = "SELECT row_to_json(c)::text FROM follow_counts c WHERE user_id = ANY ($1)";

const STORE_FOLLOWS: &str = "
    INSERT INTO follows SELECT * FROM json_populate_recordset(NULL::follows, $1::json)
    ON CONFLICT (follow_id) DO UPDATE SET (status, is_deleted, created_at, updated_at)
        = ROW (excluded.status, excluded.is_deleted, excluded.created_at, excluded.updated_at)";
const STORE_PERIODS: &str = "
    INSERT INTO follow_periods SELECT * FROM json_populate_recordset(NULL::follow_periods, $1::json)
    ON CONFLICT (follow_id, sequence) DO UPDATE SET valid_to = excluded.valid_to";
const STORE_BLOCKS: &str = "
    INSERT INTO blocks SELECT * FROM json_populate_recordset(NULL::blocks, $1::json)
    ON CONFLICT (block_id) DO UPDATE SET (reason, created_at, ended_at)
        = ROW (excluded.reason, excluded.created_at, excluded.ended_at)";
const STORE_MUTES: &str = "
    INSERT INTO mutes SELECT * FROM json_populate_recordset(NULL::mutes, $1::json)
    ON CONFLICT (mute_id) DO UPDATE SET (created_at, ended_at) = ROW (excluded.created_at, excluded.ended_at)";
const STORE_COUNTS: &str = "
    INSERT INTO follow_counts SELECT * FROM json_populate_recordset(NULL::follow_counts, $1::json)
    ON CONFLICT (user_id) DO UPDATE SET (follower_count, following_count)
        = ROW (excluded.follower_count, excluded.following_count)";

/// A row of `follow_periods`.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Period {
    pub follow_id: FollowId,
    pub sequence: i64,
    pub follower: UserId,
    pub followed: UserId,
    pub status: FollowStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub valid_from: DateTime<Utc>,
    pub valid_to: Option<DateTime<Utc>>,
}

#[derive(Default)]
pub(super) struct Touched {
    pub follows: BTreeMap<Uuid, FollowRow>,
    /// The one period of each follow that holds.
    pub open: BTreeMap<Uuid, Period>,
    pub closed: Vec<Period>,
    pub blocks: BTreeMap<Uuid, BlockRow>,
    pub mutes: BTreeMap<Uuid, MuteRow>,
    pub counts: BTreeMap<Uuid, FollowCounts>,
}

/// The ids of what events touch.
#[derive(Default)]
struct Ids {
    follows: BTreeSet<Uuid>,
    blocks: BTreeSet<Uuid>,
    mutes: BTreeSet<Uuid>,
    people: BTreeSet<Uuid>,
}

impl Ids {
    fn follow(&mut self, follower: UserId, followed: UserId) {
        self.follows.insert(FollowId::of(follower, followed).uuid());
        self.people.extend([follower.uuid(), followed.uuid()]);
    }

    fn add(&mut self, event: &FollowEvent) {
        match event {
            FollowEvent::FollowRequested(e) => self.follow(e.follower, e.followed),
            FollowEvent::FollowAccepted(e) => self.follow(e.follower, e.followed),
            FollowEvent::FollowRejected(e) => self.follow(e.follower, e.followed),
            FollowEvent::Unfollowed(e) => self.follow(e.follower, e.followed),
            FollowEvent::UserBlocked(e) => {
                self.blocks.insert(BlockId::of(e.blocker, e.blocked).uuid());
            }
            FollowEvent::UserUnblocked(e) => {
                self.blocks.insert(BlockId::of(e.blocker, e.blocked).uuid());
            }
            FollowEvent::UserMuted(e) => {
                self.mutes.insert(MuteId::of(e.muter, e.muted).uuid());
            }
            FollowEvent::UserUnmuted(e) => {
                self.mutes.insert(MuteId::of(e.muter, e.muted).uuid());
            }
        }
    }
}

impl Touched {
    pub async fn load(
        batch: &mut Batch<'_>,
        events: impl Iterator<Item = &FollowEvent>,
    ) -> Result<Self, ProjectionError> {
        let mut ids = Ids::default();
        events.for_each(|event| ids.add(event));
        let follows: Vec<FollowRow> = batch.load(LOAD_FOLLOWS, &ids.follows).await?;
        let open: Vec<Period> = batch.load(LOAD_OPEN, &ids.follows).await?;
        let blocks: Vec<BlockRow> = batch.load(LOAD_BLOCKS, &ids.blocks).await?;
        let mutes: Vec<MuteRow> = batch.load(LOAD_MUTES, &ids.mutes).await?;
        let counts: Vec<FollowCounts> = batch.load(LOAD_COUNTS, &ids.people).await?;
        Ok(Self {
            follows: follows.into_iter().map(|row| (row.follow_id.uuid(), row)).collect(),
            open: open.into_iter().map(|row| (row.follow_id.uuid(), row)).collect(),
            closed: Vec::new(),
            blocks: blocks.into_iter().map(|row| (row.block_id.uuid(), row)).collect(),
            mutes: mutes.into_iter().map(|row| (row.mute_id.uuid(), row)).collect(),
            counts: counts.into_iter().map(|row| (row.user_id.uuid(), row)).collect(),
        })
    }

    /// Closed periods go first: at every moment at most one of a follow is open.
    pub fn store(self, batch: &mut Batch<'_>) -> Result<(), ProjectionError> {
        batch.store(STORE_FOLLOWS, &values(self.follows))?;
        let periods: Vec<Period> = self.closed.into_iter().chain(self.open.into_values()).collect();
        batch.store(STORE_PERIODS, &periods)?;
        batch.store(STORE_BLOCKS, &values(self.blocks))?;
        batch.store(STORE_MUTES, &values(self.mutes))?;
        batch.store(STORE_COUNTS, &values(self.counts))
    }
}

fn values<R>(rows: BTreeMap<Uuid, R>) -> Vec<R> {
    rows.into_values().collect()
}
