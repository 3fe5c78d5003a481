//! A profile is changed or reset, by its person or by staff.

use super::People;
use crate::{
    Caller, CommandError, Done, Unit,
    account::staff::{acting_staff, on_person},
};
use domain::{
    UserId,
    profile::{Profile, ProfilePatch, UpdateProfile},
};

impl People {
    /// Changes a profile; what is as it was adds no event. `if_match` is the version that the client has seen.
    ///
    /// # Errors
    /// [`CommandError::PreconditionFailed`] for another version, [`AccountError::StaffOnly`](crate::AccountError) for
    /// another's profile unless the caller is staff, [`UserError::OwnerOnly`](domain::user::UserError) for an admin about
    /// staff, [`ProfileError`](domain::profile::ProfileError).
    pub async fn update_profile(
        &self,
        user: UserId,
        patch: ProfilePatch,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Profile>, CommandError> {
        let at = self.executor.now();
        let unit = Unit::new().on::<Profile>(user, UpdateProfile { user, patch, at }).if_match(if_match);
        let unit = match caller.user() {
            Some((actor, _)) if actor != user => {
                let by = acting_staff(&self.executor, caller).await?;
                on_person(&self.executor, unit, user, (by, at)).await?
            }
            Some(_) | None => unit,
        };
        self.executor.run_one(unit, caller).await
    }

    /// Clears what a profile says; who may follow and see it stays (C-39). Repeated, it changes nothing.
    ///
    /// # Errors
    /// As [`People::update_profile`].
    pub async fn reset_profile(
        &self,
        user: UserId,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Profile>, CommandError> {
        self.update_profile(user, ProfilePatch::reset(), if_match, caller).await
    }
}
