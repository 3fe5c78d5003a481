//! A password login, and the check of a password that every step-up shares.

use super::{AccountError, Accounts, SessionTokens, lookup::Identifier};
use crate::{Caller, CommandError, Refusal, Unit, Warrant, passwords::Verdict};
use chrono::{DateTime, Utc};
use domain::{
    SecretId, SignInId, Subject, UserId,
    session::{LoginMethod, Session},
    sign_in::{FailureCause, RecordFailure, RecordRefusal, RefusalCause, SignIn, SignInCommand},
    user::{CancelDeletion, ChangePassword, PasswordCause, User},
};
use secrecy::SecretString;

/// Whether who logs in takes back the deletion of the account.
#[derive(Clone, Copy)]
enum Stay {
    Yes,
    No,
}

/// A password that was right.
pub(super) struct Checked {
    /// Against this secret.
    pub secret: SecretId,
    pub verdict: Verdict,
}

impl Accounts {
    /// Signs in by username or verified e-mail address (C-06) and starts a session.
    ///
    /// Every failure, and every refusal of a right password, is recorded on a `sign_in` stream, never on the account's own. A hash by an older scheme is
    /// replaced on the way (AUTH-08).
    ///
    /// # Errors
    /// [`AccountError::WrongCredentials`]; if the password was right [`AccountError::Suspended`] (USR-07),
    /// [`AccountError::ContactUnverified`], [`AccountError::DeletionRequested`];
    /// [`CommandError::Throttled`] after too many failures (RL-01); [`CommandError::Busy`] if too many log in at once.
    pub async fn login(
        &self,
        identifier: &str,
        password: SecretString,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        self.throttled_login(identifier, password, Stay::No, caller).await
    }

    /// As [`Self::login`], and takes back the deletion of the account if it was asked for (C-39).
    ///
    /// # Errors
    /// As [`Self::login`].
    pub async fn login_and_stay(
        &self,
        identifier: &str,
        password: SecretString,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        self.throttled_login(identifier, password, Stay::Yes, caller).await
    }

    async fn throttled_login(
        &self,
        identifier: &str,
        password: SecretString,
        stay: Stay,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        let permit = self.throttle().login(&identifier.trim().to_lowercase(), caller).await?;
        let tokens = self.checked_login(identifier, password, stay, caller).await;
        let failed = tokens.as_ref().err();
        let guessed = |error: &CommandError| error.reason() == Some(&AccountError::WrongCredentials);
        if let Some(permit) = permit.filter(|_| !failed.is_some_and(guessed)) {
            self.throttle().was_no_guess(&permit, failed.is_none()).await?;
        }
        tokens
    }

    async fn checked_login(
        &self,
        identifier: &str,
        password: SecretString,
        stay: Stay,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        let Some((id, user)) = self.account(identifier).await? else {
            self.passwords.verify(password, None).await?;
            self.record_failure(None, FailureCause::UnknownAccount, caller).await?;
            return Err(CommandError::rejected(AccountError::WrongCredentials));
        };
        let Some(checked) = self.check_password(id, &user, password.clone(), caller).await? else {
            return Err(CommandError::rejected(AccountError::WrongCredentials));
        };
        if let Some(suspension) = user.suspended(self.executor.now()) {
            self.record_refusal(id, RefusalCause::Suspended, caller).await?;
            return Err(CommandError::rejected(AccountError::Suspended(suspension.until)));
        }
        if !user.is_verified() {
            self.record_failure(Some(id), FailureCause::Unverified, caller).await?;
            return Err(CommandError::rejected(AccountError::ContactUnverified { user: id }));
        }
        if let (Some(pending), Stay::No) = (user.deletion, stay) {
            self.record_refusal(id, RefusalCause::DeletionRequested, caller).await?;
            let erase_after = pending.erase_after;
            return Err(CommandError::rejected(AccountError::DeletionRequested { erase_after }));
        }
        self.begin_session(id, user, checked, password, caller).await
    }

    async fn account(&self, identifier: &str) -> Result<Option<(UserId, User)>, CommandError> {
        let identifier = Identifier::parse(identifier);
        if matches!(identifier, Identifier::User(_)) {
            return Ok(None);
        }
        let Some(id) = self.find(&identifier).await? else { return Ok(None) };
        let user = self.user(id).await?;
        Ok(user.is_registered().then_some((id, user)))
    }

    /// The password of somebody who is signed in, asked for again.
    pub(super) async fn check_own_password(
        &self,
        id: UserId,
        user: &User,
        password: SecretString,
        caller: &Caller,
    ) -> Result<SecretId, CommandError> {
        let account = id.to_string();
        self.throttle().password_check(&account).await?;
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
        let stored = match user.password {
            Some(secret) => self.executor.store().secret(secret).await?,
            None => None,
        };
        let verdict = self.passwords.verify(password, stored).await?;
        match user.password.filter(|_| verdict.is_right()) {
            Some(secret) => Ok(Some(Checked { secret, verdict })),
            None => {
                self.record_failure(Some(id), FailureCause::WrongPassword, caller).await?;
                Ok(None)
            }
        }
    }

    async fn record_failure(
        &self,
        account: Option<UserId>,
        cause: FailureCause,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let at = self.executor.now();
        let day = at.date_naive();
        let stream = account.map_or_else(
            || SignInId::of_client(&caller.client_prefix(), day),
            |user| SignInId::of_account(user, day),
        );
        self.record_sign_in(stream, RecordFailure { account, cause, at }, caller).await
    }

    async fn record_refusal(
        &self,
        account: UserId,
        cause: RefusalCause,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let at = self.executor.now();
        let stream = SignInId::of_account(account, at.date_naive());
        self.record_sign_in(stream, RecordRefusal { account, cause, at }, caller).await
    }

    /// Beside what the request itself does: its idempotency key is not for this.
    async fn record_sign_in(
        &self,
        stream: SignInId,
        record: impl Into<SignInCommand>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let unit = Unit::new().warranted(Warrant::Request).on::<SignIn>(stream, record);
        self.executor.run_all(unit, &caller.unkeyed()).await.map(drop)
    }

    async fn begin_session(
        &self,
        id: UserId,
        user: User,
        checked: Checked,
        password: SecretString,
        caller: &Caller,
    ) -> Result<SessionTokens, CommandError> {
        let at = self.executor.now();
        let session = self.new_session(at);
        let start = self.start_session(id, &user, LoginMethod::Password, at, caller);
        let epoch = user.epoch;
        let mut unit = Unit::new()
            .warranted(Warrant::Password)
            .by(id, Some(session))
            .begin::<Session>(session, start)
            .reads::<User>(id, move |now| unchanged(now, epoch, checked.secret));
        if user.deletion.is_some() {
            unit = unit.on::<User>(id, CancelDeletion { at });
        }
        if checked.verdict == Verdict::RightButWeak {
            unit = self.rehash(unit, id, checked.secret, password, at).await?;
        }
        let done = self.executor.run_one::<Session>(unit, caller).await.map_err(changed)?;
        Ok(self.tokens(done.receipt.id.into(), &done.state, &user, done.receipt))
    }

    async fn rehash(
        &self,
        unit: Unit,
        id: UserId,
        checked: SecretId,
        password: SecretString,
        at: DateTime<Utc>,
    ) -> Result<Unit, CommandError> {
        let new = self.new_secret(at);
        let hash = self.passwords.hash(password).await?;
        let command = ChangePassword { checked, new, cause: PasswordCause::Rehashed, at };
        Ok(unit.on::<User>(id, command).secret(new, Subject::of(id), hash))
    }
}

/// The password that was checked is still the account's, and no invalidation came between.
fn unchanged(now: &User, epoch: u32, checked: SecretId) -> Result<(), Refusal> {
    if now.epoch == epoch && now.password == Some(checked) {
        Ok(())
    } else {
        Err(Refusal::new(AccountError::ChangedMeanwhile))
    }
}

/// Somebody changed the account during the login: the whole login may be tried again.
fn changed(error: CommandError) -> CommandError {
    match error.reason() {
        Some(AccountError::ChangedMeanwhile) => CommandError::Conflict { version: 0 },
        _ => error,
    }
}
