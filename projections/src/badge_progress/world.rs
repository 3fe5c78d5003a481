//! What facts stand on beside their own event: how many have registered, and which follows are accepted.

use super::rows;
use crate::{batch::Batch, envelope::Envelope, projection::ProjectionError};
use chrono::NaiveDate;
use domain::{AnyEvent, FollowId, follow::FollowEvent};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LOAD: &str = "
    SELECT json_build_object(
        'registered', coalesce((SELECT n FROM badge_numbers WHERE name = 'registered'), 0),
        'defined', coalesce((SELECT n FROM badge_numbers WHERE name = 'defined'), 0),
        'closed', (SELECT n FROM badge_numbers WHERE name = 'closed'),
        'follows', coalesce((SELECT json_agg(f) FROM badge_follows f WHERE follow_id = ANY ($1)), '[]'))::text";

#[derive(Deserialize)]
struct Stored {
    registered: u64,
    defined: i64,
    closed: Option<i32>,
    follows: Vec<FollowDay>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct FollowDay {
    pub follow_id: Uuid,
    pub day: NaiveDate,
}

/// As it is before the next event.
pub(super) struct World {
    registered: u64,
    /// Position of the last event of a definition.
    pub defined: i64,
    /// The last day that is closed.
    pub closed: Option<NaiveDate>,
    follows: BTreeMap<Uuid, NaiveDate>,
    ended: BTreeSet<Uuid>,
    /// How many had registered, and where the last definition was, when this was loaded.
    before: (u64, i64),
}

impl World {
    pub async fn load(batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<Self, ProjectionError> {
        let follows: Vec<Uuid> = events.iter().filter_map(|envelope| follow(&envelope.event)).collect();
        let text: String = sqlx::query_scalar(LOAD).bind(follows).fetch_one(batch.reading()).await?;
        let stored: Stored = serde_json::from_str(&text).map_err(ProjectionError::Row)?;
        let follows = stored.follows.into_iter().map(|follow| (follow.follow_id, follow.day)).collect();
        let Stored { registered, defined, closed, .. } = stored;
        let closed = closed.and_then(NaiveDate::from_num_days_from_ce_opt);
        Ok(Self {
            registered,
            defined,
            closed,
            follows,
            ended: BTreeSet::new(),
            before: (registered, defined),
        })
    }

    /// Somebody registers: as how manieth.
    pub const fn register(&mut self) -> u64 {
        self.registered += 1;
        self.registered
    }

    pub fn follow(&mut self, id: FollowId, day: NaiveDate) {
        self.ended.remove(&id.uuid());
        self.follows.insert(id.uuid(), day);
    }

    /// The day on which it began, if it was accepted.
    pub fn unfollow(&mut self, id: FollowId) -> Option<NaiveDate> {
        let day = self.follows.remove(&id.uuid())?;
        self.ended.insert(id.uuid());
        Some(day)
    }

    /// Those that changed.
    fn numbers(&self) -> Vec<rows::Number> {
        let (registered, defined) = self.before;
        let count = i64::try_from(self.registered).unwrap_or(i64::MAX);
        let numbers = [
            (self.registered != registered).then_some(rows::Number { name: "registered", n: count }),
            (self.defined != defined).then_some(rows::Number { name: "defined", n: self.defined }),
        ];
        numbers.into_iter().flatten().collect()
    }

    pub fn changed(&self) -> rows::WorldRows {
        rows::WorldRows {
            numbers: self.numbers(),
            follows: self.follows.iter().map(|(id, day)| FollowDay { follow_id: *id, day: *day }).collect(),
            ended: self.ended.iter().copied().collect(),
        }
    }
}

fn follow(event: &AnyEvent) -> Option<Uuid> {
    let AnyEvent::Follow(event) = event else { return None };
    match event {
        FollowEvent::FollowAccepted(e) => Some(FollowId::of(e.follower, e.followed).uuid()),
        FollowEvent::Unfollowed(e) => Some(FollowId::of(e.follower, e.followed).uuid()),
        FollowEvent::FollowRequested(_)
        | FollowEvent::FollowRejected(_)
        | FollowEvent::UserBlocked(_)
        | FollowEvent::UserUnblocked(_)
        | FollowEvent::UserMuted(_)
        | FollowEvent::UserUnmuted(_) => None,
    }
}
