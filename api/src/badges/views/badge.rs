//! Badges, and who has them (BDG-01, BDG-02, BDG-20).

use chrono::{DateTime, Utc};
use domain::{award::AwardStatus, badge::BadgeStatus};
use projections::badges::query::{BadgeRow, UserBadge};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

/// What there is to be had.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BadgeView {
    pub id: Uuid,
    /// What programs call it, for ever.
    #[schema(example = "first_post")]
    pub slug: String,
    #[schema(example = "First Post")]
    pub name: String,
    pub description: String,
    #[schema(example = "achievement")]
    pub category: String,
    #[schema(example = "fas fa-star")]
    pub icon: String,
    #[schema(example = "#FFD700")]
    pub color: String,
    pub image: Option<String>,
    #[schema(example = 25)]
    pub points: i64,
    /// `common`, `rare`, `epic` or `legendary`.
    #[schema(example = "common")]
    pub rarity: &'static str,
    /// What it takes, by `/api/badges/criteria-schema`; empty where it is only given by hand.
    #[schema(value_type = Object)]
    pub criteria: Value,
    /// `bronze`, `silver` or `gold`.
    #[schema(value_type = Option<String>)]
    pub tier: Value,
    pub series: Option<String>,
    /// It is to be had from then on.
    pub available_from: Option<DateTime<Utc>>,
    /// It is to be had before then.
    pub available_until: Option<DateTime<Utc>>,
    pub is_active: bool,
    /// `draft`, `active` or `retired`.
    #[schema(value_type = String, example = "active")]
    pub status: BadgeStatus,
    /// Of the criterion, from 1.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// How many people have it.
    pub earned_count: i64,
}

impl From<BadgeRow> for BadgeView {
    fn from(row: BadgeRow) -> Self {
        Self {
            id: row.badge_id.uuid(),
            slug: row.slug,
            name: row.name,
            description: row.description,
            category: row.category,
            icon: row.icon,
            color: row.color,
            image: row.image,
            points: row.points,
            rarity: row.rarity.name(),
            criteria: row.criteria.map_or_else(|| json!({}), |criterion| json!(criterion)),
            tier: json!(row.tier),
            series: row.series,
            available_from: row.available_from,
            available_until: row.available_until,
            is_active: row.status == BadgeStatus::Active,
            status: row.status,
            version: row.criteria_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            earned_count: row.earned_count,
        }
    }
}

/// The badge of an award.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BadgeCardView {
    pub id: Uuid,
    #[schema(example = "first_post")]
    pub slug: String,
    #[schema(example = "First Post")]
    pub name: String,
    pub description: String,
    #[schema(example = "fas fa-star")]
    pub icon: String,
    #[schema(example = "#FFD700")]
    pub color: String,
    pub image: Option<String>,
    #[schema(example = "achievement")]
    pub category: String,
    pub points: i64,
    #[schema(example = "common")]
    pub rarity: &'static str,
}

impl From<BadgeRow> for BadgeCardView {
    fn from(row: BadgeRow) -> Self {
        Self {
            id: row.badge_id.uuid(),
            slug: row.slug,
            name: row.name,
            description: row.description,
            icon: row.icon,
            color: row.color,
            image: row.image,
            category: row.category,
            points: row.points,
            rarity: row.rarity.name(),
        }
    }
}

/// An award.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserBadgeView {
    /// The same for ever, however often the badge is given and taken away.
    pub id: Uuid,
    pub user: Uuid,
    pub badge: BadgeCardView,
    pub earned_at: DateTime<Utc>,
    /// Later than it was earned where it was earned in retrospect.
    pub awarded_at: DateTime<Utc>,
    /// Among the person's featured badges.
    pub is_featured: bool,
    /// How the criterion stood when it was earned; empty for a gift.
    #[schema(value_type = Object)]
    pub progress_data: Value,
    /// `system`, `admin`, or `service:<name>`.
    #[schema(example = "system")]
    pub awarded_by: String,
    /// For the person and for staff.
    pub notes: Option<String>,
    /// What the person got.
    pub points: i64,
    /// How many events earned it; 0 for a gift.
    pub evidence_total: i64,
    /// How often it was given.
    pub ordinal: i64,
    /// `held`; for the person and for staff also `revoked`, and `lifted` where it may be earned again.
    #[schema(value_type = String, example = "held")]
    pub status: AwardStatus,
    pub revoked_at: Option<DateTime<Utc>>,
    /// For the person and for staff.
    pub revocation_reason: Option<String>,
}

impl UserBadgeView {
    /// `whole` for the person and for staff.
    pub fn new(UserBadge { award, badge, is_featured }: UserBadge, whole: bool) -> Self {
        Self {
            id: award.award_id.uuid(),
            user: award.user_id.uuid(),
            badge: badge.into(),
            earned_at: award.earned_at,
            awarded_at: award.awarded_at,
            is_featured,
            progress_data: award.progress.map_or_else(|| json!({}), |progress| json!(progress)),
            awarded_by: award.awarded_by,
            notes: award.notes.filter(|_| whole),
            points: award.points,
            evidence_total: award.evidence_total,
            ordinal: award.ordinal,
            status: award.status,
            revoked_at: award.revoked_at,
            revocation_reason: award.revocation_reason.filter(|_| whole),
        }
    }
}
