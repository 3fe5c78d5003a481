//! A session is kept by its cookie: its end moves on, and its refresh token stays what it is (ADR 18).

use super::{Session, SessionError, SessionEvent, SessionProlonged, start::later};
use crate::aggregate::Decide;
use chrono::{DateTime, TimeDelta, Utc};

/// Moves the end that a session has unless it is refreshed, never beyond its absolute end.
///
/// Less than a seventh of the lifetime is not worth an event: a page may ask as often as it likes.
#[derive(Clone, Debug)]
pub struct ProlongSession {
    pub at: DateTime<Utc>,
    /// From now until the end.
    pub refresh_lifetime: TimeDelta,
}

impl Decide<Session> for ProlongSession {
    fn decide(&self, session: &Session) -> Result<Vec<SessionEvent>, SessionError> {
        session.started()?;
        if session.ended.is_some() {
            return Err(SessionError::Ended);
        }
        if session.is_expired(self.at) {
            return Err(SessionError::Expired);
        }
        let refresh_expires_at = later(self.at, self.refresh_lifetime).min(session.expires_at);
        if refresh_expires_at - session.refresh_expires_at < self.refresh_lifetime / 7 {
            return Ok(Vec::new());
        }
        let (user, prolonged_at) = (session.user, self.at);
        Ok(vec![SessionProlonged { user, prolonged_at, refresh_expires_at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{EndCause, SessionEnded, start::tests::started},
        *,
    };
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    const DAY: i64 = 86_400;

    fn prolong(second: i64) -> ProlongSession {
        ProlongSession { at: at(second), refresh_lifetime: days(7) }
    }

    fn prolonged(second: i64) -> SessionEvent {
        let refresh_expires_at = at((second + 7 * DAY).min(30 * DAY));
        SessionProlonged { user: jane(), prolonged_at: at(second), refresh_expires_at }.into()
    }

    #[test]
    fn end_moves_once_it_moves_by_a_day() {
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(prolong(DAY).into())
            .then_expect_events(vec![prolonged(DAY)]);
        TestFramework::<Session>::with(())
            .given(vec![started(), prolonged(DAY)])
            .when(prolong(2 * DAY - 1).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn session_that_is_kept_lives_on_and_never_beyond_its_absolute_end() {
        TestFramework::<Session>::with(())
            .given(vec![started(), prolonged(6 * DAY), prolonged(12 * DAY), prolonged(18 * DAY)])
            .when(prolong(24 * DAY).into())
            .then_expect_events(vec![prolonged(24 * DAY)]);
        TestFramework::<Session>::with(())
            .given(vec![
                started(),
                prolonged(6 * DAY),
                prolonged(12 * DAY),
                prolonged(18 * DAY),
                prolonged(24 * DAY),
            ])
            .when(prolong(29 * DAY).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn refresh_token_stays_what_it_is() {
        let rotate =
            super::super::RotateRefresh { generation: 1, at: at(2 * DAY), refresh_lifetime: days(7) };
        let mut session = Session::default();
        [started(), prolonged(DAY)].iter().for_each(|event| session.evolve(event));

        let events = rotate.decide(&session).unwrap();

        assert!(matches!(events[..], [SessionEvent::SessionRotated(_)]));
    }

    #[test]
    fn ended_and_expired_sessions_are_not_brought_back() {
        let ended = SessionEnded { user: jane(), cause: EndCause::Logout, ended_at: at(3) };
        TestFramework::<Session>::with(())
            .given(vec![started(), ended.into()])
            .when(prolong(DAY).into())
            .then_expect_error(SessionError::Ended);
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(prolong(7 * DAY).into())
            .then_expect_error(SessionError::Expired);
        TestFramework::<Session>::with(())
            .given_no_previous_events()
            .when(prolong(DAY).into())
            .then_expect_error(SessionError::NotStarted);
    }
}
