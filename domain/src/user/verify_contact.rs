//! Possession of an address: asked for by a challenge, proved by its answer.

use super::{
    ContactKind, ContactVerified, User, UserError, UserEvent, VerificationRequested, state::seconds_left,
};
use crate::{aggregate::Decide, ids::ChallengeId, personal::Personal, values::Email};
use chrono::{DateTime, Utc};

/// Asks for a code, at most once in 60 s (AUTH-09). The code before it no longer counts.
#[derive(Clone, Debug)]
pub struct RequestVerification {
    /// None: the address whose verification is pending, else the registered one. Some: a change of address.
    pub address: Option<Email>,
    /// Issued in the same append.
    pub challenge: ChallengeId,
    pub at: DateTime<Utc>,
}

impl RequestVerification {
    fn target(&self, user: &User) -> Option<Personal<String>> {
        match (&self.address, &user.verification) {
            (Some(address), _) => Some(Personal::new(user.subject, address.as_str().to_owned())),
            (None, Some(pending)) => Some(pending.address.clone()),
            (None, None) => user.email.clone(),
        }
    }
}

impl Decide<User> for RequestVerification {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        let address = self.target(user).ok_or(UserError::NotRegistered)?;
        user.registered()?;
        if user.verified_email.as_ref().is_some_and(|verified| same_address(verified, &address)) {
            return Err(UserError::AlreadyVerified);
        }
        if let Some(pending) = &user.verification {
            let seconds = seconds_left(pending.requested_at, self.at);
            if seconds > 0 {
                return Err(UserError::TooSoon { seconds });
            }
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

pub(super) fn same_address(one: &Personal<String>, other: &Personal<String>) -> bool {
    match (one.known(), other.known()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

/// The challenge was passed: its address is verified, claimed, and replaces the former one.
#[derive(Clone, Debug)]
pub struct VerifyContact {
    pub challenge: ChallengeId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for VerifyContact {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if user.verified_by == Some(self.challenge) {
            return Ok(Vec::new());
        }
        let pending = user.verification.as_ref().filter(|pending| pending.challenge == self.challenge);
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

    fn ask(address: Option<&str>, second: i64) -> RequestVerification {
        RequestVerification { address: address.map(email), challenge: challenge(2), at: at(second) }
    }

    #[test]
    fn first_request_is_for_the_registered_address() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(ask(None, 0).into())
            .then_expect_events(vec![requested("Jane@example.com", challenge(2), 0)]);
    }

    #[test]
    fn refuses_a_request_within_sixty_seconds_and_says_how_long_to_wait() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("Jane@example.com", challenge(1), 0)])
            .when(ask(None, 18).into())
            .then_expect_error(UserError::TooSoon { seconds: 42 });
    }

    #[test]
    fn accepts_the_next_request_after_sixty_seconds() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("new@example.com", challenge(1), 0)])
            .when(ask(None, 60).into())
            .then_expect_events(vec![requested("new@example.com", challenge(2), 60)]);
    }

    #[test]
    fn clock_that_went_back_does_not_shorten_the_wait() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("Jane@example.com", challenge(1), 0)])
            .when(ask(None, -500).into())
            .then_expect_error(UserError::TooSoon { seconds: 60 });
    }

    #[test]
    fn refuses_a_code_for_the_address_that_is_verified_already() {
        for address in [None, Some("JANE@example.com")] {
            TestFramework::<User>::with(())
                .given(vec![registered(), verified("Jane@example.com", challenge(1), 5)])
                .when(ask(address, 100).into())
                .then_expect_error(UserError::AlreadyVerified);
        }
    }

    #[test]
    fn change_of_address_asks_for_a_code_at_the_new_one() {
        TestFramework::<User>::with(())
            .given(vec![registered(), verified("Jane@example.com", challenge(1), 5)])
            .when(ask(Some("new@example.com"), 10).into())
            .then_expect_events(vec![requested("new@example.com", challenge(2), 10)]);
    }

    #[test]
    fn passed_challenge_verifies_the_address_it_was_sent_to() {
        TestFramework::<User>::with(())
            .given(vec![registered(), requested("new@example.com", challenge(1), 0)])
            .when(VerifyContact { challenge: challenge(1), at: at(9) }.into())
            .then_expect_events(vec![verified("new@example.com", challenge(1), 9)]);
    }

    #[test]
    fn superseded_challenge_verifies_nothing() {
        TestFramework::<User>::with(())
            .given(vec![
                registered(),
                requested("Jane@example.com", challenge(1), 0),
                requested("Jane@example.com", challenge(2), 60),
            ])
            .when(VerifyContact { challenge: challenge(1), at: at(61) }.into())
            .then_expect_error(UserError::VerificationNotPending);
    }

    #[test]
    fn repeated_verification_changes_nothing() {
        TestFramework::<User>::with(())
            .given(vec![registered(), verified("Jane@example.com", challenge(1), 5)])
            .when(VerifyContact { challenge: challenge(1), at: at(9) }.into())
            .then_expect_events(vec![]);
    }
}
