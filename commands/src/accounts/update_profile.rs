//! A person changes the profile.

use super::Accounts;
use crate::{Caller, CommandError, Done, Unit};
use domain::{
    UserId,
    profile::{Profile, ProfilePatch, UpdateProfile},
};

impl Accounts {
    /// Changes a profile; what is as it was adds no event. `if_match` is the version that the client has seen.
    ///
    /// # Errors
    /// [`CommandError::PreconditionFailed`] for another version, [`CommandError::Forbidden`] for another's profile,
    /// [`ProfileError`](domain::profile::ProfileError).
    pub async fn update_profile(
        &self,
        user: UserId,
        patch: ProfilePatch,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Profile>, CommandError> {
        let update = UpdateProfile { user, patch, at: self.executor.now() };
        let unit = Unit::new().on::<Profile>(user, update).if_match(if_match);
        self.executor.run_one(unit, caller).await
    }
}
