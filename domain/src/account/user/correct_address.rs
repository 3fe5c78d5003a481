//! A mistyped address of a registration is corrected, as long as nobody has verified it.

use super::{AddressCorrected, ContactKind, User, UserError, UserEvent, pending::is_same};
use crate::{aggregate::Decide, personal::Personal, values::Email};
use chrono::{DateTime, Utc};

/// Replaces the unverified address. A code, a reset token or an invitation that went to the mistyped one is void.
/// It verifies nothing: a code is asked for in the same append.
#[derive(Clone, Debug)]
pub struct CorrectAddress {
    pub address: Email,
    pub at: DateTime<Utc>,
}

impl Decide<User> for CorrectAddress {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if user.is_verified() {
            return Err(UserError::AlreadyVerified);
        }
        let address = Personal::new(user.subject, self.address.as_str().to_owned());
        if user.email.as_ref().is_some_and(|present| is_same(present, &address)) {
            return Ok(Vec::new());
        }
        let event = AddressCorrected { contact: ContactKind::Email, address, corrected_at: self.at };
        Ok(vec![event.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::*,
        user::{
            AcceptInvitation, InviteUser, RequestVerification, UserCommand, UserInvited, UserRegistered,
            VerifyContact,
        },
    };
    use cqrs_es::test::TestFramework;

    fn correct(address: &str) -> UserCommand {
        CorrectAddress { address: email(address), at: at(9) }.into()
    }

    fn corrected(address: &str) -> UserEvent {
        let contact = ContactKind::Email;
        AddressCorrected { contact, address: janes(address), corrected_at: at(9) }.into()
    }

    #[test]
    fn mistyped_address_is_replaced_and_its_code_is_void() {
        let asked = vec![registered(), requested("Jane@example.com", challenge(1), 0)];

        TestFramework::<User>::with(())
            .given(asked.clone())
            .when(correct("jane@example.org"))
            .then_expect_events(vec![corrected("jane@example.org")]);
        TestFramework::<User>::with(())
            .given([asked, vec![corrected("jane@example.org")]].concat())
            .when(VerifyContact { challenge: challenge(1), session: None, at: at(10) }.into())
            .then_expect_error(UserError::VerificationNotPending);
    }

    #[test]
    fn code_for_the_corrected_address_is_sent_at_once() {
        let ask = RequestVerification { challenge: challenge(2), at: at(9) };

        TestFramework::<User>::with(())
            .given(vec![
                registered(),
                requested("Jane@example.com", challenge(1), 0),
                corrected("jane@example.org"),
            ])
            .when(ask.into())
            .then_expect_events(vec![requested("jane@example.org", challenge(2), 9)]);
    }

    #[test]
    fn invitation_that_went_to_the_mistyped_address_is_void() {
        let UserEvent::UserRegistered(e) = registered() else { unreachable!() };
        let given = vec![
            UserRegistered { password: None, ..e }.into(),
            UserInvited { challenge: challenge(1), invited_at: at(0) }.into(),
            corrected("jane@example.org"),
        ];

        TestFramework::<User>::with(())
            .given(given.clone())
            .when(AcceptInvitation { challenge: challenge(1), new: secret(2), at: at(10) }.into())
            .then_expect_error(UserError::InvitationNotPending);
        TestFramework::<User>::with(())
            .given(given)
            .when(InviteUser { challenge: challenge(2), at: at(10) }.into())
            .then_expect_events(vec![UserInvited { challenge: challenge(2), invited_at: at(10) }.into()]);
    }

    #[test]
    fn same_address_changes_nothing_and_a_verified_one_is_not_corrected() {
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(correct("JANE@example.com"))
            .then_expect_events(vec![]);
        TestFramework::<User>::with(())
            .given(vec![registered(), verified("Jane@example.com", challenge(1), 5)])
            .when(correct("jane@example.org"))
            .then_expect_error(UserError::AlreadyVerified);
    }
}
