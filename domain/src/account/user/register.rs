//! An account comes into being.

use super::{ContactKind, ContactVerified, User, UserError, UserEvent, UserRegistered};
use crate::{
    aggregate::Decide,
    ids::{SecretId, Subject, UserId},
    personal::Personal,
    values::{Email, Role, Username},
};
use chrono::{DateTime, Utc};

/// Registers an account: the username is claimed, the address is not until it is verified (AUTH-01).
#[derive(Clone, Debug)]
pub struct RegisterUser {
    /// The stream's id, and the subject of its personal data.
    pub user: UserId,
    pub username: Username,
    pub email: Email,
    /// None for accounts without a password.
    pub password: Option<SecretId>,
    pub role: Role,
    pub at: DateTime<Utc>,
}

impl Decide<User> for RegisterUser {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        if user.registered_at.is_some() {
            return Err(UserError::AlreadyRegistered);
        }
        let subject = Subject::of(self.user);
        let event = UserRegistered {
            username: Personal::new(subject, self.username.as_str().to_owned()),
            email: Personal::new(subject, self.email.as_str().to_owned()),
            password: self.password,
            role: self.role,
            registered_at: self.at,
        };
        Ok(vec![event.into()])
    }
}

/// An operator vouches for the registered address: it counts as verified without a code.
#[derive(Clone, Debug)]
pub struct VouchForContact {
    pub at: DateTime<Utc>,
}

impl Decide<User> for VouchForContact {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        let address = user.email.clone().ok_or(UserError::NotRegistered)?;
        if user.verified_email.is_some() {
            return Ok(Vec::new());
        }
        let event =
            ContactVerified { contact: ContactKind::Email, address, challenge: None, verified_at: self.at };
        Ok(vec![event.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    fn register() -> RegisterUser {
        RegisterUser {
            user: jane(),
            username: username("Jane"),
            email: email("Jane@example.com"),
            password: Some(secret(1)),
            role: Role::Normal,
            at: at(0),
        }
    }

    #[test]
    fn registers_a_new_account() {
        TestFramework::<User>::with(())
            .given_no_previous_events()
            .when(register().into())
            .then_expect_events(vec![registered()]);
    }

    #[test]
    fn refuses_a_second_registration() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(register().into())
            .then_expect_error(UserError::AlreadyRegistered);
    }

    #[test]
    fn vouching_verifies_the_registered_address() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(VouchForContact { at: at(3) }.into())
            .then_expect_events(vec![
                ContactVerified {
                    contact: ContactKind::Email,
                    address: janes("Jane@example.com"),
                    challenge: None,
                    verified_at: at(3),
                }
                .into(),
            ]);
    }

    #[test]
    fn vouching_for_a_verified_address_changes_nothing() {
        TestFramework::<User>::with(())
            .given(vec![registered(), verified("Jane@example.com", challenge(1), 2)])
            .when(VouchForContact { at: at(3) }.into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn nobody_vouches_for_an_account_that_is_not_there() {
        TestFramework::<User>::with(())
            .given_no_previous_events()
            .when(VouchForContact { at: at(3) }.into())
            .then_expect_error(UserError::NotRegistered);
    }
}
