//! Requested changes of a profile.

use super::{Profile, ProfileChanges, ProfileError, ProfilePatch};
use crate::{
    fields::Patch,
    ids::Subject,
    personal::Personal,
    values::{City, places},
};
use std::str::FromStr;

impl ProfilePatch {
    /// Clears what the person said and shows none of it (C-39). Who may see and follow stays as it was chosen, for a
    /// reset is not to open a private profile.
    pub fn reset() -> Self {
        Self { is_private: Patch::Keep, follow_policy: Patch::Keep, ..Self::all_cleared() }
    }

    /// With the city by the name that it has in the list of its country (PRO-08).
    ///
    /// The pair is looked at when it changes: one that was stored before there was a list stays until then. Without a
    /// country a city is any text.
    pub(super) fn located(&self, profile: &Profile) -> Result<Self, ProfileError> {
        let ProfileChanges { country, city, .. } = self.field_changes(profile, Subject::of(profile.user));
        let changes = country.is_some() || city.is_some();
        let country = after(&self.country, profile.country.as_ref());
        let city = after(&self.city, profile.city.as_ref());
        let (true, false, Some(country), Some(city)) = (changes, self.city_unlisted, country, city) else {
            return Ok(self.clone());
        };
        let listed = places::find_city(&country, city.as_str()).and_then(|name| City::parse(name).ok());
        let city = listed.ok_or(ProfileError::CityUnknown)?;
        Ok(Self { city: Patch::Set(city), ..self.clone() })
    }
}

/// What is there afterwards, as far as it can be read.
fn after<G: FromStr + Clone>(patch: &Patch<G>, now: Option<&Personal<String>>) -> Option<G> {
    match patch {
        Patch::Keep => now.and_then(Personal::known).and_then(|text| text.parse().ok()),
        Patch::Set(value) => Some(value.clone()),
        Patch::Clear => None,
    }
}
