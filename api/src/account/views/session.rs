//! A login session as its owner sees it (SESS-06).

use chrono::{DateTime, Utc};
use commands::Device;
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
    /// Read from `user_agent`; null where that is not known.
    pub device_info: Option<DeviceInfo>,
    /// Tells what it began on apart from one's other devices: 32 hexadecimal digits, another for each person. Null for
    /// sessions that began before devices were told apart.
    pub device_fingerprint: Option<String>,
    /// When it was last seen on a device that it had not been seen on before; null: never (SESS-09).
    pub device_changed_at: Option<DateTime<Utc>>,
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
    /// `logout`, `revoked`, `refresh_reused`, `invalidated` or `expired`.
    #[schema(value_type = Option<String>, example = "logout")]
    pub end_cause: Option<SessionEnd>,
    /// Seconds from its start to its end, or else to its last sign of life.
    pub time_spent: i64,
}

/// A kind of device as it told of itself, without versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeviceInfo {
    /// A browser, or the name of another program.
    #[schema(example = "Firefox")]
    pub browser: Option<String>,
    #[schema(example = "Linux")]
    pub os: Option<String>,
    /// `pc`, `smartphone`, `mobilephone`, `appliance`, `crawler` or `misc`.
    #[schema(example = "pc")]
    pub device_type: Option<String>,
}

impl From<Device> for DeviceInfo {
    fn from(device: Device) -> Self {
        Self { browser: device.browser, os: device.system, device_type: device.form }
    }
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
            device_info: row.user_agent.as_deref().map(|agent| Device::of(Some(agent)).into()),
            device_fingerprint: row.device.map(|device| device.to_string()),
            device_changed_at: row.device_changed_at,
            user_agent: row.user_agent,
            started_at: row.started_at,
            last_refreshed_at: row.last_refreshed_at,
            expires_at: row.refresh_expires_at.min(row.expires_at),
            ended_at: row.ended_at,
            end_cause: row.end_cause,
        }
    }
}
