//! Who asks for a code or answers one, and when a stranger is answered: neither tells whether an address is known.

use super::Accounts;
use crate::{Caller, CommandError};
use domain::{ChallengeId, ClaimKind, UserId, challenge::AnswerBy, user::User};
use futures::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio::time::sleep;

/// What a stranger asks is answered after this time, known address or not: the work for a known one takes less.
const ANSWERED_AFTER: Duration = Duration::from_millis(100);

/// When a wrong answer may be told, at the earliest.
pub(super) fn answered_after() -> tokio::time::Sleep {
    sleep(ANSWERED_AFTER)
}

impl Accounts {
    /// Does what a stranger asks beside the answer, which comes at the same time whatever there is to do. An error that
    /// is known by then is told: it is none that an address decides. One that comes later is not, since waiting for it
    /// would tell.
    pub(super) async fn answered_alike<W>(&self, work: W) -> Result<(), CommandError>
    where
        W: Future<Output = Result<(), CommandError>> + Send + 'static,
    {
        let (answered, mut done) = (answered_after(), tokio::spawn(work));
        answered.await;
        match futures::poll!(&mut done) {
            std::task::Poll::Ready(done) => done.map_err(|error| CommandError::Internal(error.into()))?,
            std::task::Poll::Pending => Ok(()),
        }
    }

    /// Whose tries an answer about this account counts among.
    pub(super) fn asker(
        &self,
        user: UserId,
        challenge: Option<ChallengeId>,
        token: Option<&SecretString>,
        caller: &Caller,
    ) -> AnswerBy {
        let named = token.and_then(|token| self.codes.asker(token.expose_secret()));
        if caller.user().is_some_and(|(signed, _)| signed == user) || named == Some(user.uuid()) {
            return AnswerBy::Registrant;
        }
        match (named, challenge) {
            (Some(named), Some(challenge)) if named == challenge.uuid() => AnswerBy::Requester,
            _ => AnswerBy::Stranger,
        }
    }

    /// Accounts that wait for the verification of an address, the newest and the oldest `each` of them. Whoever proves by
    /// session or token to have registered one with it is among them, however many others have.
    pub(super) async fn awaiting(
        &self,
        address: &str,
        each: i64,
        token: Option<&SecretString>,
        caller: &Caller,
    ) -> Result<Vec<(UserId, User)>, CommandError> {
        let kind = ClaimKind::AwaitedEmail;
        let owners = self.executor.store().claim_owners(kind, address, each).await?;
        let proven = token.and_then(|token| self.codes.asker(token.expose_secret())).map(UserId::from_uuid);
        let signed = caller.user().map(|(signed, _)| signed);
        let mut ids: Vec<UserId> = proven.into_iter().chain(signed).collect();
        ids.extend(owners.into_iter().map(UserId::from_uuid));
        let is_it = |user: &User| {
            let known = user.email.as_ref().and_then(|email| email.known());
            !user.is_verified() && known.is_some_and(|known| known.eq_ignore_ascii_case(address))
        };
        let mut waiting: Vec<(UserId, User)> = Vec::with_capacity(ids.len());
        for (id, user) in self.registered_of(ids).await? {
            if is_it(&user) && !waiting.iter().any(|(known, _)| *known == id) {
                waiting.push((id, user));
            }
        }
        Ok(waiting)
    }

    /// The accounts of these ids that are there.
    pub(super) async fn registered_of(&self, ids: Vec<UserId>) -> Result<Vec<(UserId, User)>, CommandError> {
        let users = ids.into_iter().map(|id| async move { Ok((id, self.user(id).await?)) });
        let users: Result<Vec<_>, CommandError> = join_all(users).await.into_iter().collect();
        Ok(users?.into_iter().filter(|(_, user)| user.is_registered()).collect())
    }
}
