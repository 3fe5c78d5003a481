//! A signed-in person changes the e-mail address: the password first, then a code to the new one (AUTH-05). The former
//! address is told at once, by a link that stops it.

use super::{AccountError, Accounts, signed_in, step_up::Proven};
use crate::{Caller, CommandError, Done, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    Personal, Subject,
    challenge::Challenge,
    user::{CancelEmailChange, EmailChangeCause, RequestEmailChange, StopEmailChange, User, UserError},
    values::Email,
};
use secrecy::{ExposeSecret, SecretString};

impl Accounts {
    /// Sends a code to the new address, at most once in 60 s; the former one counts until the code is used, within a
    /// session of the person. The present address takes back the change that is pending, if one is.
    ///
    /// An address that another account has verified gets the same answer, see [`Self::register`].
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`], recorded as a failed sign-in; [`UserError::NoPassword`];
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
        let proven = self.prove_by_password(current_password, caller).await?;
        let at = self.executor.now();
        let present = user.verified_email.as_ref().and_then(|address| address.known().cloned());
        match present {
            Some(present) if present == new.as_str() && user.pending_change().is_none() => {
                self.executor.unchanged(id).await
            }
            Some(present)
                if present.eq_ignore_ascii_case(new.as_str()) && user.pending_change().is_some() =>
            {
                let cancel = CancelEmailChange { cause: EmailChangeCause::Requested, at };
                self.executor.run_one(proven.stands(Unit::new().on::<User>(id, cancel), at), caller).await
            }
            _ => {
                let allowed = self.throttle().code_mail_to(new.as_str()).await;
                self.refusal_on_record("change_email", allowed, caller).await?;
                self.executor.run_one(self.asking_for_change(new, proven, at), caller).await
            }
        }
    }

    fn asking_for_change(&self, new: &Email, proven: Proven, at: DateTime<Utc>) -> Unit {
        let (user, challenge) = (proven.user, self.new_challenge(at));
        let address = Personal::new(Subject::of(user), new.as_str().to_owned());
        let unit = Unit::new()
            .warranted(Warrant::Password)
            .on::<User>(user, RequestEmailChange { address: new.clone(), challenge, at })
            .begin::<Challenge>(challenge, self.verification(user, address, at));
        proven.stands(unit, at)
    }

    /// Stops a change of address by the token that was mailed to the former one: whoever reads that mail says that it
    /// is not theirs, so that every session ends and API keys sleep. The same token again changes nothing.
    ///
    /// # Errors
    /// [`AccountError::StopTokenInvalid`]; [`UserError::NoEmailChange`] once the change is done, or over.
    pub async fn stop_email_change(
        &self,
        token: &SecretString,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        let invalid = || CommandError::rejected(AccountError::StopTokenInvalid);
        let change = self.codes.stopped_change(token.expose_secret()).ok_or_else(invalid)?;
        // To whom a challenge was issued never changes.
        let challenge = self.executor.store().load::<Challenge>(change).await?.state;
        if challenge.issued_at.is_none() {
            return Err(invalid());
        }
        let user = challenge.user;
        let stop = StopEmailChange { change, at: self.executor.now() };
        let unit = Unit::new().warranted(Warrant::Challenge).by(user, None).on::<User>(user, stop);
        self.executor.run_one(unit, caller).await.map_err(|error| match error.reason() {
            Some(UserError::NotRegistered) => invalid(),
            _ => error,
        })
    }
}
