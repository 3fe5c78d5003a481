//! The rows that a batch touches: loaded once, changed event by event, stored once.

use super::{
    project::Happening,
    query::{BlockRow, FollowCounts, FollowRow, MuteRow},
};
use crate::{
    absence::Absence, batch::Batch, columns::columns, envelope::Envelope, projection::ProjectionError,
    rows::Rows,
};
use chrono::{DateTime, Utc};
use domain::{BlockId, FollowId, MuteId, UserId, follow::FollowEvent, values::FollowStatus};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const FOLLOWS: Rows<StoredFollow> = Rows::of("follows", &["follow_id"]);
const ABSENCES: Rows<Absence> = Rows::of("absences", &["user_id"]);
const PERIODS: Rows<Period> = Rows::of("follow_periods", &["follow_id", "sequence"]);
const BLOCKS: Rows<BlockRow> = Rows::of("blocks", &["block_id"]);
const MUTES: Rows<MuteRow> = Rows::of("mutes", &["mute_id"]);
const COUNTS: Rows<FollowCounts> = Rows::of("follow_counts", &["user_id"]);

columns! {
    StoredFollow: ..row, follower_gone_until, followed_gone_until;
    FollowRow: follow_id, follower, followed, status, is_deleted, created_at, updated_at;
    Period: follow_id, sequence, follower, followed, status, created_at, updated_at, valid_from, valid_to;
    BlockRow: block_id, blocker, blocked, reason, created_at, ended_at;
    MuteRow: mute_id, muter, muted, created_at, ended_at;
    FollowCounts: user_id, follower_count, following_count;
}

/// Follows of these people that stand.
const STANDING_OF: &str = "follow_id IN (
        SELECT follow_id FROM follow_periods WHERE follower = ANY ($1) AND status = 'accepted' AND valid_to IS NULL
        UNION ALL
        SELECT follow_id FROM follow_periods WHERE followed = ANY ($1) AND status = 'accepted' AND valid_to IS NULL)";

/// A row of `follows`.
#[derive(Clone, Deserialize)]
pub(super) struct StoredFollow {
    #[serde(flatten)]
    pub row: FollowRow,
    pub follower_gone_until: Option<DateTime<Utc>>,
    pub followed_gone_until: Option<DateTime<Utc>>,
}

/// A row of `follow_periods`.
#[derive(Clone, Deserialize)]
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
        let mut follows = FOLLOWS.load(batch, &ids.follows).await?;
        follows.extend(FOLLOWS.load_where(batch, STANDING_OF, &ids.movers).await?);
        let open = "follow_id = ANY ($1) AND valid_to IS NULL";
        let open = PERIODS.load_where(batch, open, &ids.follows).await?;
        let blocks = BLOCKS.load(batch, &ids.blocks).await?;
        let mutes = MUTES.load(batch, &ids.mutes).await?;
        let counts = COUNTS.load(batch, &ids.people).await?;
        let absences = ABSENCES.load(batch, &ids.people).await?;
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
        ABSENCES.store(batch, self.absences.into_values().filter(Absence::is_told))?;
        FOLLOWS.store(batch, self.follows.into_values())?;
        PERIODS.store(batch, self.closed.into_iter().chain(self.open.into_values()))?;
        BLOCKS.store(batch, self.blocks.into_values())?;
        MUTES.store(batch, self.mutes.into_values())?;
        COUNTS.store(batch, self.counts.into_values())
    }
}
