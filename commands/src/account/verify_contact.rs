//! A code is typed in: the address is verified and claimed, or one of five tries is gone (AUTH-09).
//!
//! The code names the registration among those that wait for an address. Whoever brings the token of the registration or
//! of the request, or a session of the account, has tries of their own: strangers' wrong codes leave them. A change of
//! address is confirmed within a live session of its person; for anybody else its code is wrong, and is not tried.

use super::{
    AccountError, Accounts, asker::answered_after, lookup::Identifier, resend_code::wrong_code,
    step_up::in_live_session,
};
use crate::{Caller, CommandError, Done, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, SessionId, UserId,
    challenge::{AnswerBy, AnswerChallenge, Challenge, ChallengeError},
    session::{MarkSessionVerified, Session},
    user::{User, UserError, VerifyContact},
};
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use std::pin::pin;

/// Registrations that wait for one address, the newest and the oldest, among which a code is looked for. Of any number
/// only so many have a code as the limit of mails to one address allows.
const TRIED_BY_ADDRESS: i64 = 100;

/// What somebody types.
#[derive(Clone, Copy)]
pub struct TypedCode<'a> {
    pub code: &'a SecretString,
    /// Of the registration, or of the request for the code.
    pub token: Option<&'a SecretString>,
}

/// An account that is meant, and the code that counts for whoever asks.
struct Meant {
    id: UserId,
    user: User,
    pending: Option<ChallengeId>,
    by: AnswerBy,
}

impl Accounts {
    /// Verifies the pending address of an account by its code.
    ///
    /// `identifier` is a user id, a username or an e-mail address, verified or waiting for it. `sessions` of the account,
    /// and the acting one, may act from then on (C-03). The same code again changes nothing and is accepted.
    ///
    /// # Errors
    /// [`AccountError::WrongCode`], also for an identifier that names nobody and when the tries are used up;
    /// [`ChallengeError::Expired`] to whoever proves to have asked for it; [`CommandError::Duplicate`] if another account
    /// has verified the address; [`CommandError::Throttled`] after too many wrong codes from one network.
    pub async fn verify_contact(
        &self,
        identifier: &str,
        typed: TypedCode<'_>,
        sessions: &[SessionId],
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let mut answered = pin!(answered_after());
        let allowed = self.throttle().code_try(caller).await;
        self.refusal_on_record("verify_contact", allowed, caller).await?;
        let identifier = Identifier::parse(identifier);
        let mut verified = self.verified(&identifier, typed, sessions, caller).await;
        // Another request with the same code came first: it is told what that one was.
        if matches!(&verified, Err(error) if error.reason() == Some(&ChallengeError::AlreadyUsed)) {
            verified = self.verified(&identifier, typed, sessions, caller).await;
        }
        match verified.map_err(told) {
            Err(error) if error.reason() == Some(&AccountError::WrongCode) => {
                answered.as_mut().await;
                Err(error)
            }
            settled => {
                self.throttle().code_was_right(caller).await?;
                settled
            }
        }
    }

    async fn verified(
        &self,
        identifier: &Identifier,
        typed: TypedCode<'_>,
        sessions: &[SessionId],
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        let (meant, at) = (self.meant(identifier, typed.token, caller).await?, self.executor.now());
        let code = typed.code.expose_secret();
        for Meant { id, user, pending, by } in &meant {
            let acting = caller.user().filter(|(acting, _)| acting == id).map(|(_, session)| session);
            let unit = match (user.verified_by, pending) {
                (Some(passed), _) if self.codes.is_code(passed, code) => {
                    Unit::new().on::<User>(*id, VerifyContact { challenge: passed, session: acting, at })
                }
                (_, Some(pending)) if self.codes.is_code(*pending, code) => Unit::new()
                    .on::<Challenge>(*pending, AnswerChallenge { correct: true, by: *by, at })
                    .on::<User>(*id, VerifyContact { challenge: *pending, session: acting, at }),
                _ => continue,
            };
            let mut unit = with_sessions(unit, *id, sessions, caller, at);
            if let Some(session) = acting.filter(|_| user.pending_change().is_some()) {
                let epoch = self.executor.store().load::<Session>(session).await?.state.epoch;
                unit = in_live_session(unit, (*id, session, epoch), at);
            }
            let by = *by;
            return self.executor.run_one(unit, caller).await.map_err(|error| about(error, by));
        }
        self.count_wrong(meant, at, caller).await?;
        Err(wrong_code())
    }

    /// The accounts that an identifier may mean.
    async fn meant(
        &self,
        identifier: &Identifier,
        token: Option<&SecretString>,
        caller: &Caller,
    ) -> Result<Vec<Meant>, CommandError> {
        // Who waits first: whoever is verified between the two looks is found by the second.
        let mut found = match identifier {
            Identifier::Email(address) => self.awaiting(address, TRIED_BY_ADDRESS, token, caller).await?,
            _ => Vec::new(),
        };
        found.extend(self.registered_of(self.find(identifier).await?.into_iter().collect()).await?);
        let meant = found.into_iter().map(|(id, user)| {
            let pending = user.verification.as_ref().map(|pending| pending.challenge);
            let by = self.asker(id, pending, token, caller);
            // A change of the address of a verified account is confirmed within a session of its person.
            let own = caller.user().is_some_and(|(signed, _)| signed == id);
            let pending = pending.filter(|_| own || !user.is_verified());
            Meant { id, user, pending, by }
        });
        let mut meant: Vec<Meant> = meant.collect();
        // Whoever proves which one is theirs does not verify a stranger's registration with their address by its code.
        if meant.iter().any(|meant| meant.by != AnswerBy::Stranger) {
            meant.retain(|meant| meant.by != AnswerBy::Stranger);
        }
        Ok(meant)
    }

    /// A wrong code is a try at each code that it may have meant, also if whoever guesses does not wait for the answer:
    /// it is put down in a task of its own, and answered afterwards.
    async fn count_wrong(
        &self,
        meant: Vec<Meant>,
        at: DateTime<Utc>,
        caller: &Caller,
    ) -> Result<(), CommandError> {
        let (this, caller) = (self.clone(), caller.unkeyed());
        let counted = tokio::spawn(async move {
            let tries = meant.into_iter().filter_map(|meant| {
                let wrong = AnswerChallenge { correct: false, by: meant.by, at };
                let unit = Unit::new().warranted(Warrant::Challenge);
                Some(this.executor.run_all(unit.on::<Challenge>(meant.pending?, wrong), &caller))
            });
            for done in join_all(tries.collect::<Vec<_>>()).await {
                match done {
                    // It is over, or its tries are: there is nothing to count.
                    Ok(_) | Err(CommandError::Rejected(_) | CommandError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        counted.await.map_err(|error| CommandError::Internal(error.into()))?
    }
}

/// The given sessions, and the acting one if it is the account's, may act from now on.
fn with_sessions(
    mut unit: Unit,
    user: UserId,
    sessions: &[SessionId],
    caller: &Caller,
    at: DateTime<Utc>,
) -> Unit {
    let acting = caller.user().filter(|(acting, _)| *acting == user).map(|(_, session)| session);
    for session in sessions.iter().copied().chain(acting) {
        unit = unit.on::<Session>(session, MarkSessionVerified { user, at });
    }
    unit.warranted(Warrant::Challenge).by(user, acting)
}

/// Only whoever proves to have asked is told that the right code has expired.
fn about(error: CommandError, by: AnswerBy) -> CommandError {
    match error.reason() {
        Some(ChallengeError::Expired) if by == AnswerBy::Stranger => wrong_code(),
        Some(ChallengeError::Exhausted | ChallengeError::NotIssued) => wrong_code(),
        _ => error,
    }
}

/// What became of the account meanwhile, nobody learns.
fn told(error: CommandError) -> CommandError {
    let changed =
        matches!(error.reason(), Some(UserError::NotRegistered | UserError::VerificationNotPending));
    let used = error.reason() == Some(&ChallengeError::AlreadyUsed);
    if changed || used { wrong_code() } else { error }
}
