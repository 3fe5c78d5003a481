//! A sign-in succeeded: its session takes one of the places that an account has for live ones.

use super::{SignIn, SignInError, SignInEvent, SignedIn};
use crate::{
    aggregate::Decide,
    ids::{SessionId, UserId},
};
use chrono::{DateTime, Utc};

/// Puts a session among those of an account. How many there may be, and which go, is found out before:
/// it stands on the sessions that were there then.
#[derive(Clone, Debug)]
pub struct RecordSignIn {
    pub account: UserId,
    pub session: SessionId,
    /// A fact: the sessions that had places, the oldest first.
    pub among: Vec<SessionId>,
    /// Of these, those that are over, or end in the same append.
    pub left: Vec<SessionId>,
    pub at: DateTime<Utc>,
}

impl Decide<SignIn> for RecordSignIn {
    fn decide(&self, state: &SignIn) -> Result<Vec<SignInEvent>, SignInError> {
        if state.sessions != self.among {
            return Err(SignInError::SessionsChanged);
        }
        let Self { account, session, left, at, .. } = self.clone();
        Ok(vec![SignedIn { account, session, left, signed_in_at: at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn sign_in(n: u128, among: &[u128], left: &[u128]) -> RecordSignIn {
        let sessions = |numbers: &[u128]| numbers.iter().map(|n| session(*n)).collect();
        RecordSignIn {
            account: jane(),
            session: session(n),
            among: sessions(among),
            left: sessions(left),
            at: at(1),
        }
    }

    fn signed_in(n: u128, left: &[u128]) -> SignInEvent {
        let left = left.iter().map(|n| session(*n)).collect();
        SignedIn { account: jane(), session: session(n), left, signed_in_at: at(1) }.into()
    }

    #[test]
    fn session_takes_a_place_and_those_that_left_have_none() {
        TestFramework::<SignIn>::with(())
            .given(vec![signed_in(1, &[]), signed_in(2, &[])])
            .when(sign_in(3, &[1, 2], &[1]).into())
            .then_expect_events(vec![signed_in(3, &[1])]);
        TestFramework::<SignIn>::with(())
            .given(vec![signed_in(1, &[]), signed_in(2, &[]), signed_in(3, &[1])])
            .when(sign_in(4, &[2, 3], &[]).into())
            .then_expect_events(vec![signed_in(4, &[])]);
    }

    #[test]
    fn whoever_counted_other_sessions_counts_again() {
        TestFramework::<SignIn>::with(())
            .given(vec![signed_in(1, &[]), signed_in(2, &[])])
            .when(sign_in(3, &[1], &[]).into())
            .then_expect_error(SignInError::SessionsChanged);
    }
}
