//! Events of a login session. Each names the user, so that one event is enough to act on.

use crate::{ids::UserId, values::DeviceFingerprint};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A successful login. Address and user agent are in the event's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionStarted {
    pub user: UserId,
    /// The user's session epoch at the time.
    pub epoch: u32,
    pub method: LoginMethod,
    /// False while no contact of the account is verified: such a session may not act.
    pub verified: bool,
    pub started_at: DateTime<Utc>,
    /// The first refresh token (generation 1) is refused from then on.
    pub refresh_expires_at: DateTime<Utc>,
    /// The absolute end, however often it is refreshed.
    pub expires_at: DateTime<Utc>,
    /// What it began on; none before devices were told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceFingerprint>,
}

/// The refresh token of the generation before was spent; this one's replaces it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRotated {
    pub user: UserId,
    pub generation: u32,
    pub rotated_at: DateTime<Utc>,
    pub refresh_expires_at: DateTime<Utc>,
}

/// The session was kept by its cookie: its end moved, its refresh token stayed (ADR 18).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionProlonged {
    pub user: UserId,
    pub prolonged_at: DateTime<Utc>,
    pub refresh_expires_at: DateTime<Utc>,
}

/// The reply to the last rotation was asked for again, and given again; only the first repetition is put down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RotationRepeated {
    pub user: UserId,
    pub generation: u32,
    pub repeated_at: DateTime<Utc>,
}

/// A spent refresh token came back: someone holds a copy. The session ends with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefreshReused {
    pub user: UserId,
    /// The spent generation that was presented.
    pub generation: u32,
    pub reused_at: DateTime<Utc>,
}

/// The account's contact was verified while the session lived: it may act from now on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionVerified {
    pub user: UserId,
    pub verified_at: DateTime<Utc>,
}

/// The session was used on a device that it was not seen on before: its tokens may be somebody else's (SESS-09).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionDeviceChanged {
    pub user: UserId,
    /// The other one.
    pub device: DeviceFingerprint,
    pub changed_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionEnded {
    pub user: UserId,
    pub cause: EndCause,
    pub ended_at: DateTime<Utc>,
}

/// The session was found to be past its end, which nobody had put down before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionExpired {
    pub user: UserId,
    /// When its time was over: of its refresh token, or of the session itself.
    pub expired_at: DateTime<Utc>,
    pub noticed_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginMethod {
    Password,
    /// Started by the registration itself.
    Registration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    Logout,
    /// Ended from the list of sessions.
    Revoked,
    /// A spent refresh token was presented.
    RefreshReused,
    /// Its person logged in again with it, and got another.
    Replaced,
    /// It was the oldest of more sessions than an account may have.
    TooMany,
}
