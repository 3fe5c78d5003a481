//! The password changes because its owner says so, or its hash because ours got stronger.

use super::{PasswordCause, PasswordChanged, User, UserError, UserEvent};
use crate::{aggregate::Decide, ids::SecretId};
use chrono::{DateTime, Utc};

/// Replaces the secret that was just checked. Refused if another took its place in the meantime.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// A fact: the present password was checked against this secret.
    pub checked: SecretId,
    /// Its bytes accompany the command.
    pub new: SecretId,
    /// `Changed` or `Rehashed`; a reset has a command of its own.
    pub cause: PasswordCause,
    pub at: DateTime<Utc>,
}

impl Decide<User> for ChangePassword {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if self.cause == PasswordCause::Reset {
            return Err(UserError::ResetWithoutToken);
        }
        match user.password {
            Some(current) if current == self.new => Ok(Vec::new()),
            Some(current) if current == self.checked => {
                let event = PasswordChanged { password: self.new, cause: self.cause, changed_at: self.at };
                Ok(vec![event.into()])
            }
            Some(_) => Err(UserError::PasswordSuperseded),
            None => Err(UserError::NoPassword),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn change(checked: u128, cause: PasswordCause) -> ChangePassword {
        ChangePassword { checked: secret(checked), new: secret(2), cause, at: at(7) }
    }

    fn changed(n: u128, cause: PasswordCause) -> UserEvent {
        PasswordChanged { password: secret(n), cause, changed_at: at(7) }.into()
    }

    #[test]
    fn replaces_the_checked_password() {
        for cause in [PasswordCause::Changed, PasswordCause::Rehashed] {
            TestFramework::<User>::with(())
                .given(vec![registered()])
                .when(change(1, cause).into())
                .then_expect_events(vec![changed(2, cause)]);
        }
    }

    #[test]
    fn late_rehash_does_not_bring_the_old_password_back() {
        TestFramework::<User>::with(())
            .given(vec![registered(), changed(3, PasswordCause::Changed)])
            .when(change(1, PasswordCause::Rehashed).into())
            .then_expect_error(UserError::PasswordSuperseded);
    }

    #[test]
    fn repeated_change_adds_nothing() {
        TestFramework::<User>::with(())
            .given(vec![registered(), changed(2, PasswordCause::Changed)])
            .when(change(1, PasswordCause::Changed).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn refuses_to_pose_as_a_reset() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(change(1, PasswordCause::Reset).into())
            .then_expect_error(UserError::ResetWithoutToken);
    }

    #[test]
    fn account_without_a_password_has_none_to_change() {
        let UserEvent::UserRegistered(mut event) = registered() else { unreachable!() };
        event.password = None;

        TestFramework::<User>::with(())
            .given(vec![event.into()])
            .when(change(1, PasswordCause::Changed).into())
            .then_expect_error(UserError::NoPassword);
    }
}
