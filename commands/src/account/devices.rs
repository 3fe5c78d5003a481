//! What sessions are used on (SESS-09): a session that comes from another device is put down, and lives on. People
//! carry their cookies to new browsers, and those who steal them say what they like: it is a sign, and no proof.

use super::Accounts;
use crate::{Caller, CommandError, Device, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    SessionId, UserId,
    session::{NoticeDevice, Session},
    values::DeviceFingerprint,
};
use moka::sync::Cache;
use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// Pairs of a session and what it said that it is, which need no second look.
const SEEN: u64 = 100_000;
const KEPT: Duration = Duration::from_secs(3_600);

/// What was looked at of late. One per process.
pub(super) struct SeenDevices {
    pairs: Cache<(SessionId, u64), ()>,
    hasher: RandomState,
}

impl Default for SeenDevices {
    fn default() -> Self {
        Self {
            pairs: Cache::builder().max_capacity(SEEN).time_to_idle(KEPT).build(),
            hasher: RandomState::new(),
        }
    }
}

impl SeenDevices {
    fn pair(&self, session: SessionId, user_agent: Option<&str>) -> (SessionId, u64) {
        (session, self.hasher.hash_one(user_agent))
    }
}

impl Accounts {
    /// Whether this session said the same of itself to this process within the last hour.
    pub fn knows_device(&self, session: SessionId, user_agent: Option<&str>) -> bool {
        self.seen.pairs.get(&self.seen.pair(session, user_agent)).is_some()
    }

    /// The acting session made a request. What cannot be put down now is tried again at the next request.
    pub async fn saw_device(&self, caller: &Caller) {
        let Some((user, session)) = caller.user() else { return };
        match self.notice_device(user, session, caller).await {
            Ok(()) => self.seen.pairs.insert(self.seen.pair(session, caller.user_agent.as_deref()), ()),
            Err(error) => tracing::warn!(%error, "what a session is used on is not known yet"),
        }
    }

    async fn notice_device(
        &self,
        user: UserId,
        session: SessionId,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let notice = self.notice(user, self.executor.now(), caller);
        let unit = Unit::new().warranted(Warrant::Record).on::<Session>(session, notice);
        self.executor.run_all(unit, &caller.unkeyed()).await.map(drop)
    }

    pub(super) fn notice(&self, user: UserId, at: DateTime<Utc>, caller: &Caller) -> NoticeDevice {
        let device = Device::of(caller.user_agent.as_deref());
        let other = self.codes.other_device_fingerprint(user, &device);
        NoticeDevice { device: self.codes.device_fingerprint(user, &device), other, at }
    }

    pub(super) fn device(&self, user: UserId, caller: &Caller) -> DeviceFingerprint {
        self.codes.device_fingerprint(user, &Device::of(caller.user_agent.as_deref()))
    }
}
