//! All awards together: the leaderboard (BDG-19), and what staff want to know (BDG-18).

use super::query::UserBadge;
use crate::{
    people::Viewer,
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{BadgeId, UserId};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Places of the leaderboard.
const PLACES: i64 = 50;
/// What is recent, for the leaderboard.
const RECENT: TimeDelta = TimeDelta::days(30);
/// How far back issuance is told by the day.
const DAYS: i32 = 90;

/// What the leaderboard counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoardTimeframe {
    #[default]
    AllTime,
    /// What was earned in the last 30 days.
    Month,
}

/// Somebody on the leaderboard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Place {
    pub user_id: UserId,
    pub username: String,
    pub full_name: Option<String>,
    pub avatar_url: Option<String>,
    /// Of the timeframe, as the points.
    pub total_badges: i64,
    pub badge_points: i64,
    /// Earned in the last 30 days.
    pub recent_badges: i64,
}

/// A badge that is counted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Popular {
    pub badge_id: BadgeId,
    pub slug: String,
    pub name: String,
    pub rarity: String,
    pub earned_count: i64,
}

/// How many badges were given on a day (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct DayCount {
    pub day: NaiveDate,
    pub awards: i64,
}

/// How long a badge takes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TimeToEarn {
    pub badge_id: BadgeId,
    pub slug: String,
    /// Of those who earned it, gifts left out.
    pub awards: i64,
    /// Median, from the registration.
    pub seconds: i64,
}

/// Everything at a glance. Badges that are held count, of people who are there for others: neither suspended, nor leaving,
/// nor erased.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct BadgeAnalytics {
    pub total_badges_defined: i64,
    pub active_badges: i64,
    pub total_awards: i64,
    pub unique_badge_holders: i64,
    /// Definitions.
    pub badges_by_category: BTreeMap<String, i64>,
    /// Definitions.
    pub rarity_distribution: BTreeMap<String, i64>,
    /// The ten that most people have.
    pub popular_badges: Vec<Popular>,
    /// The twenty earned last.
    pub recent_awards: Vec<UserBadge>,
    /// The last 90 days, oldest first; also those on which nothing was given.
    pub issuance: Vec<DayCount>,
    pub time_to_earn: Vec<TimeToEarn>,
}

/// What a board counts of each person: `w (user_id, total_badges, badge_points)`.
const ALL_TIME: &str = "SELECT user_id, badges AS total_badges, badge_points FROM badge_totals
    WHERE badges > 0 AND $3::timestamptz IS NOT NULL";
const SINCE: &str =
    "SELECT user_id, count(*) AS total_badges, sum(points)::bigint AS badge_points FROM user_badges
    WHERE status = 'held' AND earned_at > $3 GROUP BY user_id";

/// One statement, so that its numbers are of one moment. `$1` is the present time.
const ANALYTICS: &str = "
    WITH gone AS (SELECT user_id, badge_id FROM user_badges WHERE status = 'held' AND gone_until > $1)
    SELECT json_build_object(
        'total_badges_defined', (SELECT count(*) FROM badges),
        'active_badges', (SELECT count(*) FROM badges WHERE status = 'active'),
        'total_awards', (SELECT coalesce(sum(badges), 0)::bigint FROM badge_totals) - (SELECT count(*) FROM gone),
        'unique_badge_holders', (SELECT count(*) FROM badge_totals WHERE badges > 0)
            - (SELECT count(DISTINCT user_id) FROM gone),
        'badges_by_category', (SELECT coalesce(json_object_agg(category, n), '{}') FROM
            (SELECT category, count(*) AS n FROM badges GROUP BY category) c),
        'rarity_distribution', (SELECT coalesce(json_object_agg(rarity, n), '{}') FROM
            (SELECT rarity, count(*) AS n FROM badges GROUP BY rarity) r),
        'popular_badges', (SELECT coalesce(json_agg(p), '[]') FROM
            (SELECT * FROM (SELECT badge_id, slug, name, rarity, earned_count
                    - (SELECT count(*) FROM gone g WHERE g.badge_id = b.badge_id) AS earned_count FROM badges b) c
              WHERE earned_count > 0 ORDER BY earned_count DESC, name LIMIT 10) p),
        'recent_awards', (SELECT coalesce(json_agg(json_build_object('award', a.given, 'badge', row_to_json(b),
                'is_featured', a.featured) ORDER BY a.earned_at DESC, a.award_id), '[]') FROM
            (SELECT row_to_json(u) AS given, EXISTS (SELECT FROM showcases s WHERE s.user_id = u.user_id
                AND s.awards::jsonb ? u.award_id::text) AS featured, badge_id, earned_at, award_id
               FROM user_badges u WHERE status = 'held' AND (gone_until IS NULL OR gone_until <= $1)
              ORDER BY earned_at DESC, award_id LIMIT 20) a JOIN badges b USING (badge_id)),
        'issuance', (SELECT json_agg(json_build_object('day', d.day, 'awards', coalesce(w.n, 0)) ORDER BY d.day) FROM
            (SELECT ($1::timestamptz AT TIME ZONE 'UTC')::date - n AS day FROM generate_series(0, $2 - 1) n) d
            LEFT JOIN (SELECT (awarded_at AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM user_badges
                GROUP BY 1) w USING (day)),
        'time_to_earn', (SELECT coalesce(json_agg(t ORDER BY t.slug), '[]') FROM
            (SELECT b.badge_id, b.slug, count(*) AS awards, greatest(0, percentile_cont(0.5) WITHIN GROUP
                (ORDER BY extract(epoch FROM a.earned_at - p.created_at)::float8))::bigint AS seconds
               FROM user_badges a JOIN badges b USING (badge_id) JOIN accounts p USING (user_id)
              WHERE a.status = 'held' AND a.progress IS NOT NULL AND (a.gone_until IS NULL OR a.gone_until <= $1)
              GROUP BY b.badge_id, b.slug) t)
    )::text";

impl Queries {
    /// Who has the most points by badges, of those who show it to everybody.
    pub async fn list_leaders(
        &self,
        viewer: Viewer,
        timeframe: BoardTimeframe,
    ) -> Result<Vec<Place>, QueryError> {
        let counted = match timeframe {
            BoardTimeframe::AllTime => ALL_TIME,
            BoardTimeframe::Month => SINCE,
        };
        let sql = format!(
            "WITH best AS (SELECT w.*, p.username, p.full_name, p.avatar_url
                 FROM ({counted}) w JOIN profile_pages p USING (user_id) LEFT JOIN user_settings u USING (user_id)
                WHERE p.version > 0 AND p.username IS NOT NULL AND NOT p.is_private AND NOT p.is_leaving
                  AND coalesce(u.profile_visibility, 'public') = 'public'
                  AND (p.suspended_at IS NULL OR p.suspended_until <= $2)
                  AND NOT EXISTS (SELECT FROM blocks b WHERE b.ended_at IS NULL
                      AND ((b.blocker = $1 AND b.blocked = p.user_id) OR (b.blocker = p.user_id AND b.blocked = $1)))
                ORDER BY w.badge_points DESC, w.total_badges DESC, w.user_id LIMIT $4)
             SELECT json_build_object('user_id', user_id, 'username', username, 'full_name', full_name,
                 'avatar_url', avatar_url, 'total_badges', total_badges, 'badge_points', badge_points,
                 'recent_badges', (SELECT count(*) FROM user_badges a
                     WHERE a.user_id = best.user_id AND a.status = 'held' AND a.earned_at > $3))::text
               FROM best ORDER BY badge_points DESC, total_badges DESC, user_id"
        );
        let places = sqlx::query_scalar(&sql)
            .bind(viewer.user.uuid())
            .bind(viewer.now)
            .bind(viewer.now - RECENT)
            .bind(PLACES)
            .fetch_all(&self.pool)
            .await?;
        rows::parse(places)
    }

    /// All badges and awards at a glance.
    pub async fn find_badge_analytics(&self, now: DateTime<Utc>) -> Result<BadgeAnalytics, QueryError> {
        let text: String = sqlx::query_scalar(ANALYTICS).bind(now).bind(DAYS).fetch_one(&self.pool).await?;
        Ok(serde_json::from_str(&text)?)
    }
}
