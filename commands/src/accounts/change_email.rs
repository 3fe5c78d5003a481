//! A signed-in person changes the e-mail address: the password first, then a code to the new one (AUTH-05).

use super::{Accounts, signed_in};
use crate::{Caller, CommandError, Done, Unit, Warrant};
use domain::{
    Personal, Subject,
    challenge::Challenge,
    user::{RequestVerification, User, UserError},
    values::Email,
};
use secrecy::SecretString;

impl Accounts {
    /// Sends a code to the new address, at most once in 60 s; the former one counts until the code is used.
    ///
    /// An address that another account has verified gets the same answer, see [`Self::register`].
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`](super::AccountError::WrongPassword), recorded as a failed sign-in; [`UserError::NoPassword`];
    /// [`UserError::AlreadyVerified`]; [`UserError::TooSoon`]; [`CommandError::Forbidden`] if not signed in.
    pub async fn change_email(
        &self,
        new: &Email,
        current_password: SecretString,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        let (id, _) = signed_in(caller)?;
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let user = self.user(id).await?;
        if user.password.is_none() {
            return Err(CommandError::rejected(UserError::NoPassword));
        }
        self.check_own_password(id, &user, current_password, caller).await?;
        self.throttle().code_mail_to(new.as_str()).await?;
        let at = self.executor.now();
        let challenge = self.new_challenge(at);
        let address = Personal::new(Subject::of(id), new.as_str().to_owned());
        let unit = Unit::new()
            .warranted(Warrant::Password)
            .on::<User>(id, RequestVerification { address: Some(new.clone()), challenge, at })
            .begin::<Challenge>(challenge, self.verification(id, address, at));
        self.executor.run_one(unit, caller).await
    }
}
