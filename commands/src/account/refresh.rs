//! A session goes on: its refresh token is exchanged for its successor (C-08), or its cookie prolongs it (ADR 18).

use super::{AccountError, Accounts, SessionTokens, signed_in};
use crate::{Caller, CommandError, Refusal, Unit, Warrant};
use domain::{
    session::{MarkSessionVerified, ProlongSession, RotateRefresh, Session, SessionError, SessionEvent},
    user::User,
};
use secrecy::{ExposeSecret, SecretString};

impl Accounts {
    /// Rotates a refresh token. The same reply is given again to whoever asks within 30 s, as long as the successor is
    /// unused; any other spent token ends the session. A session whose account was verified elsewhere becomes
    /// verified on the way, and another device than
    /// those it was seen on is put down, whatever comes of the token (SESS-09).
    ///
    /// # Errors
    /// [`AccountError::RefreshTokenInvalid`], [`AccountError::RefreshTokenReused`],
    /// [`AccountError::SessionEnded`]; [`SessionError::Expired`].
    pub async fn refresh(
        &self,
        token: &SecretString,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        let invalid = || CommandError::rejected(AccountError::RefreshTokenInvalid);
        // Checked by its MAC before any load: a made-up token costs no query.
        let (id, generation) = self.codes.refresh_claims(token.expose_secret()).ok_or_else(invalid)?;
        let session = self.executor.store().load::<Session>(id).await?.state;
        if !session.is_started() {
            return Err(invalid());
        }
        let user = self.user(session.user).await?;
        let at = self.executor.now();
        let rotate = RotateRefresh { generation, at, refresh_lifetime: self.settings.refresh_lifetime };
        let epoch = session.epoch;
        let mut unit = Unit::new()
            .warranted(Warrant::RefreshToken)
            .by(session.user, Some(id))
            // First in the unit: the device is recorded even if the rotation finds a reused token.
            .on::<Session>(id, self.notice(session.user, at, caller))
            .on::<Session>(id, rotate)
            // Raised epochs are on the account's stream: a refresh that races "end all sessions" loses in the
            // append.
            .reads::<User>(session.user, move |user| live(user.session_is_live(epoch, id)));
        if user.is_verified() && !session.verified {
            unit = unit.on::<Session>(id, MarkSessionVerified { user: session.user, at });
        }
        let done = self.executor.run_one::<Session>(unit, caller).await.map_err(told)?;
        // Reuse is an event that ends the session, not an error of the domain: it must be stored before it is
        // refused.
        if done.events.iter().any(|event| matches!(event, SessionEvent::RefreshReused(_))) {
            return Err(CommandError::rejected(AccountError::RefreshTokenReused));
        }
        Ok(self.tokens(id, &done.state, &user, done.receipt))
    }

    /// Prolongs the acting session, which proved itself by its cookie. What it hands out has no refresh token.
    ///
    /// # Errors
    /// [`AccountError::SessionEnded`]; [`SessionError::Expired`]; [`CommandError::Forbidden`] for anybody who is not
    /// signed in.
    pub async fn prolong(&self, caller: &Caller) -> Result<SessionTokens, CommandError> {
        let (owner, id) = signed_in(caller)?;
        let user = self.user(owner).await?;
        let epoch = self.executor.store().load::<Session>(id).await?.state.epoch;
        let at = self.executor.now();
        let prolong = ProlongSession { at, refresh_lifetime: self.settings.refresh_lifetime };
        let unit = Unit::new()
            .warranted(Warrant::Record)
            .on::<Session>(id, self.notice(owner, at, caller))
            .on::<Session>(id, prolong)
            .reads::<User>(owner, move |user| live(user.session_is_live(epoch, id)));
        let done = self.executor.run_one::<Session>(unit, caller).await.map_err(told)?;
        let tokens = self.tokens(id, &done.state, &user, done.receipt);
        Ok(SessionTokens { verified: user.is_verified(), refresh_token: None, ..tokens })
    }
}

fn live(live: bool) -> Result<(), Refusal> {
    live.then_some(()).ok_or_else(|| Refusal::new(AccountError::SessionEnded))
}

fn told(error: CommandError) -> CommandError {
    match error.reason() {
        Some(SessionError::Ended) => CommandError::rejected(AccountError::SessionEnded),
        Some(SessionError::UnknownToken) => CommandError::rejected(AccountError::RefreshTokenInvalid),
        _ => error,
    }
}
