//! A notification (NTF-01, BDG-24).

use crate::http::views::PageView;
use chrono::{DateTime, Utc};
use projections::notifications::query::{Notification, NotificationKind};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The badge that was earned.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EarnedBadgeView {
    pub id: Uuid,
    /// As it was when it was awarded.
    #[schema(example = "First Post")]
    pub name: String,
    /// What the person got.
    #[schema(example = 25)]
    pub points: i64,
    /// As it looks now, with `icon` and `rarity`; null for the moment in which the read model of badges is behind.
    #[schema(example = "first_post")]
    pub slug: Option<String>,
    #[schema(example = "fas fa-star")]
    pub icon: Option<String>,
    /// `common`, `rare`, `epic` or `legendary`.
    #[schema(example = "common")]
    pub rarity: Option<&'static str>,
}

/// One event that a person is told of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotificationView {
    /// Of the event: the same as in `/api/events` and in the stream of events.
    pub id: Uuid,
    /// Of the event, in the log.
    pub position: i64,
    /// `badge_earned`.
    #[serde(rename = "type")]
    #[schema(example = "badge_earned")]
    pub kind: &'static str,
    /// For people; may change, as `message`.
    #[schema(example = "Badge earned: First Post")]
    pub title: String,
    #[schema(example = "You earned the badge First Post, worth 25 points.")]
    pub message: String,
    pub created_at: DateTime<Utc>,
    /// Null: unread.
    pub read_at: Option<DateTime<Utc>>,
    pub is_read: bool,
    pub badge: EarnedBadgeView,
    pub award_id: Uuid,
    /// The award's public page, which is there as long as the profile is public.
    #[schema(example = "/api/public/badges/01987f3a-5b10-7c3e-9d3f-2f61a7c1d0e5")]
    pub url: String,
}

impl NotificationView {
    /// `url` is that of the award's public page.
    pub fn new(Notification { row, look }: Notification, url: String) -> Self {
        let (name, points) = (row.badge_name, row.points);
        let (title, message) = match row.kind {
            NotificationKind::BadgeEarned => (
                format!("Badge earned: {name}"),
                format!("You earned the badge {name}, worth {points} points."),
            ),
        };
        let rarity = look.as_ref().map(|look| look.rarity.name());
        let (slug, icon) = look.map(|look| (look.slug, look.icon)).unzip();
        Self {
            id: row.notification_id.uuid(),
            position: row.position,
            kind: row.kind.name(),
            title,
            message,
            created_at: row.created_at,
            read_at: row.read_at,
            is_read: row.read_at.is_some(),
            badge: EarnedBadgeView { id: row.badge_id.uuid(), name, points, slug, icon, rarity },
            award_id: row.award_id.uuid(),
            url,
        }
    }
}

/// Part of the list, and how much of all of it is unread.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NotificationsView {
    #[serde(flatten)]
    pub page: PageView<NotificationView>,
    /// Of all the caller's notifications, whatever was asked for.
    pub unread_count: i64,
}

/// How much is left.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct UnreadView {
    pub unread_count: i64,
}
