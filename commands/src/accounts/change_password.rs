//! A signed-in person changes the password; all other sessions end with it (AUTH-07).

use super::{Accounts, signed_in};
use crate::{Caller, CommandError, Done, Unit, Warrant, passwords::check_policy};
use domain::{
    Personal, Subject,
    user::{ChangePassword, InvalidateSessions, InvalidationCause, PasswordCause, User, UserError},
};
use secrecy::{ExposeSecret, SecretString};

impl Accounts {
    /// Changes the password. A wrong present one is recorded as a failed sign-in.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`](super::AccountError::WrongPassword); [`UserError::NoPassword`] (C-05);
    /// [`PasswordError`](crate::passwords::PasswordError); [`CommandError::Forbidden`] if not signed in.
    pub async fn change_password(
        &self,
        current: SecretString,
        new: SecretString,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        let (id, session) = signed_in(caller)?;
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let user = self.user(id).await?;
        if user.password.is_none() {
            return Err(CommandError::rejected(UserError::NoPassword));
        }
        check_own(&user, &new)?;
        let checked = self.check_own_password(id, &user, current, caller).await?;
        let hash = self.passwords.hash(new).await?;
        let at = self.executor.now();
        let new = self.new_secret(at);
        let change = ChangePassword { checked, new, cause: PasswordCause::Changed, at };
        let (kept, cause) = (Some(session), InvalidationCause::PasswordChanged);
        let unit = Unit::new()
            .warranted(Warrant::Password)
            .on::<User>(id, change)
            .on::<User>(id, InvalidateSessions { kept, cause, at })
            .secret(new, Subject::of(id), hash);
        self.executor.run_one(unit, caller).await
    }
}

/// The policy, with the account's own names.
pub(super) fn check_own(user: &User, password: &SecretString) -> Result<(), CommandError> {
    let known = |value: &Option<Personal<String>>| value.as_ref().and_then(Personal::known).cloned();
    let (username, email) = (known(&user.username), known(&user.email));
    check_policy(password.expose_secret(), username.as_deref(), email.as_deref())
        .map_err(CommandError::rejected)
}
