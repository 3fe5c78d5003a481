//! A person changes what was chosen, alone or together with the profile.

use super::People;
use crate::{Caller, CommandError, Done, Unit};
use domain::{
    UserId,
    profile::{Profile, ProfilePatch, UpdateProfile},
    settings::{Settings, SettingsPatch, UpdateSettings},
    user::User,
};

impl People {
    /// Changes settings; what is as it was adds no event. `if_match` is the version that the client has seen.
    ///
    /// # Errors
    /// [`CommandError::PreconditionFailed`] for another version, [`CommandError::Forbidden`] for another's settings,
    /// [`SettingsError`](domain::settings::SettingsError).
    pub async fn update_settings(
        &self,
        user: UserId,
        patch: SettingsPatch,
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Settings>, CommandError> {
        let update = UpdateSettings { user, patch, at: self.executor.now() };
        let unit = Unit::new().on::<Settings>(user, update).if_match(if_match);
        self.executor.run_one(unit, caller).await
    }

    /// Changes profile and settings, both or neither. `if_match` is the sum of the versions of account, profile and
    /// settings that the client has seen.
    ///
    /// # Errors
    /// As [`People::update_profile`] and [`People::update_settings`].
    pub async fn update_profile_and_settings(
        &self,
        user: UserId,
        (profile, settings): (ProfilePatch, SettingsPatch),
        if_match: Option<i64>,
        caller: &Caller,
    ) -> Result<Done<Profile>, CommandError> {
        let at = self.executor.now();
        let mut unit = Unit::new()
            .on::<Profile>(user, UpdateProfile { user, patch: profile, at })
            .on::<Settings>(user, UpdateSettings { user, patch: settings, at });
        if if_match.is_some() {
            unit = unit.reads::<User>(user, |_| Ok(())).if_all_match(if_match);
        }
        self.executor.run_one(unit, caller).await
    }
}
