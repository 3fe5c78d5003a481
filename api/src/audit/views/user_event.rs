//! An event of a person in the form that clients know (EVT-01).

use chrono::{DateTime, Utc};
use projections::user_events::query::UserEventRow;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UserEventView {
    pub id: Uuid,
    /// In the log; the order in which things happened.
    pub position: i64,
    pub user: Uuid,
    /// Of the request that caused it; null where that was somebody else's, but for staff.
    pub session: Option<Uuid>,
    #[schema(example = "login")]
    pub event_type: &'static str,
    /// `low`, `medium`, `high` or `critical`.
    #[schema(example = "low")]
    pub severity: &'static str,
    /// For people; may change.
    #[schema(example = "Logged in")]
    pub description: String,
    /// Of a badge that was earned: `badge_id` and `points`.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    pub success: bool,
    /// A stable code, if it did not succeed.
    #[schema(example = "credentials-wrong")]
    pub error_message: Option<String>,
    /// Whom it was about, if that is somebody else.
    pub target_user: Option<Uuid>,
    pub requires_review: bool,
    pub created_at: DateTime<Utc>,
    /// It is about credentials, codes or sessions.
    pub is_security_event: bool,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    pub risk_score: u8,
}

impl UserEventView {
    /// For the person that it is told to: who else acted, and from which session, is not theirs to see.
    pub fn for_person(row: UserEventRow) -> Self {
        let session_id = row.session_id.filter(|_| row.own);
        Self::for_staff(UserEventRow { session_id, ..row })
    }

    pub fn for_staff(row: UserEventRow) -> Self {
        let success = row.failure.is_none();
        Self {
            id: row.event_id.uuid(),
            position: row.position,
            user: row.user_id.uuid(),
            session: row.session_id.map(domain::SessionId::uuid),
            event_type: row.event_type.name(),
            severity: row.severity.name(),
            description: match &row.badge_name {
                Some(name) => format!("{}: {name}", row.event_type.description()),
                None => row.event_type.description().to_owned(),
            },
            metadata: metadata(&row),
            success,
            error_message: row.failure,
            target_user: row.target_user.map(domain::UserId::uuid),
            requires_review: row.requires_review,
            created_at: row.recorded_at,
            is_security_event: row.event_type.is_security(),
            risk_score: row.event_type.risk_score(success),
        }
    }
}

fn metadata(row: &UserEventRow) -> Map<String, Value> {
    let badge = row.badge_id.map(|badge| ("badge_id".to_owned(), json!(badge)));
    let points = row.points.map(|points| ("points".to_owned(), json!(points)));
    badge.into_iter().chain(points).collect()
}
