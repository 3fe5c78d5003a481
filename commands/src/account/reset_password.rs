//! A forgotten password is replaced by a token that was mailed (AUTH-06).

use super::{AccountError, Accounts, lookup::Identifier, step_up::still_at};
use crate::{Caller, CommandError, Done, Refusal, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, Decide, Personal, Subject, UserId,
    challenge::{AnswerBy, AnswerChallenge, Challenge, ChallengeError, ChallengePurpose, IssueChallenge},
    user::{
        AcceptInvitation, ContactKind, InvalidateSessions, InvalidationCause, RequestPasswordReset,
        ResetPassword, User, UserError,
    },
};
use secrecy::{ExposeSecret, SecretString};

impl Accounts {
    /// Mails a reset token to the account's address: the verified one, or the registered one as long as none is. While a
    /// token is out no other is mailed, so that strangers who ask take nothing from its owner. `Ok` whether or not there
    /// is such an account, and at the same time (OWASP Forgot Password Cheat Sheet: consistent message and time).
    ///
    /// # Errors
    /// Only what says nothing about the account: [`CommandError::Throttled`] (RL-03), [`CommandError::Unavailable`].
    pub async fn request_reset(&self, identifier: &str, caller: &Caller) -> Result<(), CommandError> {
        let allowed = self.throttle().reset(caller).await;
        self.refusal_on_record("forgot_password", allowed, caller).await?;
        // What a repeat finds would tell of the account: an idempotency key is nothing here.
        let (this, identifier, caller) = (self.clone(), Identifier::parse(identifier), caller.unkeyed());
        self.answered_alike(async move { this.reset_requested(&identifier, &caller).await }).await
    }

    async fn reset_requested(&self, identifier: &Identifier, caller: &Caller) -> Result<(), CommandError> {
        let Some(id) = self.find(identifier).await? else { return Ok(()) };
        let (user, at) = (self.user(id).await?, self.executor.now());
        if self.reset_is_out(&user, at).await? || !user.reset_may_be_requested(at) {
            return Ok(());
        }
        // Any number of registrations may wait for one address, each with a share of its own.
        let is_verified = user.is_verified();
        let Some(address) = user.email.filter(|address| address.known().is_some()) else { return Ok(()) };
        if !self.throttle().reset_mail(id).await?
            || (!is_verified && !self.may_mail(&address, AnswerBy::Stranger).await?)
        {
            return Ok(());
        }
        match self.executor.run_all(self.asking_for_reset(id, address), caller).await {
            Ok(_)
            | Err(CommandError::Rejected(_) | CommandError::NotFound | CommandError::Conflict { .. }) => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a token that was mailed may still be used.
    async fn reset_is_out(&self, user: &User, at: DateTime<Utc>) -> Result<bool, CommandError> {
        let Some(pending) = user.reset else { return Ok(false) };
        let challenge = self.executor.store().load_fresh::<Challenge>(pending.challenge).await?.state;
        Ok(challenge.is_open(at))
    }

    fn asking_for_reset(&self, user: UserId, address: Personal<String>) -> Unit {
        let at = self.executor.now();
        let challenge = self.new_challenge(at);
        let issue = IssueChallenge {
            user,
            purpose: ChallengePurpose::ResetPassword,
            channel: ContactKind::Email,
            address: address.clone(),
            at,
            lifetime: self.settings.reset_lifetime,
            attempts: 1,
        };
        Unit::new()
            .warranted(Warrant::Request)
            .on::<User>(user, RequestPasswordReset { challenge, at })
            // Too soon is silence, also from the challenge, which would send a mail.
            .reads::<User>(user, move |user| may_request(user, at))
            .reads::<User>(user, move |user| still_at(user, &address))
            .begin::<Challenge>(challenge, issue)
    }

    /// Sets a new password by a mailed token and ends all sessions. The token of an invitation sets the first one, and
    /// verifies the address that it was mailed to.
    ///
    /// # Errors
    /// [`AccountError::ResetTokenInvalid`] for a token that is forged, used or superseded;
    /// [`ChallengeError::Expired`]; [`PasswordError`](crate::passwords::PasswordError).
    pub async fn reset_password(
        &self,
        token: &SecretString,
        new: SecretString,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let at = self.executor.now();
        let (challenge, id, user) = self.reset_of(token, at).await?;
        self.check_own(&user, &new)?;
        let hash = self.passwords.hash(new).await?;
        let new = self.new_secret(at);
        let (kept, cause) = (None, InvalidationCause::PasswordReset);
        let unit = Unit::new()
            .warranted(Warrant::Challenge)
            .by(id, None)
            .on::<Challenge>(challenge, AnswerChallenge { correct: true, by: AnswerBy::Requester, at });
        let unit = match user.is_invited_by(challenge) {
            true => unit.on::<User>(id, AcceptInvitation { challenge, new, at }),
            false => unit.on::<User>(id, ResetPassword { challenge, new, at }),
        };
        let unit =
            unit.on::<User>(id, InvalidateSessions { kept, cause, at }).secret(new, Subject::of(id), hash);
        self.executor.run_one(unit, caller).await.map_err(told)
    }

    /// Whose reset a token is; refuses a useless one before the costly hash.
    async fn reset_of(
        &self,
        token: &SecretString,
        at: DateTime<Utc>,
    ) -> Result<(ChallengeId, UserId, User), CommandError> {
        let invalid = || CommandError::rejected(AccountError::ResetTokenInvalid);
        let id = self.codes.reset_challenge(token.expose_secret()).ok_or_else(invalid)?;
        let challenge = self.executor.store().load_fresh::<Challenge>(id).await?.state;
        if challenge.purpose != Some(ChallengePurpose::ResetPassword) {
            return Err(invalid());
        }
        let answer = AnswerChallenge { correct: true, by: AnswerBy::Requester, at };
        answer.decide(&challenge).map_err(|error| told(CommandError::rejected(error)))?;
        let user = self.user(challenge.user).await?;
        // A token that another one superseded: nothing about the new password is told to whoever holds it.
        let pending =
            user.reset.as_ref().is_some_and(|reset| reset.challenge == id) || user.is_invited_by(id);
        pending.then_some((id, challenge.user, user)).ok_or_else(invalid)
    }
}

fn may_request(user: &User, at: DateTime<Utc>) -> Result<(), Refusal> {
    user.reset_may_be_requested(at).then_some(()).ok_or_else(|| Refusal::new(AccountError::ResetTooSoon))
}

/// A token that is used up or superseded is not told from a forged one.
fn told(error: CommandError) -> CommandError {
    let used = matches!(
        error.reason(),
        Some(ChallengeError::AlreadyUsed | ChallengeError::NotIssued | ChallengeError::Exhausted)
    );
    let superseded =
        matches!(error.reason(), Some(UserError::ResetNotPending | UserError::InvitationNotPending));
    if used || superseded { CommandError::rejected(AccountError::ResetTokenInvalid) } else { error }
}
