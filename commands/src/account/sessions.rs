//! Sessions are ended: one's own, another of one's own, all others.

use super::{Accounts, signed_in};
use crate::{Caller, CommandError, Done, Unit, Warrant};
use domain::{
    SessionId,
    session::{EndCause, EndSession, ExpireSession, Session},
    user::{CancelEmailChange, EmailChangeCause, InvalidateSessions, InvalidationCause, User},
};
use secrecy::{ExposeSecret, SecretString};

impl Accounts {
    /// Ends the acting session (AUTH-03). Ending it again changes nothing.
    ///
    /// # Errors
    /// [`CommandError::Forbidden`] for anybody who is not signed in.
    pub async fn logout(&self, caller: &Caller) -> Result<Done<Session>, CommandError> {
        let (_, session) = signed_in(caller)?;
        let end = EndSession { cause: EndCause::Logout, at: self.executor.now() };
        self.executor.run(session, end, caller).await
    }

    /// Ends the session of a refresh token, whatever its generation: who holds one may end what it belongs to.
    /// None if the token is not ours, which is no error: whoever logs out is logged out.
    ///
    /// # Errors
    /// What [`Executor::run_all`](crate::Executor::run_all) refuses.
    pub async fn logout_by_refresh_token(
        &self,
        token: &SecretString,
        caller: &Caller,
    ) -> Result<Option<Done<Session>>, CommandError> {
        let Some((session, _)) = self.codes.refresh_claims(token.expose_secret()) else { return Ok(None) };
        let end = EndSession { cause: EndCause::Logout, at: self.executor.now() };
        let unit = Unit::new().warranted(Warrant::RefreshToken).on::<Session>(session, end);
        match self.executor.run_one(unit, caller).await {
            Err(CommandError::NotFound) => Ok(None),
            done => done.map(Some),
        }
    }

    /// Ends any session of one's own (SESS-06). Another than the acting one may be somebody else's doing: it asks for the
    /// password, or a login a moment ago, and drops the change of address that is pending.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for a session that is not there or another's; what [`Self::end_other_sessions`] refuses.
    pub async fn end_session(
        &self,
        session: SessionId,
        password: Option<SecretString>,
        caller: &Caller,
    ) -> Result<Done<Session>, CommandError> {
        let at = self.executor.now();
        let mut unit = Unit::new().on::<Session>(session, EndSession { cause: EndCause::Revoked, at });
        let another = caller.user().is_some_and(|(_, acting)| acting != session);
        if another && self.executor.replayed(caller).await?.is_none() {
            let proven = self.prove(password, caller).await?;
            let cancel = CancelEmailChange { cause: EmailChangeCause::SessionEnded, at };
            unit = proven.stands(unit.on::<User>(proven.user, cancel), at);
        }
        match self.executor.run_one(unit, caller).await {
            Err(CommandError::Forbidden) => Err(CommandError::NotFound),
            done => done,
        }
    }

    /// Puts down that a session is past its end, if it is (TSK-07). Only for the program itself.
    ///
    /// # Errors
    /// [`CommandError::NotFound`] for a session that is not there.
    pub async fn expire_session(
        &self,
        session: SessionId,
        caller: &Caller,
    ) -> Result<Done<Session>, CommandError> {
        self.executor.run(session, ExpireSession { at: self.executor.now() }, caller).await
    }

    /// Ends all sessions of one's own but the acting one, at once, and drops everything that is out for the account.
    ///
    /// # Errors
    /// [`AccountError::PasswordNeeded`](super::AccountError), [`AccountError::WrongPassword`](super::AccountError);
    /// [`CommandError::Forbidden`] for anybody who is not signed in.
    pub async fn end_other_sessions(
        &self,
        password: Option<SecretString>,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let (proven, at) = (self.prove(password, caller).await?, self.executor.now());
        let (kept, cause) = (Some(proven.session), InvalidationCause::Requested);
        let unit = Unit::new().on::<User>(proven.user, InvalidateSessions { kept, cause, at });
        self.executor.run_one(proven.stands(unit, at), caller).await
    }
}
