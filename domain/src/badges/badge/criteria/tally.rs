//! Everything about one person that a criterion can ask, folded from facts.

use super::{
    days::Counts,
    fact::{Fact, FactKind},
    field::{Field, SCORE_DAYS},
    words::{Action, Quality},
};
use crate::ids::ObjectId;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Objects of one person whose likes are counted one by one.
/// Beyond that the one without a new like for longest is given up, but never one that has most of all; should it be
/// liked again, it is counted anew.
pub const MAX_OBJECTS: usize = 500;

/// A person, as far as criteria go. Bounded: the days of [`super::KEPT_DAYS`], [`MAX_OBJECTS`] objects.
///
/// Its JSON is short and the same for the same facts; nothing of it is frozen, since it can be folded again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tally {
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<NaiveDate>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    deeds: BTreeMap<Action, Counts>,
    /// Deeds with a quality, by action and tenths.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    rated: BTreeMap<Action, BTreeMap<u8, i64>>,
    /// Other people's deeds on things of theirs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    received: BTreeMap<Action, i64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    liked: BTreeMap<ObjectId, Liked>,
    followers: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    ordinal: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    moderates: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    verified: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    complete: bool,
}

/// An object's likes, and the position of the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Liked(i64, u64);

const fn delta(undone: bool) -> i32 {
    if undone { -1 } else { 1 }
}

impl Tally {
    /// The latest day of all facts so far: windows end with it.
    pub const fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// The same person on that day, if nothing more happens until then: windows move on. An earlier day changes nothing.
    pub fn on(mut self, day: NaiveDate) -> Self {
        self.reach(day);
        self
    }

    /// Takes in the next fact of the log.
    pub fn apply(&mut self, fact: &Fact) {
        let as_of = self.reach(fact.day);
        match fact.what {
            FactKind::Did { action, quality, undone } => {
                self.deeds.entry(action).or_default().add(fact.day, as_of, delta(undone));
                if let Some(quality) = quality {
                    let of_action = self.rated.entry(action).or_default();
                    *of_action.entry(quality.tenths()).or_default() += i64::from(delta(undone));
                }
            }
            FactKind::Received { action, object, undone } => {
                *self.received.entry(action).or_default() += i64::from(delta(undone));
                if action == Action::Like {
                    self.like(object, undone, fact.position);
                }
            }
            FactKind::Followers { gained } => self.followers.add(fact.day, as_of, delta(!gained)),
            FactKind::Registered { ordinal } => self.ordinal = Some(ordinal),
            FactKind::Moderates(moderates) => self.moderates = moderates,
            FactKind::Verified(verified) => self.verified = verified,
            FactKind::ProfileComplete(complete) => self.complete = complete,
        }
    }

    fn reach(&mut self, day: NaiveDate) -> NaiveDate {
        match self.as_of {
            Some(as_of) if as_of >= day => as_of,
            Some(_) | None => {
                self.as_of = Some(day);
                self.deeds.values_mut().for_each(|counts| counts.forget(day));
                self.followers.forget(day);
                day
            }
        }
    }

    fn like(&mut self, object: ObjectId, undone: bool, position: u64) {
        let liked = self.liked.entry(object).or_insert(Liked(0, position));
        liked.0 += i64::from(delta(undone));
        if !undone {
            liked.1 = position;
        }
        if self.liked.len() > MAX_OBJECTS {
            self.give_up_one(object);
        }
    }

    /// Of the objects: not this one, and not the most liked.
    fn give_up_one(&mut self, kept: ObjectId) {
        let most = self.liked.iter().max_by_key(|(_, liked)| (liked.0, liked.1)).map(|(object, _)| *object);
        let others = self.liked.iter().filter(|(object, _)| **object != kept && Some(**object) != most);
        if let Some(idle) = others.min_by_key(|(_, liked)| liked.1).map(|(object, _)| *object) {
            self.liked.remove(&idle);
        }
    }

    fn most_liked(&self) -> i64 {
        self.liked.values().map(|liked| liked.0).max().unwrap_or(0).max(0)
    }

    /// What the field is; none where it compares to nothing.
    pub fn value(&self, field: Field) -> Option<i64> {
        Some(match field {
            Field::LikesReceived => self.received(Action::Like),
            Field::LikesReceivedMax => self.most_liked(),
            Field::HelpfulVotes => self.received(Action::HelpfulVote),
            Field::FollowerCount => self.followers.total(),
            Field::RegistrationOrdinal => i64::try_from(self.ordinal?).unwrap_or(i64::MAX),
            Field::IsModerator => i64::from(self.moderates),
            Field::IsVerified => i64::from(self.verified),
            Field::IsProfileComplete => i64::from(self.complete),
            Field::EngagementScore => self.engagement_score(),
            Field::InteractionFrequency => {
                let days = self.counts(Action::Login, |counts, as_of| counts.days_within(as_of, SCORE_DAYS));
                if days == 0 { 0 } else { self.engaging() / days }
            }
            Field::PostsCount
            | Field::CommentsCount
            | Field::SharesCount
            | Field::LikesGiven
            | Field::ReviewsCount
            | Field::BugsVerified
            | Field::FollowingCount
            | Field::ActiveDays => field.counted().map_or(0, |action| self.total(action)),
            Field::BetaJoined => self.total(Action::BetaJoined).min(1),
        })
    }

    fn received(&self, action: Action) -> i64 {
        self.received.get(&action).copied().unwrap_or(0).max(0)
    }

    /// In thirtieths of a point: a day is 40, an interaction 9, a post 30, a follower 15.
    fn engagement_score(&self) -> i64 {
        let days = self.counts(Action::Login, |counts, as_of| counts.days_within(as_of, SCORE_DAYS));
        let posts = self.within(Action::PostCreate, SCORE_DAYS).min(20);
        let followers = self.as_of.map_or(0, |as_of| self.followers.within(as_of, SCORE_DAYS)).min(20);
        (40 * days + 9 * self.engaging().min(100) + 30 * posts + 15 * followers) / 30
    }

    fn engaging(&self) -> i64 {
        Action::ENGAGING.iter().map(|action| self.within(*action, SCORE_DAYS)).sum()
    }

    /// Deeds in the window of so many days.
    pub(super) fn within(&self, action: Action, days: u16) -> i64 {
        self.counts(action, |counts, as_of| counts.within(as_of, days))
    }

    /// Deeds, ever.
    pub(super) fn total(&self, action: Action) -> i64 {
        self.counts(action, |counts, _| counts.total())
    }

    /// Deeds of at least this quality, ever.
    pub(super) fn rated(&self, action: Action, least: Quality) -> i64 {
        let rated = self.rated.get(&action);
        let counted = rated.map_or(0, |rated| rated.range(least.tenths()..).map(|(_, count)| count).sum());
        counted.max(0)
    }

    /// Deeds with a quality, ever, and the sum of it in tenths.
    pub fn ratings(&self, action: Action) -> (i64, i64) {
        let of_action = self.rated.get(&action).into_iter().flatten();
        let (count, tenths) = of_action
            .fold((0, 0), |(count, tenths), (quality, n)| (count + n, tenths + i64::from(*quality) * n));
        if count > 0 { (count, tenths.max(0)) } else { (0, 0) }
    }

    /// The longest run of days with such a deed, and the one that can still grow.
    pub(super) fn runs(&self, action: Action) -> (i64, i64) {
        let live = self.counts(action, |counts, as_of| counts.live_run(as_of));
        (self.counts(action, |counts, _| counts.longest_run()), live)
    }

    fn counts(&self, action: Action, count: impl FnOnce(&Counts, NaiveDate) -> i64) -> i64 {
        match (self.deeds.get(&action), self.as_of) {
            (Some(counts), Some(as_of)) => count(counts, as_of),
            (None, _) | (_, None) => 0,
        }
    }
}

#[cfg(test)]
#[path = "tally_tests.rs"]
mod tests;
