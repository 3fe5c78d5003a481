//! A login session as its owner sees it (SESS-06).

use chrono::{DateTime, Utc};
use domain::SessionId;
use projections::{
    Activity,
    sessions::query::{SessionEnd, SessionView as Row},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionView {
    pub id: Uuid,
    /// Same as `id`.
    pub session_id: Uuid,
    pub user: Uuid,
    /// True for the session that asks.
    pub current: bool,
    /// Neither ended nor expired.
    pub is_active: bool,
    /// A contact of the account is verified: the session may act.
    pub verified: bool,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub started_at: DateTime<Utc>,
    /// When its refresh token was last exchanged.
    pub last_refreshed_at: Option<DateTime<Utc>>,
    /// Its last request, up to a minute late where another node answered it; null before the first.
    pub last_active: Option<DateTime<Utc>>,
    /// Requests that it made.
    pub pages_visited: i64,
    /// When it ends unless it is refreshed before.
    pub expires_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// `logout`, `revoked`, `refresh_reused` or `invalidated`.
    #[schema(value_type = Option<String>, example = "logout")]
    pub end_cause: Option<SessionEnd>,
    /// Seconds from its start to its end, or else to its last sign of life.
    pub time_spent: i64,
}

impl SessionView {
    pub fn new(row: Row, seen: Option<Activity>, current: Option<SessionId>, now: DateTime<Utc>) -> Self {
        let id = row.session_id.uuid();
        let last_active = seen.map(|seen| seen.last_active);
        let last_sign = last_active.max(row.last_refreshed_at).unwrap_or(row.started_at);
        let time_spent = row.ended_at.unwrap_or(last_sign) - row.started_at;
        Self {
            id,
            session_id: id,
            user: row.user_id.uuid(),
            current: current == Some(row.session_id),
            is_active: row.is_active(now),
            verified: row.verified,
            time_spent: time_spent.num_seconds().max(0),
            last_active,
            pages_visited: seen.map_or(0, |seen| seen.pages_visited),
            ip_address: row.ip,
            user_agent: row.user_agent,
            started_at: row.started_at,
            last_refreshed_at: row.last_refreshed_at,
            expires_at: row.refresh_expires_at.min(row.expires_at),
            ended_at: row.ended_at,
            end_cause: row.end_cause,
        }
    }
}
