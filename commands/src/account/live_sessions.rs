//! How many sessions live at once: whoever begins one more than the limit loses the oldest, in the same append.
//!
//! Sessions end without their account's knowledge, so nobody keeps a count. A stream of sign-ins for each account
//! (ADR 33) knows who has a place; only where all places are taken is it asked which of those sessions are over.

use super::Accounts;
use crate::{CommandError, Unit};
use chrono::{DateTime, Utc};
use domain::{
    SessionId, SignInId, UserId,
    session::{EndCause, EndSession, Session},
    sign_in::{RecordSignIn, SignIn},
    user::User,
};
use futures::future::try_join_all;

/// A session that begins.
pub(super) struct Beginning<'a> {
    pub user: UserId,
    pub account: &'a User,
    pub session: SessionId,
    /// Sessions of the same account that end with it: what its person logged in again with.
    pub instead_of: &'a [SessionId],
    pub at: DateTime<Utc>,
}

impl Accounts {
    /// Gives the session a place among the account's, and ends those that it takes the place of.
    pub(super) async fn seated(&self, unit: Unit, new: Beginning<'_>) -> Result<Unit, CommandError> {
        let stream = SignInId::of_sessions(new.user);
        let among = self.executor.store().load_fresh::<SignIn>(stream).await?.state.sessions;
        let ending = self.make_room(&among, &new).await?;
        let left = among.iter().filter(|known| ending.over.contains(known) || ending.ends(known));
        let left = left.copied().collect();
        let record = RecordSignIn { account: new.user, session: new.session, among, left, at: new.at };
        let end = |unit: Unit, session: &SessionId, cause| {
            unit.on::<Session>(*session, EndSession { cause, at: new.at })
        };
        let unit = new.instead_of.iter().fold(unit, |unit, old| end(unit, old, EndCause::Replaced));
        let unit = ending.oldest.iter().fold(unit, |unit, old| end(unit, old, EndCause::TooMany));
        Ok(unit.on::<SignIn>(stream, record))
    }

    /// The first session of a new account.
    pub(super) fn seated_first(unit: Unit, account: UserId, session: SessionId, at: DateTime<Utc>) -> Unit {
        let (among, left) = (Vec::new(), Vec::new());
        let record = RecordSignIn { account, session, among, left, at };
        unit.begin::<SignIn>(SignInId::of_sessions(account), record)
    }

    /// All sessions of the account end in the same append; only the new one has a place then.
    pub(super) async fn seated_alone(
        &self,
        unit: Unit,
        (account, session): (UserId, SessionId),
        at: DateTime<Utc>,
    ) -> Result<Unit, CommandError> {
        let stream = SignInId::of_sessions(account);
        let among = self.executor.store().load_fresh::<SignIn>(stream).await?.state.sessions;
        let left = among.clone();
        Ok(unit.on::<SignIn>(stream, RecordSignIn { account, session, among, left, at }))
    }

    async fn make_room<'a>(
        &self,
        among: &[SessionId],
        new: &Beginning<'a>,
    ) -> Result<Ending<'a>, CommandError> {
        let (over, oldest) = (Vec::new(), Vec::new());
        let mut ending = Ending { instead_of: new.instead_of, over, oldest };
        let others = self.settings.max_sessions.max(1) - 1;
        let kept = |ending: &Ending<'_>| -> Vec<SessionId> {
            among
                .iter()
                .filter(|known| !ending.over.contains(known) && !ending.ends(known))
                .copied()
                .collect()
        };
        let places = kept(&ending);
        if places.len() <= others {
            return Ok(ending);
        }
        let known = places.iter().map(|session| self.executor.store().load_fresh::<Session>(*session));
        let known = try_join_all(known).await?;
        let is_over = |id: SessionId, state: &Session| {
            !state.is_live(new.at) || !new.account.session_is_live(state.epoch, id)
        };
        let over = places.iter().zip(&known).filter(|(id, known)| is_over(**id, &known.state));
        ending.over = over.map(|(id, _)| *id).collect();
        let live = kept(&ending);
        ending.oldest = live[..live.len().saturating_sub(others)].to_vec();
        Ok(ending)
    }
}

/// Who gives up a place.
struct Ending<'a> {
    instead_of: &'a [SessionId],
    over: Vec<SessionId>,
    oldest: Vec<SessionId>,
}

impl Ending<'_> {
    fn ends(&self, session: &SessionId) -> bool {
        self.instead_of.contains(session) || self.oldest.contains(session)
    }
}
