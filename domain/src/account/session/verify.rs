//! The account was verified while a session lived.

use super::{Session, SessionError, SessionEvent, SessionVerified};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Lets the session act (C-03). An ended or already verified one stays as it is.
#[derive(Clone, Debug)]
pub struct MarkSessionVerified {
    /// Whose contact was verified; another's session is refused.
    pub user: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Session> for MarkSessionVerified {
    fn decide(&self, session: &Session) -> Result<Vec<SessionEvent>, SessionError> {
        session.started()?;
        if session.user != self.user {
            return Err(SessionError::NotYours);
        }
        if session.verified || session.ended.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![SessionVerified { user: self.user, verified_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{SessionStarted, start::tests::started},
        *,
    };
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn started_unverified() -> SessionEvent {
        let SessionEvent::SessionStarted(event) = started() else { unreachable!() };
        SessionStarted { verified: false, ..event }.into()
    }

    fn mark() -> MarkSessionVerified {
        MarkSessionVerified { user: jane(), at: at(5) }
    }

    #[test]
    fn unverified_session_becomes_verified() {
        TestFramework::<Session>::with(())
            .given(vec![started_unverified()])
            .when(mark().into())
            .then_expect_events(vec![SessionVerified { user: jane(), verified_at: at(5) }.into()]);
    }

    #[test]
    fn verified_session_stays_as_it_is() {
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(mark().into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn refuses_the_session_of_another_account() {
        let command = MarkSessionVerified { user: UserId::from_uuid(uuid::Uuid::from_u128(2)), at: at(5) };

        TestFramework::<Session>::with(())
            .given(vec![started_unverified()])
            .when(command.into())
            .then_expect_error(SessionError::NotYours);
    }
}
