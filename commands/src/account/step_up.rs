//! Who asks shows once more that they are the person: by the password, or by a login of this very session a moment ago.
//!
//! A stolen access token alone so makes no key, deletes no account and ends nobody's sessions.

use super::{AccountError, Accounts, signed_in};
use crate::{Caller, CommandError, Refusal, Unit};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Personal, SecretId, SessionId, UserId, session::Session, user::User};
use secrecy::SecretString;

/// What showed it, to be stood on in the append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proven {
    pub user: UserId,
    pub session: SessionId,
    /// Of the session.
    epoch: u32,
    /// The password that was checked, or had been at the login.
    password: Option<SecretId>,
}

impl Accounts {
    /// The password if one is given, else a login within [`AccountSettings::fresh_login`](super::AccountSettings).
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`], recorded and counted as everywhere; [`AccountError::PasswordNeeded`];
    /// [`AccountError::SessionEnded`]; [`CommandError::Forbidden`] if not signed in.
    pub(super) async fn prove(
        &self,
        password: Option<SecretString>,
        caller: &Caller,
    ) -> Result<Proven, CommandError> {
        let (user, session) = signed_in(caller)?;
        let account = self.user(user).await?;
        let acting = self.executor.store().load_fresh::<Session>(session).await?.state;
        let fresh = is_fresh(acting.started_at, self.settings.fresh_login, self.executor.now());
        let password = match password {
            // An account without a password has a wrong one, whatever it is.
            Some(password) => Some(self.check_own_password(user, &account, password, caller).await?),
            None if fresh => account.password,
            None => return Err(CommandError::rejected(AccountError::PasswordNeeded)),
        };
        Ok(Proven { user, session, epoch: acting.epoch, password })
    }

    /// As [`Self::prove`], by the password alone.
    ///
    /// # Errors
    /// As [`Self::prove`].
    pub(super) async fn prove_by_password(
        &self,
        password: SecretString,
        caller: &Caller,
    ) -> Result<Proven, CommandError> {
        self.prove(Some(password), caller).await
    }
}

impl Proven {
    /// The unit stands on the same password, and on the acting session's being live: one that was ended meanwhile does
    /// nothing more, and is carried over into no new epoch.
    pub fn stands(self, unit: Unit, at: DateTime<Utc>) -> Unit {
        let Self { user, password, .. } = self;
        let same = move |account: &User| match account.password == password {
            true => Ok(()),
            false => Err(Refusal::new(AccountError::ChangedMeanwhile)),
        };
        in_live_session(unit, (user, self.session, self.epoch), at).reads::<User>(user, same)
    }
}

/// The unit stands on the session's being live, and of the account's present epoch.
pub(super) fn in_live_session(
    unit: Unit,
    (user, session, epoch): (UserId, SessionId, u32),
    at: DateTime<Utc>,
) -> Unit {
    let ended = || Refusal::new(AccountError::SessionEnded);
    unit.reads::<Session>(session, move |acting| {
        (acting.user == user && acting.is_live(at)).then_some(()).ok_or_else(ended)
    })
    .reads::<User>(user, move |account| {
        account.session_is_live(epoch, session).then_some(()).ok_or_else(ended)
    })
}

/// What is mailed goes where the account's mail goes by then: a code or token for one address proves no other.
pub(super) fn still_at(user: &User, address: &Personal<String>) -> Result<(), Refusal> {
    match user.email.as_ref() == Some(address) {
        true => Ok(()),
        false => Err(Refusal::new(AccountError::ChangedMeanwhile)),
    }
}

/// A refresh or a cookie is no login. A clock that went back counts as no time passed.
fn is_fresh(started: Option<DateTime<Utc>>, within: TimeDelta, now: DateTime<Utc>) -> bool {
    started.is_some_and(|started| (now - started).max(TimeDelta::zero()) < within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_is_fresh_for_as_long_as_the_setting_says_and_never_with_zero() {
        let at = |second: i64| DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap();
        let fresh = |started, within| is_fresh(started, TimeDelta::seconds(within), at(100));

        assert!(fresh(Some(at(0)), 101) && !fresh(Some(at(0)), 100));
        assert!(fresh(Some(at(200)), 1), "the clock went back");
        assert!(!fresh(Some(at(100)), 0) && !fresh(None, 1_000));
    }
}
