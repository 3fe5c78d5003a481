//! Registrations that nobody verifies do not keep a username for ever.

use super::Accounts;
use crate::{Caller, CommandError, Done};
use chrono::{DateTime, Utc};
use domain::{
    UserId,
    user::{ExpireRegistration, User},
};

impl Accounts {
    /// Registrations of before this time are over unless somebody verified them; none: they never are.
    pub fn registrations_expire_before(&self) -> Option<DateTime<Utc>> {
        self.settings.registration_lifetime.map(|lifetime| self.executor.now() - lifetime)
    }

    /// Erases the account if its registration is over. For the program itself; harmless when repeated, and to anybody
    /// else's account. Of an expiry and a verification that meet, exactly one happens.
    ///
    /// # Errors
    /// What [`Executor::run`](crate::Executor::run) refuses.
    pub async fn expire_registration(
        &self,
        user: UserId,
        before: DateTime<Utc>,
        caller: &Caller,
    ) -> Result<Done<User>, CommandError> {
        self.executor.run(user, ExpireRegistration { before, at: self.executor.now() }, caller).await
    }
}
