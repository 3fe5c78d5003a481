//! A forgotten password is replaced by whoever receives the account's mail.

use super::{PasswordCause, PasswordChanged, PasswordResetRequested, User, UserError, UserEvent};
use crate::{
    aggregate::Decide,
    ids::{ChallengeId, SecretId},
};
use chrono::{DateTime, Utc};

/// Asks for a reset token. Within 60 s of the last request nothing happens, in silence:
/// the reply must not tell whether the account exists.
#[derive(Clone, Debug)]
pub struct RequestPasswordReset {
    /// Issued in the same append.
    pub challenge: ChallengeId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for RequestPasswordReset {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if !user.reset_may_be_requested(self.at) {
            return Ok(Vec::new());
        }
        let event = PasswordResetRequested { challenge: self.challenge, requested_at: self.at };
        Ok(vec![event.into()])
    }
}

/// Sets a new password by the pending reset, which is thereby used up. It proves nothing else.
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// Passed in the same append.
    pub challenge: ChallengeId,
    /// Its bytes accompany the command.
    pub new: SecretId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for ResetPassword {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if user.password == Some(self.new) {
            return Ok(Vec::new());
        }
        if user.reset.is_none_or(|pending| pending.challenge != self.challenge) {
            return Err(UserError::ResetNotPending);
        }
        let event = PasswordChanged { password: self.new, cause: PasswordCause::Reset, changed_at: self.at };
        Ok(vec![event.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn asked(n: u128, second: i64) -> UserEvent {
        PasswordResetRequested { challenge: challenge(n), requested_at: at(second) }.into()
    }

    fn reset(n: u128) -> ResetPassword {
        ResetPassword { challenge: challenge(n), new: secret(2), at: at(90) }
    }

    fn was_reset() -> UserEvent {
        PasswordChanged { password: secret(2), cause: PasswordCause::Reset, changed_at: at(90) }.into()
    }

    #[test]
    fn request_within_sixty_seconds_is_ignored() {
        TestFramework::<User>::with(())
            .given(vec![registered(), asked(1, 0)])
            .when(RequestPasswordReset { challenge: challenge(2), at: at(59) }.into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn request_after_sixty_seconds_replaces_the_former() {
        TestFramework::<User>::with(())
            .given(vec![registered(), asked(1, 0)])
            .when(RequestPasswordReset { challenge: challenge(2), at: at(60) }.into())
            .then_expect_events(vec![asked(2, 60)]);
    }

    #[test]
    fn pending_reset_sets_the_new_password() {
        TestFramework::<User>::with(())
            .given(vec![registered(), asked(1, 60)])
            .when(reset(1).into())
            .then_expect_events(vec![was_reset()]);
    }

    #[test]
    fn superseded_reset_is_refused() {
        TestFramework::<User>::with(())
            .given(vec![registered(), asked(1, 0), asked(2, 60)])
            .when(reset(1).into())
            .then_expect_error(UserError::ResetNotPending);
    }

    #[test]
    fn used_reset_is_refused() {
        let again = ResetPassword { challenge: challenge(1), new: secret(3), at: at(91) };

        TestFramework::<User>::with(())
            .given(vec![registered(), asked(1, 60), was_reset()])
            .when(again.into())
            .then_expect_error(UserError::ResetNotPending);
    }

    #[test]
    fn repeated_reset_adds_nothing() {
        TestFramework::<User>::with(())
            .given(vec![registered(), asked(1, 60), was_reset()])
            .when(reset(1).into())
            .then_expect_events(vec![]);
    }
}
