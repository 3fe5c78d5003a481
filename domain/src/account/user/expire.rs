//! A registration that nobody verified in time is over, and what it claimed is free again.

use super::{
    DeletionBy, InvalidationCause, SessionsInvalidated, User, UserDeletionRequested, UserErased, UserError,
    UserEvent,
};
use crate::aggregate::Decide;
use chrono::{DateTime, Utc};

/// Erases an account whose registration, or last invitation, is older than `before` and that nobody has verified.
/// Anything else is left as it is, in silence: whoever asks knows it from a read model that may be behind.
#[derive(Clone, Debug)]
pub struct ExpireRegistration {
    pub before: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

impl Decide<User> for ExpireRegistration {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        let begun = user.registered_at.max(user.asked.invitation);
        let is_over = user.is_present() && !user.is_verified() && begun.is_some_and(|at| at < self.before);
        if !is_over {
            return Ok(Vec::new());
        }
        let requested =
            UserDeletionRequested { erase_after: self.at, by: DeletionBy::Expiry, requested_at: self.at };
        let ended = SessionsInvalidated {
            epoch: user.epoch.saturating_add(1),
            kept: None,
            cause: InvalidationCause::DeletionRequested,
            invalidated_at: self.at,
        };
        // At once: between a request and the erasure a code could still be used.
        let erased = UserErased { requested_at: self.at, erased_at: self.at };
        Ok(vec![requested.into(), ended.into(), erased.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aggregate::{ClaimKind, Consequence, EventSourced},
        fixtures::*,
        user::{UserInvited, VerifyContact},
    };
    use cqrs_es::test::TestFramework;

    fn expire(before: i64) -> ExpireRegistration {
        ExpireRegistration { before: at(before), at: at(99) }
    }

    fn expired() -> Vec<UserEvent> {
        let (by, cause) = (DeletionBy::Expiry, InvalidationCause::DeletionRequested);
        vec![
            UserDeletionRequested { erase_after: at(99), by, requested_at: at(99) }.into(),
            SessionsInvalidated { epoch: 1, kept: None, cause, invalidated_at: at(99) }.into(),
            UserErased { requested_at: at(99), erased_at: at(99) }.into(),
        ]
    }

    #[test]
    fn registration_that_nobody_verified_is_erased_when_it_is_old_enough() {
        for (before, events) in [(0, vec![]), (1, expired())] {
            TestFramework::<User>::with(())
                .given(vec![registered(), requested("Jane@example.com", challenge(1), 0)])
                .when(expire(before).into())
                .then_expect_events(events);
        }
    }

    #[test]
    fn verified_leaving_and_expired_accounts_are_left_alone() {
        for given in [
            vec![registered(), verified("Jane@example.com", challenge(1), 5)],
            vec![registered(), deletion(1, 500)],
            [vec![registered()], expired()].concat(),
            vec![],
        ] {
            TestFramework::<User>::with(()).given(given).when(expire(50).into()).then_expect_events(vec![]);
        }
    }

    #[test]
    fn invited_account_lives_as_long_as_its_last_invitation() {
        let invited: UserEvent = UserInvited { challenge: challenge(1), invited_at: at(40) }.into();
        for (before, events) in [(40, vec![]), (41, expired())] {
            TestFramework::<User>::with(())
                .given(vec![registered(), invited.clone()])
                .when(expire(before).into())
                .then_expect_events(events);
        }
    }

    #[test]
    fn code_of_an_expired_registration_verifies_nothing() {
        TestFramework::<User>::with(())
            .given([vec![registered(), requested("Jane@example.com", challenge(1), 0)], expired()].concat())
            .when(VerifyContact { challenge: challenge(1), session: None, at: at(100) }.into())
            .then_expect_error(UserError::NotRegistered);
    }

    #[test]
    fn expired_registration_frees_its_username_and_the_address_that_it_waited_for() {
        let mut user = User::default();
        user.evolve(&registered());
        let [.., erased] = &expired()[..] else { unreachable!() };

        let freed = user.consequences(erased);

        for (kind, value) in [(ClaimKind::Username, "jane"), (ClaimKind::AwaitedEmail, "jane@example.com")] {
            assert!(freed.contains(&Consequence::Release(kind, value.into())), "{freed:?}");
        }
    }
}
