//! A session whose time is over is put down as such (TSK-07). Its tokens were refused before: time alone does that.

use super::{Session, SessionError, SessionEvent, SessionExpired};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Puts down that a session is past the end of its refresh token, or its absolute end. One that is not, or was kept
/// meanwhile, stays as it is; so does one that ended otherwise.
#[derive(Clone, Debug)]
pub struct ExpireSession {
    pub at: DateTime<Utc>,
}

impl Decide<Session> for ExpireSession {
    fn decide(&self, session: &Session) -> Result<Vec<SessionEvent>, SessionError> {
        session.started()?;
        if session.ended.is_some() || session.expired || !session.is_expired(self.at) {
            return Ok(Vec::new());
        }
        let expired_at = session.refresh_expires_at.min(session.expires_at);
        Ok(vec![SessionExpired { user: session.user, expired_at, noticed_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{EndCause, SessionEnded, SessionProlonged, start::tests::started},
        *,
    };
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    /// When the first refresh token of the fixture's session ends.
    fn end() -> DateTime<Utc> {
        let SessionEvent::SessionStarted(e) = started() else { panic!("no start") };
        e.refresh_expires_at
    }

    fn expired() -> SessionEvent {
        SessionExpired { user: jane(), expired_at: end(), noticed_at: end() }.into()
    }

    #[test]
    fn session_past_its_end_expires_once() {
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(ExpireSession { at: end() }.into())
            .then_expect_events(vec![expired()]);
        TestFramework::<Session>::with(())
            .given(vec![started(), expired()])
            .when(ExpireSession { at: end() }.into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn session_that_lives_was_kept_or_ended_stays() {
        let ended = SessionEnded { user: jane(), cause: EndCause::Logout, ended_at: at(3) };
        let kept = SessionProlonged {
            user: jane(),
            prolonged_at: at(3),
            refresh_expires_at: end() + chrono::TimeDelta::days(1),
        };
        for (given, at) in [
            (vec![started()], end() - chrono::TimeDelta::seconds(1)),
            (vec![started(), kept.into()], end()),
            (vec![started(), ended.into()], end()),
        ] {
            TestFramework::<Session>::with(())
                .given(given)
                .when(ExpireSession { at }.into())
                .then_expect_events(vec![]);
        }
    }

    #[test]
    fn refuses_a_session_that_is_not_there() {
        TestFramework::<Session>::with(())
            .given_no_previous_events()
            .when(ExpireSession { at: at(1) }.into())
            .then_expect_error(SessionError::NotStarted);
    }
}
