//! Possession of an address: asked for by a challenge, proved by its answer.

use super::{
    ContactKind, ContactVerified, User, UserError, UserEvent, VerificationRequested, pending::seconds_left,
};
use crate::{
    aggregate::Decide,
    ids::{ChallengeId, SessionId},
};
use chrono::{DateTime, Utc};

/// Asks for the code of the first verification, at the registered address and at most once in 60 s (AUTH-09). The code
/// before it no longer counts. A change of address has commands of its own.
#[derive(Clone, Debug)]
pub struct RequestVerification {
    /// Issued in the same append.
    pub challenge: ChallengeId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for RequestVerification {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        let address = user.email.clone().ok_or(UserError::NotRegistered)?;
        user.registered()?;
        if user.is_verified() {
            return Err(UserError::AlreadyVerified);
        }
        let seconds = user.asked.verification.map_or(0, |last| seconds_left(last, self.at));
        if seconds > 0 {
            return Err(UserError::TooSoon { seconds });
        }
        let event = VerificationRequested {
            contact: ContactKind::Email,
            address,
            challenge: self.challenge,
            requested_at: self.at,
        };
        Ok(vec![event.into()])
    }
}

/// The challenge was passed: its address is verified, claimed, and replaces the former one.
#[derive(Clone, Debug)]
pub struct VerifyContact {
    pub challenge: ChallengeId,
    /// A fact: the live session of the person that the code was typed into. A change of address needs one.
    pub session: Option<SessionId>,
    pub at: DateTime<Utc>,
}

impl Decide<User> for VerifyContact {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if user.verified_by == Some(self.challenge) {
            return Ok(Vec::new());
        }
        let pending = user.verification.as_ref().filter(|pending| pending.challenge == self.challenge);
        let pending = pending.filter(|_| self.session.is_some() || !user.is_verified());
        let pending = pending.ok_or(UserError::VerificationNotPending)?;
        let event = ContactVerified {
            contact: pending.contact,
            address: pending.address.clone(),
            challenge: Some(self.challenge),
            verified_at: self.at,
        };
        Ok(vec![event.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn ask(second: i64) -> RequestVerification {
        RequestVerification { challenge: challenge(2), at: at(second) }
    }

    fn verify(n: u128, within: Option<u128>) -> VerifyContact {
        VerifyContact { challenge: challenge(n), session: within.map(session), at: at(9) }
    }

    #[test]
    fn first_request_is_for_the_registered_address() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(ask(0).into())
            .then_expect_events(vec![requested("Jane@example.com", challenge(2), 0)]);
    }

    #[test]
    fn refuses_a_request_within_sixty_seconds_and_says_how_long_to_wait() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("Jane@example.com", challenge(1), 0)])
            .when(ask(18).into())
            .then_expect_error(UserError::TooSoon { seconds: 42 });
    }

    #[test]
    fn accepts_the_next_request_after_sixty_seconds() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("Jane@example.com", challenge(1), 0)])
            .when(ask(60).into())
            .then_expect_events(vec![requested("Jane@example.com", challenge(2), 60)]);
    }

    #[test]
    fn clock_that_went_back_does_not_shorten_the_wait() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("Jane@example.com", challenge(1), 0)])
            .when(ask(-500).into())
            .then_expect_error(UserError::TooSoon { seconds: 60 });
    }

    #[test]
    fn codes_are_for_the_first_verification_only() {
        for pending in [vec![], vec![requested("new@example.com", challenge(3), 10)]] {
            TestFramework::<User>::with(())
                .given([vec![registered(), verified("Jane@example.com", challenge(1), 5)], pending].concat())
                .when(ask(100).into())
                .then_expect_error(UserError::AlreadyVerified);
        }
    }

    #[test]
    fn passed_challenge_verifies_the_address_it_was_sent_to() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("Jane@example.com", challenge(1), 0)])
            .when(verify(1, None).into())
            .then_expect_events(vec![verified("Jane@example.com", challenge(1), 9)]);
    }

    #[test]
    fn change_of_address_is_verified_within_a_session_of_its_person_only() {
        let changing = || {
            let before = verified("Jane@example.com", challenge(1), 5);
            vec![registered(), before, requested("new@example.com", challenge(2), 6)]
        };
        TestFramework::<User>::with(())
            .given(changing())
            .when(verify(2, None).into())
            .then_expect_error(UserError::VerificationNotPending);
        TestFramework::<User>::with(())
            .given(changing())
            .when(verify(2, Some(1)).into())
            .then_expect_events(vec![verified("new@example.com", challenge(2), 9)]);
    }

    #[test]
    fn superseded_challenge_verifies_nothing() {
        TestFramework::<User>::with(())
            .given(vec![
                registered(),
                requested("Jane@example.com", challenge(1), 0),
                requested("Jane@example.com", challenge(2), 60),
            ])
            .when(verify(1, Some(1)).into())
            .then_expect_error(UserError::VerificationNotPending);
    }

    #[test]
    fn repeated_verification_changes_nothing() {
        TestFramework::<User>::with(())
            .given(vec![registered(), verified("Jane@example.com", challenge(1), 5)])
            .when(verify(1, None).into())
            .then_expect_events(vec![]);
    }
}
