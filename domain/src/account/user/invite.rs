//! Staff make an account whose person sets the first password (USR-02): nobody else ever knows it (ASVS 6.4.6).

use super::{
    ContactKind, ContactVerified, PasswordCause, PasswordChanged, User, UserError, UserEvent, UserInvited,
    pending::seconds_left,
};
use crate::{
    aggregate::Decide,
    ids::{ChallengeId, SecretId},
};
use chrono::{DateTime, Utc};

/// Invites the person of an account without a password; a challenge's token goes to the registered address, at most
/// once in 60 s. The one before no longer counts.
#[derive(Clone, Debug)]
pub struct InviteUser {
    /// Issued in the same append.
    pub challenge: ChallengeId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for InviteUser {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if user.is_invited_by(self.challenge) {
            return Ok(Vec::new());
        }
        if user.password.is_some() {
            return Err(UserError::HasPassword);
        }
        let seconds = user.asked.invitation.map_or(0, |last| seconds_left(last, self.at));
        if seconds > 0 {
            return Err(UserError::TooSoon { seconds });
        }
        Ok(vec![UserInvited { challenge: self.challenge, invited_at: self.at }.into()])
    }
}

/// Sets the first password. Whoever has the token received the mail: the address counts as verified.
#[derive(Clone, Debug)]
pub struct AcceptInvitation {
    /// Passed in the same append.
    pub challenge: ChallengeId,
    /// Its bytes accompany the command.
    pub new: SecretId,
    pub at: DateTime<Utc>,
}

impl Decide<User> for AcceptInvitation {
    fn decide(&self, user: &User) -> Result<Vec<UserEvent>, UserError> {
        user.registered()?;
        if user.password == Some(self.new) {
            return Ok(Vec::new());
        }
        let pending = user.is_invited_by(self.challenge);
        let address = user.email.clone().filter(|_| pending).ok_or(UserError::InvitationNotPending)?;
        let changed =
            PasswordChanged { password: self.new, cause: PasswordCause::Reset, changed_at: self.at };
        let mut events = vec![changed.into()];
        if user.verified_email.is_none() {
            let (contact, challenge) = (ContactKind::Email, Some(self.challenge));
            events.push(ContactVerified { contact, address, challenge, verified_at: self.at }.into());
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fixtures::*, user::UserRegistered};
    use cqrs_es::test::TestFramework;

    fn without_password() -> UserEvent {
        let UserEvent::UserRegistered(event) = registered() else { unreachable!() };
        UserRegistered { password: None, ..event }.into()
    }

    fn invited(n: u128) -> UserEvent {
        UserInvited { challenge: challenge(n), invited_at: at(0) }.into()
    }

    fn accept(n: u128) -> AcceptInvitation {
        AcceptInvitation { challenge: challenge(n), new: secret(2), at: at(9) }
    }

    fn first_password() -> UserEvent {
        PasswordChanged { password: secret(2), cause: PasswordCause::Reset, changed_at: at(9) }.into()
    }

    #[test]
    fn invites_whoever_has_no_password_and_again_after_sixty_seconds() {
        let invite = InviteUser { challenge: challenge(1), at: at(0) };
        TestFramework::<User>::with(())
            .given(vec![without_password()])
            .when(invite.clone().into())
            .then_expect_events(vec![invited(1)]);
        TestFramework::<User>::with(())
            .given(vec![registered()])
            .when(invite.into())
            .then_expect_error(UserError::HasPassword);
        let again = |second| InviteUser { challenge: challenge(2), at: at(second) };
        TestFramework::<User>::with(())
            .given(vec![without_password(), invited(1)])
            .when(again(59).into())
            .then_expect_error(UserError::TooSoon { seconds: 1 });
        let anew = UserInvited { challenge: challenge(2), invited_at: at(60) }.into();
        TestFramework::<User>::with(())
            .given(vec![without_password(), invited(1)])
            .when(again(60).into())
            .then_expect_events(vec![anew]);
    }

    #[test]
    fn accepted_invitation_sets_the_first_password_and_verifies_the_address() {
        TestFramework::<User>::with(())
            .given(vec![without_password(), invited(1)])
            .when(accept(1).into())
            .then_expect_events(vec![first_password(), verified("Jane@example.com", challenge(1), 9)]);
    }

    #[test]
    fn invitation_is_accepted_once_and_only_by_its_own_challenge() {
        let again = AcceptInvitation { new: secret(3), ..accept(1) };
        for (history, command) in [
            (vec![without_password(), invited(2)], accept(1)),
            (vec![without_password(), invited(1), first_password()], again),
            (vec![registered()], accept(1)),
        ] {
            TestFramework::<User>::with(())
                .given(history)
                .when(command.into())
                .then_expect_error(UserError::InvitationNotPending);
        }
    }
}
