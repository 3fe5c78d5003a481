//! The session as its events have made it.

use super::{EndCause, LoginMethod, SessionError, SessionEvent, SessionRotated, SessionStarted};
use crate::{
    aggregate::EventSourced,
    ids::{SessionId, UserId},
    values::DeviceFingerprint,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A login session. Before it starts it is the default: no `started_at`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub started_at: Option<DateTime<Utc>>,
    pub user: UserId,
    /// The user's session epoch when it started.
    pub epoch: u32,
    pub method: Option<LoginMethod>,
    /// False while the account has no verified contact.
    pub verified: bool,
    /// Of the refresh token that counts; the first is 1.
    pub generation: u32,
    pub rotated_at: Option<DateTime<Utc>>,
    /// The reply of the last rotation was given again, at least once.
    pub repeated: bool,
    pub refresh_expires_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// What it was seen on, the first one first; empty for one that began before devices were told apart.
    #[serde(default)]
    pub devices: Vec<DeviceFingerprint>,
    pub ended: Option<Ending>,
    /// It is put down that its time is over.
    #[serde(default)]
    pub expired: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    pub cause: EndCause,
    pub at: DateTime<Utc>,
}

impl Session {
    pub const fn is_started(&self) -> bool {
        self.started_at.is_some()
    }

    /// True from its start until it ends or its refresh token has expired unused.
    pub fn is_live(&self, at: DateTime<Utc>) -> bool {
        self.is_started() && self.ended.is_none() && !self.is_expired(at)
    }

    /// Past the end of its refresh token, which is never later than the session's absolute end.
    pub fn is_expired(&self, at: DateTime<Utc>) -> bool {
        self.expired || at >= self.refresh_expires_at.min(self.expires_at)
    }

    pub(super) fn started(&self) -> Result<(), SessionError> {
        self.is_started().then_some(()).ok_or(SessionError::NotStarted)
    }

    pub(super) fn evolve(&mut self, event: &SessionEvent) {
        match event {
            SessionEvent::SessionStarted(e) => self.start(e),
            SessionEvent::SessionRotated(e) => self.rotate(e),
            SessionEvent::SessionProlonged(e) => self.refresh_expires_at = e.refresh_expires_at,
            SessionEvent::RotationRepeated(_) => self.repeated = true,
            // Only a mark: the end that it causes is an event of its own.
            SessionEvent::RefreshReused(_) => {}
            SessionEvent::SessionVerified(_) => self.verified = true,
            SessionEvent::SessionDeviceChanged(e) => self.devices.push(e.device),
            SessionEvent::SessionExpired(_) => self.expired = true,
            SessionEvent::SessionEnded(e) => self.ended = Some(Ending { cause: e.cause, at: e.ended_at }),
        }
    }

    fn start(&mut self, e: &SessionStarted) {
        *self = Self {
            started_at: Some(e.started_at),
            user: e.user,
            epoch: e.epoch,
            method: Some(e.method),
            verified: e.verified,
            generation: 1,
            refresh_expires_at: e.refresh_expires_at,
            expires_at: e.expires_at,
            devices: e.device.into_iter().collect(),
            ..Self::default()
        };
    }

    const fn rotate(&mut self, e: &SessionRotated) {
        self.generation = e.generation;
        self.rotated_at = Some(e.rotated_at);
        self.refresh_expires_at = e.refresh_expires_at;
        self.repeated = false;
    }
}

impl EventSourced for Session {
    type Id = SessionId;

    fn owner(&self, _id: SessionId) -> Option<UserId> {
        self.is_started().then_some(self.user)
    }
}
