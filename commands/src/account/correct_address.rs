//! The mistyped address of a registration is corrected: by whoever made it, or by staff. The new one needs its
//! verification all the same.

use super::{AccountError, Accounts, prove::Proven, staff::on_person};
use crate::{Caller, CommandError, Done, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    Personal, Subject, UserId,
    challenge::AnswerBy,
    user::{ActingStaff, CorrectAddress, User, UserError},
    values::Email,
};
use secrecy::SecretString;

/// How whoever corrects an address proves to be who made the registration, without a session.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Username, or the address as it was typed.
    pub identifier: String,
    pub password: SecretString,
}

/// An address that was corrected and waits for its code.
#[derive(Debug)]
pub struct Corrected {
    pub done: Done<User>,
    /// As that of the registration.
    pub token: SecretString,
}

impl Accounts {
    /// Replaces the address of a registration that nobody has verified, and sends a code to the new one. What was sent to
    /// the former one is void. By a session of the account, or by name and password.
    ///
    /// # Errors
    /// [`UserError::AlreadyVerified`]; [`AccountError::WrongCredentials`]; [`CommandError::Throttled`] as for a login and
    /// a registration; [`CommandError::Forbidden`] without session and proof.
    pub async fn correct_address(
        &self,
        new: &Email,
        proof: Option<Proof>,
        caller: &Caller,
    ) -> Result<Corrected, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            let done = self.executor.recall::<User>(&outcome).await?;
            return Ok(self.corrected(done));
        }
        let user = match (proof, caller.user()) {
            (Some(proof), _) => self.proven_to_correct(proof, caller).await?,
            (None, Some((user, _))) => user,
            (None, None) => return Err(CommandError::Forbidden),
        };
        if self.user(user).await?.is_verified() {
            return Err(CommandError::rejected(UserError::AlreadyVerified));
        }
        // As a registration, it sends a mail to any address.
        let allowed = self.throttle().registration(caller).await;
        self.refusal_on_record("correct_address", allowed, caller).await?;
        let session = caller.user().filter(|(signed, _)| *signed == user).map(|(_, session)| session);
        let unit = self.correcting(Unit::new(), user, new, self.executor.now()).await?;
        let done = self.executor.run_one(unit.warranted(Warrant::Password).by(user, session), caller).await?;
        Ok(self.corrected(done))
    }

    fn corrected(&self, done: Done<User>) -> Corrected {
        let token = self.codes.asker_token(done.receipt.id).into();
        Corrected { done, token }
    }

    async fn proven_to_correct(&self, proof: Proof, caller: &Caller) -> Result<UserId, CommandError> {
        let Proof { identifier, password } = proof;
        let permit = self.throttle().login(&identifier.trim().to_lowercase(), caller).await;
        let permit = self.refusal_on_record("correct_address", permit, caller).await?;
        let proven = self.proven(&identifier, &password, caller).await?;
        let Some(Proven { id, .. }) = proven else {
            return Err(CommandError::rejected(AccountError::WrongCredentials));
        };
        if let Some(permit) = permit {
            self.throttle().was_no_guess(&permit, false).await?;
        }
        Ok(id)
    }

    /// Staff correct it for somebody; the account must be within their reach. An invitation goes out anew.
    pub(super) async fn correcting_as_staff(
        &self,
        unit: Unit,
        user: UserId,
        new: &Email,
        by: ActingStaff,
        at: DateTime<Utc>,
    ) -> Result<Unit, CommandError> {
        let unit = self.correcting(unit, user, new, at).await?;
        on_person(&self.executor, unit, user, (by, at)).await
    }

    async fn correcting(
        &self,
        unit: Unit,
        id: UserId,
        new: &Email,
        at: DateTime<Utc>,
    ) -> Result<Unit, CommandError> {
        let user = self.user(id).await?;
        let unit = unit.on::<User>(id, CorrectAddress { address: new.clone(), at });
        let known = user.email.as_ref().and_then(|address| address.known());
        // The address stays: whoever wants another code asks for it.
        if known.is_some_and(|known| known.eq_ignore_ascii_case(new.as_str())) || user.is_verified() {
            return Ok(unit);
        }
        if user.password.is_none() && user.invitation.is_some() {
            let address = Personal::new(Subject::of(id), new.as_str().to_owned());
            return Ok(self.inviting(unit, id, address, at));
        }
        if !self.throttle().code_mail(new.as_str(), AnswerBy::Registrant).await? {
            return Ok(unit);
        }
        Ok(self.asking_for_code(unit, id, new, at))
    }
}
