//! Context that facts need beside their event: the number of registrations, and which follows are accepted.

use super::rows;
use crate::{batch::Batch, envelope::Envelope, projection::ProjectionError};
use chrono::NaiveDate;
use domain::{AnyEvent, FollowId, follow::FollowEvent};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LOAD_NUMBERS: &str = "SELECT name, n FROM badge_numbers";

/// What counts for everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// How many have registered.
    pub registered: u64,
    /// Position of the last event of a definition.
    pub defined: i64,
    /// The last day that is closed.
    pub closed: Option<NaiveDate>,
}

impl Numbers {
    pub async fn load(batch: &mut Batch<'_>) -> Result<Self, ProjectionError> {
        let rows: Vec<(String, i64)> = sqlx::query_as(LOAD_NUMBERS).fetch_all(batch.reading()).await?;
        let mut numbers = Self::default();
        for (name, n) in rows {
            match name.as_str() {
                "registered" => numbers.registered = u64::try_from(n).unwrap_or(0),
                "defined" => numbers.defined = n,
                _ => numbers.closed = i32::try_from(n).ok().and_then(NaiveDate::from_num_days_from_ce_opt),
            }
        }
        Ok(numbers)
    }

    /// A day is closed, and with it those before it.
    pub fn close(&mut self, day: NaiveDate) {
        self.closed = self.closed.max(Some(day));
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct FollowDay {
    pub follow_id: Uuid,
    pub day: NaiveDate,
}

/// As it is before the next event.
pub(super) struct World {
    pub numbers: Numbers,
    before: Numbers,
    follows: BTreeMap<Uuid, NaiveDate>,
    ended: BTreeSet<Uuid>,
}

impl World {
    pub async fn load(
        batch: &mut Batch<'_>,
        numbers: Numbers,
        events: &[&Envelope],
    ) -> Result<Self, ProjectionError> {
        let ids: BTreeSet<Uuid> = events.iter().filter_map(|envelope| follow(&envelope.event)).collect();
        let follows = rows::FOLLOWS.load(batch, &ids).await?;
        let follows = follows.into_iter().map(|follow| (follow.follow_id, follow.day)).collect();
        Ok(Self { numbers, before: numbers, follows, ended: BTreeSet::new() })
    }

    /// The ordinal of a person who registers.
    pub const fn register(&mut self) -> u64 {
        self.numbers.registered += 1;
        self.numbers.registered
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
        let (now, before) = (self.numbers, self.before);
        let registered = i64::try_from(now.registered).unwrap_or(i64::MAX);
        let numbers = [
            (now.registered != before.registered)
                .then_some(rows::Number { name: "registered", n: registered }),
            (now.defined != before.defined).then_some(rows::Number { name: "defined", n: now.defined }),
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
    match event.follow()? {
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
