//! A session begins with a login, or with the registration itself.

use super::{LoginMethod, Session, SessionError, SessionEvent, SessionStarted};
use crate::{aggregate::Decide, ids::UserId, values::DeviceFingerprint};
use chrono::{DateTime, TimeDelta, Utc};

/// Starts a session with refresh generation 1.
#[derive(Clone, Debug)]
pub struct StartSession {
    pub user: UserId,
    /// The user's session epoch, read in the same append.
    pub epoch: u32,
    pub method: LoginMethod,
    /// A fact: the account has a verified contact.
    pub verified: bool,
    /// A fact: what it begins on.
    pub device: Option<DeviceFingerprint>,
    pub at: DateTime<Utc>,
    /// From now until the refresh token expires (C-08: 7 days).
    pub refresh_lifetime: TimeDelta,
    /// From now until the session ends, however often it is refreshed (section 7: 30 days).
    pub absolute_lifetime: TimeDelta,
}

impl Decide<Session> for StartSession {
    fn decide(&self, session: &Session) -> Result<Vec<SessionEvent>, SessionError> {
        if session.is_started() {
            return Err(SessionError::AlreadyStarted);
        }
        let expires_at = later(self.at, self.absolute_lifetime);
        let event = SessionStarted {
            user: self.user,
            epoch: self.epoch,
            method: self.method,
            verified: self.verified,
            started_at: self.at,
            refresh_expires_at: later(self.at, self.refresh_lifetime).min(expires_at),
            expires_at,
            device: self.device,
        };
        Ok(vec![event.into()])
    }
}

/// Saturates at the end of time instead of panicking.
pub(super) fn later(at: DateTime<Utc>, lifetime: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    pub fn start() -> StartSession {
        StartSession {
            user: jane(),
            epoch: 0,
            method: LoginMethod::Password,
            verified: true,
            device: Some(device(1)),
            at: at(0),
            refresh_lifetime: days(7),
            absolute_lifetime: days(30),
        }
    }

    pub fn started() -> SessionEvent {
        SessionStarted {
            user: jane(),
            epoch: 0,
            method: LoginMethod::Password,
            verified: true,
            started_at: at(0),
            refresh_expires_at: at(7 * 86_400),
            expires_at: at(30 * 86_400),
            device: Some(device(1)),
        }
        .into()
    }

    #[test]
    fn starts_with_both_ends_set() {
        TestFramework::<Session>::with(())
            .given_no_previous_events()
            .when(start().into())
            .then_expect_events(vec![started()]);
    }

    #[test]
    fn refresh_token_never_outlives_the_session() {
        let command = StartSession { refresh_lifetime: days(60), ..start() };

        let events = command.decide(&Session::default()).unwrap();

        let [SessionEvent::SessionStarted(event)] = events.as_slice() else { unreachable!() };
        assert_eq!(event.refresh_expires_at, event.expires_at);
    }

    #[test]
    fn refuses_to_start_twice() {
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(start().into())
            .then_expect_error(SessionError::AlreadyStarted);
    }
}
