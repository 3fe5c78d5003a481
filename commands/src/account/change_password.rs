//! A signed-in person changes the password; all sessions end with it, and the acting one goes on as a new one (AUTH-07).
//!
//! A copy of the acting session's tokens is worth nothing then, neither the refresh token nor an access token (ASVS 7.2.4).

use super::{
    Accounts, SessionTokens,
    races::{Races, changed_meanwhile},
    signed_in,
};
use crate::{
    Caller, CommandError, Receipt, Refusal, Unit, Warrant, account::AccountError, passwords::check_policy,
};
use chrono::{DateTime, Utc};
use domain::{
    Personal, SecretId, Subject, UserId,
    session::{LoginMethod, Session, StartSession},
    user::{ChangePassword, InvalidateSessions, InvalidationCause, PasswordCause, User, UserError},
};
use secrecy::{ExposeSecret, SecretString};

/// What came of a change.
#[derive(Debug)]
pub struct ChangedPassword {
    /// Of the user's stream.
    pub receipt: Receipt,
    /// The session in place of the acting one; none to a replay, for tokens are shown once.
    pub session: Option<SessionTokens>,
}

/// A change whose present password was right.
struct Change {
    user: UserId,
    checked: SecretId,
    hash: Vec<u8>,
}

impl Accounts {
    /// Changes the password. A wrong present one is recorded as a failed sign-in.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`]; [`UserError::NoPassword`] (C-05);
    /// [`PasswordError`](crate::passwords::PasswordError); [`CommandError::Forbidden`] if not signed in.
    pub async fn change_password(
        &self,
        current: SecretString,
        new: SecretString,
        caller: &Caller,
    ) -> Result<ChangedPassword, CommandError> {
        let (id, _) = signed_in(caller)?;
        if let Some(outcome) = self.executor.replayed(caller).await? {
            let receipt = self.executor.recall::<User>(&outcome).await?.receipt;
            return Ok(ChangedPassword { receipt, session: None });
        }
        let user = self.user(id).await?;
        if user.password.is_none() {
            return Err(CommandError::rejected(UserError::NoPassword));
        }
        self.check_own(&user, &new)?;
        let checked = self.check_own_password(id, &user, current, caller).await?;
        let change = Change { user: id, checked, hash: self.passwords.hash(new).await? };
        let _turn = self.turn_of(id).await?;
        let mut races = Races::default();
        loop {
            match self.change(&change, caller).await {
                Err(error) if may_be_tried_again(&error) => self.lost(&mut races).await?,
                settled => return settled,
            }
        }
    }

    async fn change(&self, change: &Change, caller: &Caller) -> Result<ChangedPassword, CommandError> {
        let (_, acting) = signed_in(caller)?;
        let id = change.user;
        let user = self.user(id).await?;
        let acted = self.executor.store().load_fresh::<Session>(acting).await?.state;
        let at = self.executor.now();
        if !user.session_is_live(acted.epoch, acting) {
            return Err(CommandError::rejected(AccountError::SessionEnded));
        }
        let (new, session, epoch) = (self.new_secret(at), self.new_session(at), user.epoch);
        let start = StartSession {
            epoch: epoch.saturating_add(1),
            ..self.start_session(id, &user, LoginMethod::Password, at, caller)
        };
        let command = ChangePassword { checked: change.checked, new, cause: PasswordCause::Changed, at };
        let (kept, cause) = (None, InvalidationCause::PasswordChanged);
        let unit = Unit::new()
            .warranted(Warrant::Password)
            .on::<User>(id, command)
            .on::<User>(id, InvalidateSessions { kept, cause, at })
            .secret(new, Subject::of(id), change.hash.clone())
            .reads::<User>(id, move |now| of_epoch(now, epoch))
            // Whoever was signed out while the password was checked changes nothing any more.
            .reads::<Session>(acting, move |now| lives(now, at))
            .begin::<Session>(session, start);
        let unit = self.seated_alone(unit, (id, session), at).await?;
        let mut outcome = self.executor.run_all(unit, caller).await?;
        let receipt = outcome.receipt::<User>().cloned();
        let receipt = receipt.ok_or_else(|| CommandError::internal("a change without its account"))?;
        let begun = outcome.take::<Session>();
        let session = begun.map(|done| self.tokens(session, &done.state, &user, done.receipt));
        Ok(ChangedPassword { receipt, session })
    }
}

impl Accounts {
    /// The policy, with the account's own names.
    pub(super) fn check_own(&self, user: &User, password: &SecretString) -> Result<(), CommandError> {
        let known = |value: &Option<Personal<String>>| value.as_ref().and_then(Personal::known).cloned();
        let (username, email) = (known(&user.username), known(&user.email));
        let context = &self.settings.context_words;
        check_policy(password.expose_secret(), username.as_deref(), email.as_deref(), context)
            .map_err(CommandError::rejected)
    }
}

/// The new session begins under the epoch that follows this one.
fn of_epoch(now: &User, epoch: u32) -> Result<(), Refusal> {
    if now.epoch == epoch { Ok(()) } else { Err(Refusal::new(AccountError::ChangedMeanwhile)) }
}

fn lives(acting: &Session, at: DateTime<Utc>) -> Result<(), Refusal> {
    if acting.is_live(at) { Ok(()) } else { Err(Refusal::new(AccountError::SessionEnded)) }
}

/// The password that was checked is no longer the account's: that is for the person to know.
fn may_be_tried_again(error: &CommandError) -> bool {
    changed_meanwhile(error) && !matches!(error.reason(), Some(UserError::PasswordSuperseded))
}
