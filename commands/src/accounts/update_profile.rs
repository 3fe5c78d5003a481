//! A profile is changed or reset, by its person or by staff.

use super::Accounts;
use crate::{Caller, CommandError, Done, Unit, Warrant};
use domain::{
    UserId,
    profile::{Profile, ProfilePatch, UpdateProfile},
    user::User,
};

impl Accounts {
    /// Changes a profile; what is as it was adds no event. `if_match` is the version that the client has seen.
    ///
    /// # Errors
    /// [`CommandError::PreconditionFailed`] for another version, [`CommandError::Forbidden`] for another's profile
    /// unless the caller is staff, [`ProfileError`](domain::profile::ProfileError).
    pub async fn update_profile(
        &self,
        user: UserId,
        patch: ProfilePatch,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Profile>, CommandError> {
        let update = UpdateProfile { user, patch, at: self.executor.now() };
        let mut unit = Unit::new().on::<Profile>(user, update).if_match(if_match);
        if let Some((actor, _)) = caller.user().filter(|(actor, _)| *actor != user)
            && self.executor.store().load_fresh::<User>(actor).await?.state.role.is_staff()
        {
            unit = unit.warranted(Warrant::Staff);
        }
        self.executor.run_one(unit, caller).await
    }

    /// Clears what a profile says; who may follow and see it stays (C-39). Repeated, it changes nothing.
    ///
    /// # Errors
    /// As [`Accounts::update_profile`].
    pub async fn reset_profile(
        &self,
        user: UserId,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Profile>, CommandError> {
        self.update_profile(user, ProfilePatch::reset(), if_match, caller).await
    }
}
