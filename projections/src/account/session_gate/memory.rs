//! Recently ended sessions. Bounded: an end is forgotten when every access token of it has expired.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    DecodeError, SessionId, UserId,
    session::SessionEvent,
    user::{SessionsInvalidated, UserEvent},
};
use std::collections::HashMap;
use store::Recorded;
use uuid::Uuid;

#[derive(Default)]
pub(super) struct Memory {
    ended: HashMap<SessionId, DateTime<Utc>>,
    epochs: HashMap<UserId, Epoch>,
    position: i64,
    /// The time of the log, which stands for the time of day: it is never ahead of it.
    now: DateTime<Utc>,
    swept: DateTime<Utc>,
}

struct Epoch {
    epoch: u32,
    kept: Option<SessionId>,
    since: DateTime<Utc>,
}

impl Memory {
    pub(super) const fn position(&self) -> i64 {
        self.position
    }

    pub(super) fn has_ended(&self, session: SessionId, user: UserId, epoch: u32) -> bool {
        self.ended.contains_key(&session)
            || self.epochs.get(&user).is_some_and(|now| epoch < now.epoch && now.kept != Some(session))
    }

    /// Heeds an event. Those of other aggregates only move the position and the time.
    pub(super) fn note(&mut self, event: &Recorded) -> Result<(), DecodeError> {
        if is_of(UserEvent::KINDS, event) || is_of(SessionEvent::KINDS, event) {
            let id = Uuid::parse_str(&event.aggregate_id).unwrap_or_default();
            let decoded = event.decode()?;
            if let Some(e) = decoded.session() {
                self.note_session(SessionId::from_uuid(id), e, event.recorded_at);
            }
            if let Some(e) = decoded.user() {
                self.note_user(UserId::from_uuid(id), e, event.recorded_at);
            }
        }
        self.position = self.position.max(event.position);
        self.now = self.now.max(event.recorded_at);
        Ok(())
    }

    fn note_session(&mut self, id: SessionId, event: &SessionEvent, at: DateTime<Utc>) {
        match event {
            SessionEvent::SessionEnded(_)
            | SessionEvent::SessionExpired(_)
            | SessionEvent::RefreshReused(_) => self.end(id, at),
            SessionEvent::SessionStarted(_)
            | SessionEvent::SessionRotated(_)
            | SessionEvent::SessionProlonged(_)
            | SessionEvent::RotationRepeated(_)
            | SessionEvent::SessionVerified(_)
            | SessionEvent::SessionDeviceChanged(_) => {}
        }
    }

    fn note_user(&mut self, id: UserId, event: &UserEvent, at: DateTime<Utc>) {
        match event {
            UserEvent::SessionsInvalidated(SessionsInvalidated { epoch, kept, .. }) => {
                self.raise(id, *epoch, *kept, at);
            }
            UserEvent::UserRegistered(_)
            | UserEvent::VerificationRequested(_)
            | UserEvent::AddressCorrected(_)
            | UserEvent::ContactVerified(_)
            | UserEvent::PasswordResetRequested(_)
            | UserEvent::PasswordChanged(_)
            // The request has ended every session, and none begins before it is taken back.
            | UserEvent::UserDeletionRequested(_)
            | UserEvent::UserDeletionCancelled(_)
            | UserEvent::UserErased(_)
            | UserEvent::ErasureCertified(_)
            // What ends sessions says so by an invalidation in the same append.
            | UserEvent::RoleChanged(_)
            | UserEvent::UserSuspended(_)
            | UserEvent::UserReinstated(_)
            | UserEvent::UserInvited(_)
            | UserEvent::EmailChangeCancelled(_) => {}
        }
    }

    pub(super) fn end(&mut self, session: SessionId, at: DateTime<Utc>) {
        self.ended.insert(session, at);
    }

    /// An older epoch never replaces a newer one: what was read from tables may be ahead of the events that follow.
    pub(super) fn raise(&mut self, user: UserId, epoch: u32, kept: Option<SessionId>, since: DateTime<Utc>) {
        let held = self.epochs.get(&user).map_or(0, |held| held.epoch);
        if epoch >= held {
            self.epochs.insert(user, Epoch { epoch, kept, since });
        }
    }

    /// The log up to here is contained.
    pub(super) fn begin_at(&mut self, position: i64, now: DateTime<Utc>) {
        self.position = position;
        self.now = self.now.max(now);
    }

    /// Forgets what no living token can need; does nothing most of the time.
    pub(super) fn sweep(&mut self, lifetime: TimeDelta) {
        if self.now - self.swept < lifetime / 8 {
            return;
        }
        let Some(oldest) = self.now.checked_sub_signed(lifetime) else { return };
        self.ended.retain(|_, at| *at >= oldest);
        self.epochs.retain(|_, epoch| epoch.since >= oldest);
        self.swept = self.now;
    }
}

fn is_of(kinds: &[domain::EventKind], event: &Recorded) -> bool {
    kinds.first().is_some_and(|kind| kind.aggregate == event.aggregate_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + seconds, 0).unwrap()
    }

    fn session(n: u128) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn older_epochs_are_refused_but_for_the_kept_session() {
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let mut memory = Memory::default();

        memory.raise(user, 2, Some(session(1)), at(0));

        assert!(!memory.has_ended(session(1), user, 0));
        assert!(memory.has_ended(session(2), user, 1));
        assert!(!memory.has_ended(session(3), user, 2));
    }

    #[test]
    fn replayed_older_epoch_changes_nothing() {
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let mut memory = Memory::default();

        memory.raise(user, 2, None, at(0));
        memory.raise(user, 1, Some(session(1)), at(0));

        assert!(memory.has_ended(session(1), user, 0));
    }

    #[test]
    fn ends_older_than_a_token_are_forgotten() {
        let mut memory = Memory::default();
        memory.end(session(1), at(0));
        memory.end(session(2), at(90));
        memory.begin_at(2, at(100));

        memory.sweep(TimeDelta::seconds(60));

        assert!(!memory.ended.contains_key(&session(1)));
        assert!(memory.ended.contains_key(&session(2)));
    }
}
