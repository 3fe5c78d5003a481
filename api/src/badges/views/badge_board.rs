//! All awards together: the leaderboard (BDG-19), and what staff want to know (BDG-18).

use crate::badges::views::UserBadgeView;
use chrono::NaiveDate;
use projections::badges::standings::{BadgeAnalytics, DayCount, Place, Popular, TimeToEarn};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person on the leaderboard.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeaderView {
    pub id: Uuid,
    pub username: String,
    /// The full name, or else the username.
    pub display_name: String,
    pub avatar_url: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// From 1.
    pub rank: usize,
    pub user: LeaderView,
    /// Of the timeframe, as the points.
    pub total_badges: i64,
    pub badge_points: i64,
    /// Earned in the last 30 days.
    pub recent_badges: i64,
}

/// The fifty best.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LeaderboardView {
    #[schema(example = "all_time")]
    pub timeframe: &'static str,
    pub results: Vec<PlaceView>,
}

impl LeaderboardView {
    pub fn new(timeframe: &'static str, places: Vec<Place>) -> Self {
        let show = |(n, place): (usize, Place)| PlaceView {
            rank: n + 1,
            user: LeaderView {
                id: place.user_id.uuid(),
                display_name: place.full_name.unwrap_or_else(|| place.username.clone()),
                username: place.username,
                avatar_url: place.avatar_url,
            },
            total_badges: place.total_badges,
            badge_points: place.badge_points,
            recent_badges: place.recent_badges,
        };
        Self { timeframe, results: places.into_iter().enumerate().map(show).collect() }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PopularBadgeView {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub rarity: String,
    pub earned_count: i64,
}

impl From<Popular> for PopularBadgeView {
    fn from(Popular { badge_id, slug, name, rarity, earned_count }: Popular) -> Self {
        Self { id: badge_id.uuid(), slug, name, rarity, earned_count }
    }
}

/// How many badges were given on a day (UTC).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IssuanceView {
    pub day: NaiveDate,
    pub awards: i64,
}

impl From<DayCount> for IssuanceView {
    fn from(DayCount { day, awards }: DayCount) -> Self {
        Self { day, awards }
    }
}

/// How long a badge takes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimeToEarnView {
    pub id: Uuid,
    pub slug: String,
    /// Of those who earned it, gifts left out.
    pub awards: i64,
    /// Median, from the registration.
    pub median_seconds: i64,
}

impl From<TimeToEarn> for TimeToEarnView {
    fn from(TimeToEarn { badge_id, slug, awards, seconds }: TimeToEarn) -> Self {
        Self { id: badge_id.uuid(), slug, awards, median_seconds: seconds }
    }
}

/// All badges and awards at a glance. Badges that are held count, of people who are not erased.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BadgeAnalyticsView {
    pub total_badges_defined: i64,
    pub active_badges: i64,
    pub total_awards: i64,
    pub unique_badge_holders: i64,
    /// Definitions.
    pub badges_by_category: BTreeMap<String, i64>,
    /// Definitions.
    pub rarity_distribution: BTreeMap<String, i64>,
    /// The ten that most people have.
    pub popular_badges: Vec<PopularBadgeView>,
    /// The twenty earned last.
    pub recent_awards: Vec<UserBadgeView>,
    /// The last 90 days, oldest first.
    pub issuance: Vec<IssuanceView>,
    pub time_to_earn: Vec<TimeToEarnView>,
}

impl From<BadgeAnalytics> for BadgeAnalyticsView {
    fn from(of: BadgeAnalytics) -> Self {
        Self {
            total_badges_defined: of.total_badges_defined,
            active_badges: of.active_badges,
            total_awards: of.total_awards,
            unique_badge_holders: of.unique_badge_holders,
            badges_by_category: of.badges_by_category,
            rarity_distribution: of.rarity_distribution,
            popular_badges: of.popular_badges.into_iter().map(Into::into).collect(),
            recent_awards: of.recent_awards.into_iter().map(|one| UserBadgeView::new(one, true)).collect(),
            issuance: of.issuance.into_iter().map(Into::into).collect(),
            time_to_earn: of.time_to_earn.into_iter().map(Into::into).collect(),
        }
    }
}
