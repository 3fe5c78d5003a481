//! A session ends because someone says so.

use super::{EndCause, Session, SessionEnded, SessionError, SessionEvent};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Ends the session; its tokens are refused at once (AUTH-03). An ended one stays as it is.
#[derive(Clone, Debug)]
pub struct EndSession {
    pub cause: EndCause,
    pub at: DateTime<Utc>,
}

impl Decide<Session> for EndSession {
    fn decide(&self, session: &Session) -> Result<Vec<SessionEvent>, SessionError> {
        session.started()?;
        if session.ended.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![SessionEnded { user: session.user, cause: self.cause, ended_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::start::tests::started, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn end() -> EndSession {
        EndSession { cause: EndCause::Logout, at: at(3) }
    }

    fn ended() -> SessionEvent {
        SessionEnded { user: jane(), cause: EndCause::Logout, ended_at: at(3) }.into()
    }

    #[test]
    fn ends_a_live_session() {
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(end().into())
            .then_expect_events(vec![ended()]);
    }

    #[test]
    fn ending_twice_changes_nothing() {
        TestFramework::<Session>::with(())
            .given(vec![started(), ended()])
            .when(end().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn refuses_a_session_that_is_not_there() {
        TestFramework::<Session>::with(())
            .given_no_previous_events()
            .when(end().into())
            .then_expect_error(SessionError::NotStarted);
    }
}
