//! Another code is asked for, for the address whose verification is pending (AUTH-09).

use super::{Accounts, lookup::Identifier};
use crate::{Caller, CommandError, Unit, Warrant};
use domain::{
    challenge::Challenge,
    user::{RequestVerification, User, UserError},
};

impl Accounts {
    /// Sends a new code, at most once in 60 s; the one before no longer counts.
    /// `identifier` is a user id, a username or a verified e-mail address. `Ok` also if it names nobody;
    /// by an address nothing else is told either, since addresses are private.
    ///
    /// # Errors
    /// By user id or username: [`UserError::TooSoon`], [`UserError::AlreadyVerified`].
    pub async fn resend_code(&self, identifier: &str, caller: &Caller) -> Result<(), CommandError> {
        let identifier = Identifier::parse(identifier);
        let Some(id) = self.find(&identifier).await? else { return Ok(()) };
        let user = self.user(id).await?;
        let pending = user.verification.as_ref().map(|pending| pending.address.clone());
        let Some(address) = pending.or(user.email) else { return Ok(()) };
        let at = self.executor.now();
        let challenge = self.new_challenge(at);
        let unit = Unit::new()
            .warranted(Warrant::Request)
            .on::<User>(id, RequestVerification { address: None, challenge, at })
            .begin::<Challenge>(challenge, self.verification(id, address, at));
        match self.executor.run_all(unit, caller).await {
            Err(error) if identifier.is_private() && error.reason::<UserError>().is_some() => Ok(()),
            done => done.map(drop),
        }
    }
}
