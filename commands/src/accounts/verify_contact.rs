//! A code is typed in: the address is verified and claimed, or one of five attempts is gone (AUTH-09).

use super::{AccountError, Accounts, lookup::Identifier};
use crate::{Caller, CommandError, Done, Unit, Warrant};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, SessionId, UserId,
    challenge::{AnswerChallenge, Challenge, ChallengeError},
    session::{MarkSessionVerified, Session},
    user::{User, VerifyContact},
};
use secrecy::{ExposeSecret, SecretString};

impl Accounts {
    /// Verifies the pending address of an account by its code.
    ///
    /// `identifier` is a user id, a username or a verified e-mail address. `sessions` of the account, and the
    /// acting one, may act from then on (C-03). The same code again changes nothing and is accepted.
    ///
    /// # Errors
    /// [`AccountError::WrongCode`], also for an identifier that names nobody;
    /// [`ChallengeError::Expired`], [`ChallengeError::Exhausted`];
    /// [`CommandError::Duplicate`] if another account has verified the address.
    pub async fn verify_contact(
        &self,
        identifier: &str,
        code: &SecretString,
        sessions: &[SessionId],
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        if let Some(outcome) = self.executor.replayed(caller).await? {
            return self.executor.recall(&outcome).await;
        }
        let identifier = Identifier::parse(identifier);
        let found = self.find(&identifier).await?;
        let Some(id) = found else { return Err(CommandError::rejected(AccountError::WrongCode)) };
        let user = self.user(id).await?;
        let at = self.executor.now();
        let (challenge, unit) = match self.challenge_passed_before(&user, code) {
            Some(challenge) => (challenge, Unit::new()),
            None => {
                let pending = user.verification.as_ref().map(|pending| pending.challenge);
                let challenge = pending.ok_or_else(|| CommandError::rejected(AccountError::WrongCode))?;
                let answered = self.answered(challenge, code, at, caller).await;
                (challenge, answered.map_err(|error| told(error, &identifier))?)
            }
        };
        let unit = unit.on::<User>(id, VerifyContact { challenge, at });
        let unit = with_sessions(unit, id, sessions, caller, at);
        self.executor.run_one(unit, caller).await.map_err(|error| told(error, &identifier))
    }

    fn challenge_passed_before(&self, user: &User, code: &SecretString) -> Option<ChallengeId> {
        user.verified_by.filter(|challenge| self.codes.is_code(*challenge, code.expose_secret()))
    }

    /// The right answer as the beginning of a unit. A wrong one is recorded on its own, and refused.
    async fn answered(
        &self,
        challenge: ChallengeId,
        code: &SecretString,
        at: DateTime<Utc>,
        caller: &Caller,
    ) -> Result<Unit, CommandError> {
        let correct = self.codes.is_code(challenge, code.expose_secret());
        let unit = Unit::new()
            .warranted(Warrant::Challenge)
            .on::<Challenge>(challenge, AnswerChallenge { correct, at });
        if correct {
            return Ok(unit);
        }
        self.executor.run_all(unit, &caller.unkeyed()).await?;
        Err(CommandError::rejected(AccountError::WrongCode))
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

/// By a private identifier nothing is told but that the code is wrong.
fn told(error: CommandError, identifier: &Identifier) -> CommandError {
    if identifier.is_private() && error.reason::<ChallengeError>().is_some() {
        return CommandError::rejected(AccountError::WrongCode);
    }
    error
}
