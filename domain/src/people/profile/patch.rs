//! What a person asks to have changed of a profile.

use super::{
    Change, Profile, ProfileChanges, ProfileError,
    fields::{Storable, profile_fields},
};
use crate::{
    ids::Subject,
    personal::Personal,
    values::{City, places},
};
use serde::{Deserialize, Deserializer};
use std::str::FromStr;

/// What to do with a field. In JSON: absent keeps, null clears, a value sets; mark it `#[serde(default)]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Keep,
    Set(T),
    Clear,
}

impl<T> Patch<T> {
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Converts the value to set, which may be refused.
    pub fn try_map<U, E>(self, convert: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        Ok(match self {
            Self::Keep => Patch::Keep,
            Self::Set(value) => Patch::Set(convert(value)?),
            Self::Clear => Patch::Clear,
        })
    }
}

impl Patch<String> {
    /// Parses the text to set; a blank one clears, as forms send it.
    pub fn parsed<U: FromStr>(self) -> Result<Patch<U>, U::Err> {
        match self {
            Self::Set(text) if text.trim().is_empty() => Ok(Patch::Clear),
            other => other.try_map(|text| text.parse()),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

macro_rules! profile_patch {
    ($($field:ident: $given:ty => $stored:ty,)*) => {
        /// One change of any number of fields.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct ProfilePatch {
            $(pub $field: Patch<$given>,)*
            /// The city is in its country, and on no list of its cities (PRO-08).
            pub city_unlisted: bool,
        }

        impl ProfilePatch {
            /// Only what differs from the profile as it is.
            pub(super) fn changes(&self, profile: &Profile, subject: Subject) -> ProfileChanges {
                ProfileChanges {
                    $($field: change(&self.$field, profile.$field.as_ref(), subject),)*
                }
            }
        }
    };
}

profile_fields!(profile_patch);

impl ProfilePatch {
    /// Clears what the person said and shows none of it (C-39). Who may see and follow stays as it was chosen, for a
    /// reset is not to open a private profile.
    pub fn reset() -> Self {
        Self {
            full_name: Patch::Clear,
            title: Patch::Clear,
            bio: Patch::Clear,
            date_of_birth: Patch::Clear,
            address: Patch::Clear,
            phone_number: Patch::Clear,
            avatar_url: Patch::Clear,
            cover_media: Patch::Clear,
            cover_media_type: Patch::Clear,
            country: Patch::Clear,
            city: Patch::Clear,
            skills: Patch::Clear,
            is_private: Patch::Keep,
            follow_policy: Patch::Keep,
            show_email: Patch::Clear,
            show_phone: Patch::Clear,
            show_location: Patch::Clear,
            city_unlisted: false,
        }
    }
}

impl ProfilePatch {
    /// With the city by the name that it has in the list of its country (PRO-08).
    ///
    /// The pair is looked at when it changes: one that was stored before there was a list stays until then. Without a
    /// country a city is any text.
    pub(super) fn located(&self, profile: &Profile) -> Result<Self, ProfileError> {
        let ProfileChanges { country, city, .. } = self.changes(profile, Subject::of(profile.user));
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

fn change<G: Storable>(
    patch: &Patch<G>,
    now: Option<&G::Stored>,
    subject: Subject,
) -> Option<Change<G::Stored>> {
    match patch {
        Patch::Set(value) if !value.is_held(now) => Some(Change::Set(value.store(subject))),
        Patch::Clear if !G::is_clear(now) => Some(Change::Cleared),
        Patch::Keep | Patch::Set(_) | Patch::Clear => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_null_and_value_are_three_things() {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            bio: Patch<String>,
        }
        let read = |text| serde_json::from_str::<Body>(text).unwrap().bio;

        assert_eq!(read("{}"), Patch::Keep);
        assert_eq!(read(r#"{"bio": null}"#), Patch::Clear);
        assert_eq!(read(r#"{"bio": "x"}"#), Patch::Set("x".to_owned()));
    }
}
