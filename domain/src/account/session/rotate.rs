//! A refresh token is spent: once, or again and again for a moment where replies were lost or several asked at once;
//! a copy that comes later ends the session (C-08).

use super::{
    EndCause, RefreshReused, RotationRepeated, Session, SessionEnded, SessionError, SessionEvent,
    SessionRotated, start::later,
};
use crate::aggregate::Decide;
use chrono::{DateTime, TimeDelta, Utc};

/// For so long after a rotation its reply may be asked for again, however often: 30 s.
pub const REPEAT_WINDOW: TimeDelta = TimeDelta::seconds(30);

/// Presents a refresh token.
///
/// A reuse is not an error but two events, which must be appended before the caller is refused:
/// look for [`RefreshReused`] among them.
#[derive(Clone, Debug)]
pub struct RotateRefresh {
    /// Of the token presented.
    pub generation: u32,
    pub at: DateTime<Utc>,
    /// From now until the new refresh token expires; cut at the session's absolute end.
    pub refresh_lifetime: TimeDelta,
}

impl Decide<Session> for RotateRefresh {
    fn decide(&self, session: &Session) -> Result<Vec<SessionEvent>, SessionError> {
        session.started()?;
        if session.ended.is_some() {
            return Err(SessionError::Ended);
        }
        if self.generation == 0 || self.generation > session.generation {
            return Err(SessionError::UnknownToken);
        }
        if session.is_expired(self.at) {
            return Err(SessionError::Expired);
        }
        Ok(if self.generation == session.generation {
            vec![self.rotated(session).into()]
        } else if self.repeats_last_rotation(session) {
            self.repeated(session)
        } else {
            self.reused(session)
        })
    }
}

impl RotateRefresh {
    fn rotated(&self, session: &Session) -> SessionRotated {
        SessionRotated {
            user: session.user,
            generation: session.generation.saturating_add(1),
            rotated_at: self.at,
            refresh_expires_at: later(self.at, self.refresh_lifetime).min(session.expires_at),
        }
    }

    /// The successor is unused as long as it is the session's present generation.
    fn repeats_last_rotation(&self, session: &Session) -> bool {
        self.generation == session.generation - 1
            && session.rotated_at.is_some_and(|rotated_at| self.at - rotated_at <= REPEAT_WINDOW)
    }

    /// The first repetition tells that there was one; more of them would only fill the log.
    fn repeated(&self, session: &Session) -> Vec<SessionEvent> {
        if session.repeated {
            return Vec::new();
        }
        let (user, generation) = (session.user, session.generation);
        vec![RotationRepeated { user, generation, repeated_at: self.at }.into()]
    }

    fn reused(&self, session: &Session) -> Vec<SessionEvent> {
        let user = session.user;
        vec![
            RefreshReused { user, generation: self.generation, reused_at: self.at }.into(),
            SessionEnded { user, cause: EndCause::RefreshReused, ended_at: self.at }.into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::{super::start::tests::started, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    const DAY: i64 = 86_400;

    fn rotate(generation: u32, second: i64) -> RotateRefresh {
        RotateRefresh { generation, at: at(second), refresh_lifetime: days(7) }
    }

    fn rotated(generation: u32, second: i64) -> SessionEvent {
        let refresh_expires_at = at((second + 7 * DAY).min(30 * DAY));
        SessionRotated { user: jane(), generation, rotated_at: at(second), refresh_expires_at }.into()
    }

    fn repeated(generation: u32, second: i64) -> SessionEvent {
        RotationRepeated { user: jane(), generation, repeated_at: at(second) }.into()
    }

    fn reused(generation: u32, second: i64) -> Vec<SessionEvent> {
        vec![
            RefreshReused { user: jane(), generation, reused_at: at(second) }.into(),
            SessionEnded { user: jane(), cause: EndCause::RefreshReused, ended_at: at(second) }.into(),
        ]
    }

    #[test]
    fn current_token_is_replaced_by_its_successor() {
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(rotate(1, 60).into())
            .then_expect_events(vec![rotated(2, 60)]);
    }

    #[test]
    fn successor_never_outlives_the_session() {
        TestFramework::<Session>::with(())
            .given(vec![started(), rotated(2, 6 * DAY), rotated(3, 12 * DAY), rotated(4, 18 * DAY)])
            .when(rotate(4, 24 * DAY).into())
            .then_expect_events(vec![rotated(5, 24 * DAY)]);
    }

    #[test]
    fn reply_is_given_again_within_thirty_seconds_and_the_first_repetition_is_put_down() {
        TestFramework::<Session>::with(())
            .given(vec![started(), rotated(2, 60)])
            .when(rotate(1, 90).into())
            .then_expect_events(vec![repeated(2, 90)]);
        TestFramework::<Session>::with(())
            .given(vec![started(), rotated(2, 60), repeated(2, 61)])
            .when(rotate(1, 90).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn repetition_after_thirty_seconds_is_a_reuse() {
        TestFramework::<Session>::with(())
            .given(vec![started(), rotated(2, 60)])
            .when(rotate(1, 91).into())
            .then_expect_events(reused(1, 91));
        TestFramework::<Session>::with(())
            .given(vec![started(), rotated(2, 60), repeated(2, 61)])
            .when(rotate(1, 91).into())
            .then_expect_events(reused(1, 91));
    }

    #[test]
    fn once_the_successor_is_used_the_former_token_is_a_copy() {
        TestFramework::<Session>::with(())
            .given(vec![started(), rotated(2, 60), rotated(3, 61)])
            .when(rotate(1, 62).into())
            .then_expect_events(reused(1, 62));
    }

    #[test]
    fn first_repetition_of_each_rotation_is_put_down() {
        TestFramework::<Session>::with(())
            .given(vec![started(), rotated(2, 60), repeated(2, 61), rotated(3, 62)])
            .when(rotate(2, 63).into())
            .then_expect_events(vec![repeated(3, 63)]);
    }

    #[test]
    fn token_that_was_never_issued_is_unknown() {
        for generation in [0, 2, u32::MAX] {
            TestFramework::<Session>::with(())
                .given(vec![started()])
                .when(rotate(generation, 60).into())
                .then_expect_error(SessionError::UnknownToken);
        }
    }

    #[test]
    fn expired_token_is_refused() {
        TestFramework::<Session>::with(())
            .given(vec![started()])
            .when(rotate(1, 7 * DAY).into())
            .then_expect_error(SessionError::Expired);
    }

    #[test]
    fn ended_session_is_not_refreshed() {
        TestFramework::<Session>::with(())
            .given([vec![started(), rotated(2, 1), rotated(3, 2)], reused(1, 3)].concat())
            .when(rotate(3, 4).into())
            .then_expect_error(SessionError::Ended);
    }
}
