//! Writes of `social_graph`: what each event does to the rows that it touches.

use super::{
    query::{BlockRow, FollowCounts, FollowRow, MuteRow},
    touched::{Period, StoredFollow, Touched},
};
use crate::{
    absence::{self, Absence},
    batch::Batch,
    envelope::{Envelope, known},
    projection::{Name, Projection, ProjectionError},
    registry::SOCIAL_GRAPH,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{
    BlockId, FollowId, MuteId, UserId,
    follow::{FollowEvent, FollowRequested, Unfollowed, UserBlocked},
    user::UserEvent,
    values::FollowStatus,
};

pub(crate) struct SocialGraph;

#[async_trait]
impl Projection for SocialGraph {
    fn name(&self) -> Name {
        SOCIAL_GRAPH
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let relevant: Vec<(&Envelope, Happening<'_>)> =
            events.iter().filter_map(|envelope| Some((*envelope, happening(envelope)?))).collect();
        if relevant.is_empty() {
            return Ok(());
        }
        let mut touched = Touched::load(batch, &relevant).await?;
        for (envelope, happening) in relevant {
            match happening {
                Happening::Follow(event) => touched.evolve(envelope, event)?,
                Happening::Absence(event) => touched.moves(envelope, event)?,
            }
        }
        touched.store(batch)
    }
}

/// What concerns the graph.
#[derive(Clone, Copy)]
pub(super) enum Happening<'a> {
    Follow(&'a FollowEvent),
    /// Somebody goes or comes back.
    Absence(&'a UserEvent),
}

fn happening(envelope: &Envelope) -> Option<Happening<'_>> {
    let absence = || envelope.event.user().filter(|event| absence::changes(event)).map(Happening::Absence);
    envelope.event.follow().map(Happening::Follow).or_else(absence)
}

/// A follow that an answer or an end is about, though it was never asked for: a defect.
fn never_asked() -> ProjectionError {
    ProjectionError::Event("a follow that was never asked for".to_owned())
}

impl Touched {
    fn evolve(&mut self, envelope: &Envelope, event: &FollowEvent) -> Result<(), ProjectionError> {
        match event {
            FollowEvent::FollowRequested(e) => self.request(envelope, e),
            FollowEvent::FollowAccepted(e) => {
                self.answer(envelope, (e.follower, e.followed), FollowStatus::Accepted, e.accepted_at)?;
                self.count(e.follower, e.followed, 1);
            }
            FollowEvent::FollowRejected(e) => {
                self.answer(envelope, (e.follower, e.followed), FollowStatus::Rejected, e.rejected_at)?;
            }
            FollowEvent::Unfollowed(e) => self.end(envelope, e)?,
            FollowEvent::UserBlocked(e) => self.block(e),
            FollowEvent::UserUnblocked(e) => {
                if let Some(block) = self.blocks.get_mut(&BlockId::of(e.blocker, e.blocked).uuid()) {
                    block.ended_at = Some(e.unblocked_at);
                    block.reason = None;
                }
            }
            FollowEvent::UserMuted(e) => {
                let mute_id = MuteId::of(e.muter, e.muted);
                let (muter, muted, created_at) = (e.muter, e.muted, e.muted_at);
                let row = MuteRow { mute_id, muter, muted, created_at, ended_at: None };
                self.mutes.insert(mute_id.uuid(), row);
            }
            FollowEvent::UserUnmuted(e) => {
                if let Some(mute) = self.mutes.get_mut(&MuteId::of(e.muter, e.muted).uuid()) {
                    mute.ended_at = Some(e.unmuted_at);
                }
            }
        }
        Ok(())
    }

    fn moves(&mut self, envelope: &Envelope, event: &UserEvent) -> Result<(), ProjectionError> {
        let user = envelope.stream_id()?;
        self.absences.entry(user).or_insert_with(|| Absence::none(user)).evolve(event);
        Ok(())
    }

    fn request(&mut self, envelope: &Envelope, e: &FollowRequested) {
        let follow = FollowRow {
            follow_id: FollowId::of(e.follower, e.followed),
            follower: e.follower,
            followed: e.followed,
            status: FollowStatus::Pending,
            is_deleted: false,
            created_at: e.requested_at,
            updated_at: e.requested_at,
        };
        // One that was rejected and is asked for again still has an open period.
        self.close(envelope, follow.follow_id);
        self.open(envelope, &follow);
        let stored = StoredFollow { row: follow, follower_gone_until: None, followed_gone_until: None };
        self.follows.insert(stored.row.follow_id.uuid(), stored);
    }

    fn answer(
        &mut self,
        envelope: &Envelope,
        (follower, followed): (UserId, UserId),
        status: FollowStatus,
        at: DateTime<Utc>,
    ) -> Result<(), ProjectionError> {
        let id = FollowId::of(follower, followed);
        let follow = &mut self.follows.get_mut(&id.uuid()).ok_or_else(never_asked)?.row;
        follow.status = status;
        follow.updated_at = at;
        let follow = follow.clone();
        self.close(envelope, id);
        self.open(envelope, &follow);
        Ok(())
    }

    fn end(&mut self, envelope: &Envelope, e: &Unfollowed) -> Result<(), ProjectionError> {
        let id = FollowId::of(e.follower, e.followed);
        let follow = &mut self.follows.get_mut(&id.uuid()).ok_or_else(never_asked)?.row;
        let counted = follow.status == FollowStatus::Accepted && !follow.is_deleted;
        follow.is_deleted = true;
        follow.updated_at = e.ended_at;
        self.close(envelope, id);
        if counted {
            self.count(e.follower, e.followed, -1);
        }
        Ok(())
    }

    fn block(&mut self, e: &UserBlocked) {
        let block_id = BlockId::of(e.blocker, e.blocked);
        let row = BlockRow {
            block_id,
            blocker: e.blocker,
            blocked: e.blocked,
            reason: e.reason.as_ref().and_then(known),
            created_at: e.blocked_at,
            ended_at: None,
        };
        self.blocks.insert(block_id.uuid(), row);
    }

    fn count(&mut self, follower: UserId, followed: UserId, by: i64) {
        self.counts_of(follower).following_count += by;
        self.counts_of(followed).follower_count += by;
    }

    fn counts_of(&mut self, user_id: UserId) -> &mut FollowCounts {
        let none = FollowCounts { user_id, follower_count: 0, following_count: 0 };
        self.counts.entry(user_id.uuid()).or_insert(none)
    }

    fn open(&mut self, envelope: &Envelope, follow: &FollowRow) {
        let period = Period {
            follow_id: follow.follow_id,
            sequence: envelope.recorded.sequence,
            follower: follow.follower,
            followed: follow.followed,
            status: follow.status,
            created_at: follow.created_at,
            updated_at: follow.updated_at,
            valid_from: envelope.recorded.recorded_at,
            valid_to: None,
        };
        self.open.insert(follow.follow_id.uuid(), period);
    }

    /// A period of no length is one that nobody could have seen: it is kept out of lists by its bounds.
    fn close(&mut self, envelope: &Envelope, id: FollowId) {
        if let Some(mut period) = self.open.remove(&id.uuid()) {
            period.valid_to = Some(envelope.recorded.recorded_at);
            self.closed.push(period);
        }
    }
}
