//! A person changes what the profile says.

use super::{
    Change, Profile, ProfileChanges, ProfileCompleted, ProfileError, ProfileEvent, ProfileUpdated,
    fields::{Storable, profile_fields},
};
use crate::{
    aggregate::Decide,
    ids::{Subject, UserId},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Deserializer};

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
    pub fn parsed<U: std::str::FromStr>(self) -> Result<Patch<U>, U::Err> {
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
        }

        impl ProfilePatch {
            /// Only what differs from the profile as it is.
            fn changes(&self, profile: &Profile, subject: Subject) -> ProfileChanges {
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
        }
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

/// Changes a profile; nothing that differs, no event. Its first completion is an event beside it (PRO-05).
#[derive(Clone, Debug)]
pub struct UpdateProfile {
    pub user: UserId,
    pub patch: ProfilePatch,
    pub at: DateTime<Utc>,
}

impl UpdateProfile {
    fn check_birth(&self) -> Result<(), ProfileError> {
        match self.patch.date_of_birth {
            Patch::Set(born) if born > self.latest_birth() => Err(ProfileError::BornInFuture),
            Patch::Set(born) if born.year() < 1900 => Err(ProfileError::BornTooEarly),
            Patch::Keep | Patch::Set(_) | Patch::Clear => Ok(()),
        }
    }

    /// Today, where today begins first (UTC+14).
    fn latest_birth(&self) -> NaiveDate {
        self.at
            .checked_add_signed(chrono::TimeDelta::hours(14))
            .map_or(NaiveDate::MAX, |there| there.date_naive())
    }
}

impl Decide<Profile> for UpdateProfile {
    fn decide(&self, profile: &Profile) -> Result<Vec<ProfileEvent>, ProfileError> {
        if profile.created_at.is_none() || profile.user != self.user {
            return Err(ProfileError::NotCreated);
        }
        self.check_birth()?;
        let changes = self.patch.changes(profile, Subject::of(self.user));
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let mut after = profile.clone();
        after.change(&changes);
        let mut events = vec![ProfileUpdated { user: self.user, changes, updated_at: self.at }.into()];
        if after.is_complete() && profile.completed_at.is_none() {
            events.push(ProfileCompleted { user: self.user, completed_at: self.at }.into());
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::create::tests::created, *};
    use crate::{
        fixtures::*,
        personal::Personal,
        values::{FullName, PostalAddress, Skills, WebUrl},
    };
    use cqrs_es::test::TestFramework;

    fn update(patch: ProfilePatch) -> UpdateProfile {
        UpdateProfile { user: jane(), patch, at: at(5) }
    }

    fn updated(changes: ProfileChanges) -> ProfileEvent {
        ProfileUpdated { user: jane(), changes, updated_at: at(5) }.into()
    }

    fn name(text: &str) -> Patch<FullName> {
        Patch::Set(FullName::parse(text).unwrap())
    }

    fn named(text: &str) -> ProfileChanges {
        ProfileChanges { full_name: Some(Change::Set(janes(text))), ..ProfileChanges::default() }
    }

    fn born(text: &str) -> UpdateProfile {
        update(ProfilePatch { date_of_birth: Patch::Set(text.parse().unwrap()), ..ProfilePatch::default() })
    }

    fn everything() -> ProfilePatch {
        ProfilePatch {
            full_name: name("Jane Doe"),
            date_of_birth: Patch::Set("1990-02-03".parse().unwrap()),
            address: Patch::Set(PostalAddress::parse("1 Main Street").unwrap()),
            avatar_url: Patch::Set(WebUrl::parse("https://example.com/a.png").unwrap()),
            ..ProfilePatch::default()
        }
    }

    #[test]
    fn only_what_differs_is_recorded() {
        let patch =
            ProfilePatch { full_name: name("Jane"), show_email: Patch::Set(true), ..Default::default() };
        let changes = ProfileChanges { show_email: Some(Change::Set(true)), ..Default::default() };

        TestFramework::<Profile>::with(())
            .given(vec![created(), updated(named("Jane"))])
            .when(update(patch).into())
            .then_expect_events(vec![updated(changes)]);
    }

    #[test]
    fn nothing_changed_is_no_event() {
        let patch = ProfilePatch {
            full_name: name("Jane"),
            bio: Patch::Clear,
            is_private: Patch::Set(false),
            show_phone: Patch::Clear,
            ..Default::default()
        };

        TestFramework::<Profile>::with(())
            .given(vec![created(), updated(named("Jane"))])
            .when(update(patch).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn clearing_is_recorded_as_such() {
        let patch = ProfilePatch { full_name: Patch::Clear, ..Default::default() };
        let changes = ProfileChanges { full_name: Some(Change::Cleared), ..Default::default() };

        TestFramework::<Profile>::with(())
            .given(vec![created(), updated(named("Jane"))])
            .when(update(patch).into())
            .then_expect_events(vec![updated(changes)]);
    }

    #[test]
    fn completes_once() {
        let events = update(everything()).decide(&after(&[created()])).unwrap();
        let completed = ProfileEvent::from(ProfileCompleted { user: jane(), completed_at: at(5) });
        assert_eq!(events.last(), Some(&completed));

        let incomplete =
            updated(ProfileChanges { address: Some(Change::Cleared), ..ProfileChanges::default() });
        let history = [vec![created()], events, vec![incomplete]].concat();
        let again = update(everything()).decide(&after(&history)).unwrap();

        assert_eq!(again.len(), 1, "{again:?}");
    }

    #[test]
    fn reset_clears_what_was_said_and_opens_nothing() {
        let private = ProfilePatch {
            is_private: Patch::Set(true),
            show_email: Patch::Set(true),
            follow_policy: Patch::Set(crate::values::FollowPolicy::Nobody),
            ..everything()
        };
        let events = update(private).decide(&after(&[created()])).unwrap();
        let full = after(&[vec![created()], events].concat());

        let events = update(ProfilePatch::reset()).decide(&full).unwrap();

        let mut history = full;
        events.iter().for_each(|event| history.evolve(event));
        let kept = Profile {
            created_at: history.created_at,
            user: jane(),
            completed_at: history.completed_at,
            is_private: Some(true),
            follow_policy: Some(crate::values::FollowPolicy::Nobody),
            ..Profile::default()
        };
        assert_eq!(history, kept);
        assert_eq!(update(ProfilePatch::reset()).decide(&history).unwrap(), []);
    }

    #[test]
    fn skills_keep_their_order() {
        let skills = Skills::parse(&["SQL", "Rust"]).unwrap();
        let stored = Personal::new(Subject::of(jane()), vec!["SQL".to_owned(), "Rust".to_owned()]);
        let changes = ProfileChanges { skills: Some(Change::Set(stored)), ..ProfileChanges::default() };

        TestFramework::<Profile>::with(())
            .given(vec![created()])
            .when(update(ProfilePatch { skills: Patch::Set(skills), ..ProfilePatch::default() }).into())
            .then_expect_events(vec![updated(changes)]);
    }

    #[test]
    fn nobody_is_born_tomorrow_or_before_1900() {
        for (date, error) in
            [("2026-01-02", ProfileError::BornInFuture), ("1899-12-31", ProfileError::BornTooEarly)]
        {
            TestFramework::<Profile>::with(())
                .given(vec![created()])
                .when(born(date).into())
                .then_expect_error(error);
        }
    }

    #[test]
    fn refuses_a_profile_that_is_not_there() {
        TestFramework::<Profile>::with(())
            .given_no_previous_events()
            .when(update(ProfilePatch::default()).into())
            .then_expect_error(ProfileError::NotCreated);
    }

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

    fn after(events: &[ProfileEvent]) -> Profile {
        events.iter().fold(Profile::default(), |mut profile, event| {
            profile.evolve(event);
            profile
        })
    }
}
