//! Another code is asked for, for the address whose verification is pending (AUTH-09).
//!
//! While a code is out, no other takes its place: the same one is sent once more, at most once a minute. So nobody who
//! asks again and again gets fresh tries, or makes void what a person is about to type.

use super::{
    AccountError, Accounts,
    lookup::Identifier,
    step_up::{in_live_session, still_at},
};
use crate::{Caller, CommandError, Unit, Warrant};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ChallengeId, Personal, UserId,
    challenge::{AnswerBy, Challenge, ResendChallenge},
    session::Session,
    user::{RepeatEmailChange, RequestVerification, User, UserError},
};
use secrecy::SecretString;

/// Registrations that wait for one address, the newest and the oldest, of which each is sent its code.
const ASKED_BY_ADDRESS: i64 = 3;
/// A code that ends sooner is as good as over.
const NEARLY_OVER: TimeDelta = TimeDelta::seconds(60);

impl Accounts {
    /// Sends the code that is out once more, or a new one where none is, at most once in 60 s and within the limit of
    /// mails to one address. `identifier` is a user id, a username or an e-mail address, also one that waits for its
    /// verification. `token` is of the registration or of an earlier request.
    ///
    /// Tells the token of this request, whether or not it names anybody: tries of a new code count by it.
    ///
    /// # Errors
    /// The account's own session is told [`UserError::AlreadyVerified`]; nobody is told anything else about it.
    pub async fn resend_code(
        &self,
        identifier: &str,
        token: Option<&SecretString>,
        caller: &Caller,
    ) -> Result<SecretString, CommandError> {
        let identifier = Identifier::parse(identifier);
        let challenge = self.new_challenge(self.executor.now());
        // What a repeat finds would tell of the account: an idempotency key is nothing here.
        let caller = caller.unkeyed();
        match caller.user() {
            Some((own, _)) if identifier == Identifier::User(own) => {
                self.resend_to(own, challenge, AnswerBy::Registrant, &caller).await?;
            }
            _ => {
                let (this, token) = (self.clone(), token.cloned());
                let work =
                    async move { this.resend_quietly(&identifier, challenge, token.as_ref(), &caller).await };
                self.answered_alike(work).await?;
            }
        }
        Ok(self.codes.asker_token(challenge.uuid()).into())
    }

    async fn resend_quietly(
        &self,
        identifier: &Identifier,
        challenge: ChallengeId,
        token: Option<&SecretString>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let found = match identifier {
            Identifier::Email(address) => self.awaiting(address, ASKED_BY_ADDRESS, token, caller).await?,
            _ => self.registered_of(self.find(identifier).await?.into_iter().collect()).await?,
        };
        let mut challenge = Some(challenge);
        for (id, user) in found {
            // A change of the address of a verified account is its person's own matter, within a session.
            if user.is_verified() && caller.user().is_none_or(|(signed, _)| signed != id) {
                continue;
            }
            let pending = user.verification.as_ref().map(|pending| pending.challenge);
            let by = self.asker(id, pending, token, caller);
            let next = challenge.take().unwrap_or_else(|| self.new_challenge(self.executor.now()));
            match self.resend_to(id, next, by, caller).await {
                Ok(())
                | Err(CommandError::Rejected(_) | CommandError::NotFound | CommandError::Conflict { .. }) => {
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// `next` is the challenge of a new code, where one is made.
    async fn resend_to(
        &self,
        id: UserId,
        next: ChallengeId,
        by: AnswerBy,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let (user, at) = (self.user(id).await?, self.executor.now());
        let pending = user.verification.as_ref();
        let Some(address) = pending.map(|pending| pending.address.clone()).or_else(|| user.email.clone())
        else {
            return Ok(());
        };
        if let Some(pending) = pending {
            let out = self.executor.store().load_fresh::<Challenge>(pending.challenge).await?.state;
            // Whoever proves to have asked may have another when their own tries are used up.
            let spent = by != AnswerBy::Stranger && out.is_exhausted(by);
            if out.is_open(at + NEARLY_OVER) && !spent {
                return self.send_again(pending.challenge, &out, &address, (by, at), caller).await;
            }
        }
        self.send_new(id, &user, next, address, (by, at), caller).await
    }

    async fn send_again(
        &self,
        challenge: ChallengeId,
        out: &Challenge,
        address: &Personal<String>,
        (by, at): (AnswerBy, DateTime<Utc>),
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let is_due = at >= out.sent_at + domain::user::RESEND_GAP;
        if !is_due || !self.may_mail(address, by).await? {
            return Ok(());
        }
        let unit = Unit::new().warranted(Warrant::Request).on::<Challenge>(challenge, ResendChallenge { at });
        self.executor.run_all(unit, caller).await.map(drop)
    }

    async fn send_new(
        &self,
        id: UserId,
        user: &User,
        challenge: ChallengeId,
        address: Personal<String>,
        (by, at): (AnswerBy, DateTime<Utc>),
        caller: &Caller,
    ) -> Result<(), CommandError> {
        if user.verification.is_none() && user.is_verified() {
            return Err(CommandError::rejected(UserError::AlreadyVerified));
        }
        // Also after what was out is dropped: that makes no room for another mail.
        if user.is_too_soon_for_a_code(at) {
            return Ok(());
        }
        if !self.may_mail(&address, by).await? {
            return Ok(());
        }
        let unit = self.asking_again(id, user, (challenge, address), at, caller).await?;
        match self.executor.run_all(unit, caller).await {
            // Another request came first: its mail is out.
            Err(error) if matches!(error.reason(), Some(UserError::TooSoon { .. })) => Ok(()),
            done => done.map(drop),
        }
    }

    /// Anybody asks for the code of a first verification; that of a change is for a live session of its person.
    async fn asking_again(
        &self,
        id: UserId,
        user: &User,
        (challenge, address): (ChallengeId, Personal<String>),
        at: DateTime<Utc>,
        caller: &Caller,
    ) -> Result<Unit, CommandError> {
        let issue = self.verification(id, address.clone(), at);
        let unit = Unit::new().warranted(Warrant::Request).begin::<Challenge>(challenge, issue);
        if user.pending_change().is_none() {
            let unit = unit.on::<User>(id, RequestVerification { challenge, at });
            return Ok(unit.reads::<User>(id, move |user| still_at(user, &address)));
        }
        let own = caller.user().filter(|(signed, _)| *signed == id);
        let (_, session) = own.ok_or_else(|| CommandError::rejected(UserError::AlreadyVerified))?;
        let epoch = self.executor.store().load::<Session>(session).await?.state.epoch;
        let unit = unit.on::<User>(id, RepeatEmailChange { address, challenge, at });
        Ok(in_live_session(unit, (id, session, epoch), at))
    }

    /// Whether another code may be mailed to an address that can be read.
    pub(super) async fn may_mail(
        &self,
        address: &Personal<String>,
        by: AnswerBy,
    ) -> Result<bool, CommandError> {
        match address.known() {
            Some(address) => self.throttle().code_mail(address, by).await,
            None => Ok(false),
        }
    }
}

/// To a stranger every refusal of a code is the same.
pub(super) fn wrong_code() -> CommandError {
    CommandError::rejected(AccountError::WrongCode)
}
