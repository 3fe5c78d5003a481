//! The rows that a batch touches: loaded once, changed event by event, stored once.

use super::{
    project::Happening,
    query::{BlockRow, FollowCounts, FollowRow, MuteRow},
};
use crate::{absence::Absence, batch::Batch, envelope::Envelope, projection::ProjectionError};
use chrono::{DateTime, Utc};
use domain::{BlockId, FollowId, MuteId, UserId, follow::FollowEvent, values::FollowStatus};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LOAD_FOLLOWS: &str = "SELECT row_to_json(f)::text FROM follows f WHERE follow_id = ANY ($1)";
/// Those that stand.
const LOAD_FOLLOWS_OF: &str = "
    SELECT row_to_json(f)::text FROM follows f WHERE follow_id IN (
        SELECT follow_id FROM follow_periods WHERE follower = ANY ($1) AND status = 'accepted' AND valid_to IS NULL
        UNION ALL
        SELECT follow_id FROM follow_periods WHERE followed = ANY ($1) AND status = 'accepted' AND valid_to IS NULL)";
const LOAD_ABSENCES: &str = "SELECT row_to_json(a)::text FROM absences a WHERE user_id = ANY ($1)";
const LOAD_OPEN: &str =
    "SELECT row_to_json(p)::text FROM follow_periods p WHERE follow_id = ANY ($1) AND valid_to IS NULL";
const LOAD_BLOCKS: &str = "SELECT row_to_json(b)::text FROM blocks b WHERE block_id = ANY ($1)";
const LOAD_MUTES: &str = "SELECT row_to_json(m)::text FROM mutes m WHERE mute_id = ANY ($1)";
const LOAD_COUNTS: &str = "SELECT row_to_json(c)::text FROM follow_counts c WHERE user_id = ANY ($1)";

const STORE_FOLLOWS: &str = "
    INSERT INTO follows SELECT * FROM json_populate_recordset(NULL::follows, $1::json)
    ON CONFLICT (follow_id) DO UPDATE SET
        (status, is_deleted, created_at, updated_at, follower_gone_until, followed_gone_until)
        = ROW (excluded.status, excluded.is_deleted, excluded.created_at, excluded.updated_at,
            excluded.follower_gone_until, excluded.followed_gone_until)";
const STORE_ABSENCES: &str = "
    INSERT INTO absences SELECT * FROM json_populate_recordset(NULL::absences, $1::json)
    ON CONFLICT (user_id) DO UPDATE SET (is_leaving, suspended_until, gone_until)
        = ROW (excluded.is_leaving, excluded.suspended_until, excluded.gone_until)";
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

/// A row of `follows`.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct StoredFollow {
    #[serde(flatten)]
    pub row: FollowRow,
    pub follower_gone_until: Option<DateTime<Utc>>,
    pub followed_gone_until: Option<DateTime<Utc>>,
}

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
    pub follows: BTreeMap<Uuid, StoredFollow>,
    /// The one period of each follow that holds.
    pub open: BTreeMap<Uuid, Period>,
    pub closed: Vec<Period>,
    pub blocks: BTreeMap<Uuid, BlockRow>,
    pub mutes: BTreeMap<Uuid, MuteRow>,
    pub counts: BTreeMap<Uuid, FollowCounts>,
    /// Of everybody at an end of a follow that an event touches, and of whoever goes or comes back.
    pub absences: BTreeMap<Uuid, Absence>,
}

/// The ids of what events touch.
#[derive(Default)]
struct Ids {
    follows: BTreeSet<Uuid>,
    blocks: BTreeSet<Uuid>,
    mutes: BTreeSet<Uuid>,
    people: BTreeSet<Uuid>,
    /// Who goes or comes back.
    movers: BTreeSet<Uuid>,
}

impl Ids {
    fn follow(&mut self, follower: UserId, followed: UserId) {
        self.follows.insert(FollowId::of(follower, followed).uuid());
        self.people.extend([follower.uuid(), followed.uuid()]);
    }

    fn add(&mut self, envelope: &Envelope, happening: Happening<'_>) -> Result<(), ProjectionError> {
        match happening {
            Happening::Follow(event) => self.add_follow(event),
            Happening::Absence(_) => {
                let mover = envelope.stream_id()?;
                self.movers.insert(mover);
                self.people.insert(mover);
            }
        }
        Ok(())
    }

    fn add_follow(&mut self, event: &FollowEvent) {
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
        events: &[(&Envelope, Happening<'_>)],
    ) -> Result<Self, ProjectionError> {
        let mut ids = Ids::default();
        for (envelope, happening) in events {
            ids.add(envelope, *happening)?;
        }
        let mut follows: Vec<StoredFollow> = batch.load(LOAD_FOLLOWS, &ids.follows).await?;
        follows.extend(batch.load::<StoredFollow>(LOAD_FOLLOWS_OF, &ids.movers).await?);
        let open: Vec<Period> = batch.load(LOAD_OPEN, &ids.follows).await?;
        let blocks: Vec<BlockRow> = batch.load(LOAD_BLOCKS, &ids.blocks).await?;
        let mutes: Vec<MuteRow> = batch.load(LOAD_MUTES, &ids.mutes).await?;
        let counts: Vec<FollowCounts> = batch.load(LOAD_COUNTS, &ids.people).await?;
        let absences: Vec<Absence> = batch.load(LOAD_ABSENCES, &ids.people).await?;
        let known = absences.into_iter().map(|row| (row.user_id.uuid(), row));
        let none = ids.people.iter().map(|user| (*user, Absence::none(*user)));
        Ok(Self {
            absences: none.chain(known).collect(),
            follows: follows.into_iter().map(|follow| (follow.row.follow_id.uuid(), follow)).collect(),
            open: open.into_iter().map(|row| (row.follow_id.uuid(), row)).collect(),
            closed: Vec::new(),
            blocks: blocks.into_iter().map(|row| (row.block_id.uuid(), row)).collect(),
            mutes: mutes.into_iter().map(|row| (row.mute_id.uuid(), row)).collect(),
            counts: counts.into_iter().map(|row| (row.user_id.uuid(), row)).collect(),
        })
    }

    /// Closed periods go first: at every moment at most one of a follow is open.
    pub fn store(mut self, batch: &mut Batch<'_>) -> Result<(), ProjectionError> {
        for follow in self.follows.values_mut() {
            if let Some(absence) = self.absences.get(&follow.row.follower.uuid()) {
                follow.follower_gone_until = absence.gone_until;
            }
            if let Some(absence) = self.absences.get(&follow.row.followed.uuid()) {
                follow.followed_gone_until = absence.gone_until;
            }
        }
        let moved: Vec<Absence> = self.absences.into_values().filter(Absence::is_told).collect();
        batch.store(STORE_ABSENCES, &moved)?;
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
