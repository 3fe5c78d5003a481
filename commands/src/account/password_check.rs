//! The check of a password, which logins and every step-up share.

use super::{AccountError, Accounts};
use crate::{Caller, CommandError, passwords::Verdict};
use domain::{SecretId, UserId, sign_in::FailureCause, user::User};
use secrecy::SecretString;

/// A password that was right.
pub(super) struct Checked {
    /// Against this secret.
    pub secret: SecretId,
    pub verdict: Verdict,
}

impl Accounts {
    /// The password of somebody who is signed in, asked for again.
    pub(super) async fn check_own_password(
        &self,
        id: UserId,
        user: &User,
        password: SecretString,
        caller: &Caller,
    ) -> Result<SecretId, CommandError> {
        let account = id.to_string();
        let flight = self.throttle().password_check(&account).await;
        let _flight = self.refusal_on_record("password_check", flight, caller).await?;
        let checked = self.check_password(id, user, password, caller).await?;
        let checked = checked.ok_or_else(|| CommandError::rejected(AccountError::WrongPassword))?;
        self.throttle().password_was_right(&account).await?;
        Ok(checked.secret)
    }

    /// None if it is wrong, which is recorded. An account without a password takes as long and is wrong.
    pub(super) async fn check_password(
        &self,
        id: UserId,
        user: &User,
        password: SecretString,
        caller: &Caller,
    ) -> Result<Option<Checked>, CommandError> {
        let checked = self.compared(user, password).await?;
        if checked.is_none() {
            self.record_failure(Some(id), FailureCause::WrongPassword, caller).await?;
        }
        Ok(checked)
    }

    /// None if it is wrong, which is for the caller to record.
    pub(super) async fn compared(
        &self,
        user: &User,
        password: SecretString,
    ) -> Result<Option<Checked>, CommandError> {
        let stored = match user.password {
            Some(secret) => self.executor.store().secret(secret).await?,
            None => None,
        };
        let verdict = self.passwords.verify(password, stored).await?;
        Ok(user.password.filter(|_| verdict.is_right()).map(|secret| Checked { secret, verdict }))
    }
}
