//! All sessions of an account end at once, by raising its epoch.

use super::{InvalidationCause, SessionsInvalidated, User, UserError, UserEvent};
use crate::{aggregate::Decide, ids::SessionId};
use chrono::{DateTime, Utc};

/// Ends every session but the one kept. Each is a new invalidation: sessions may have begun since the last.
#[derive(Clone, Debug)]
pub struct InvalidateSessions {
    /// The acting session, carried over into the new epoch.
    pub kept: Option<SessionId>,
    pub cause: InvalidationCause,
    pub at: DateTime<Utc>,
}

impl Decide<User> for InvalidateSessions {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        let event = SessionsInvalidated {
            epoch: user.epoch.saturating_add(1),
            kept: self.kept,
            cause: self.cause,
            invalidated_at: self.at,
        };
        Ok(vec![event.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn invalidated(epoch: u32) -> UserEvent {
        let cause = InvalidationCause::Requested;
        SessionsInvalidated { epoch, kept: Some(session(1)), cause, invalidated_at: at(4) }.into()
    }

    fn invalidate() -> InvalidateSessions {
        InvalidateSessions { kept: Some(session(1)), cause: InvalidationCause::Requested, at: at(4) }
    }

    #[test]
    fn each_invalidation_raises_the_epoch() {
        TestFramework::<User>::with(())
            .given(vec![registered(), invalidated(1)])
            .when(invalidate().into())
            .then_expect_events(vec![invalidated(2)]);
    }

    #[test]
    fn account_that_is_not_there_has_no_sessions() {
        TestFramework::<User>::with(())
            .given_no_previous_events()
            .when(invalidate().into())
            .then_expect_error(UserError::NotRegistered);
    }
}
