//! A person changes what the profile says.

use super::{Patch, Profile, ProfileCompleted, ProfileError, ProfileEvent, ProfilePatch, ProfileUpdated};
use crate::{
    aggregate::Decide,
    ids::{Subject, UserId},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};

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
        let changes = self.patch.located(profile)?.field_changes(profile, Subject::of(self.user));
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let mut after = profile.clone();
        after.update(&changes);
        let mut events = vec![ProfileUpdated { user: self.user, changes, updated_at: self.at }.into()];
        if after.is_complete() && profile.completed_at.is_none() {
            events.push(ProfileCompleted { user: self.user, completed_at: self.at }.into());
        }
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Change, ProfileChanges, create::tests::created},
        *,
    };
    use crate::{
        fixtures::*,
        personal::Personal,
        values::{City, CountryCode, FullName, PostalAddress, Skills, WebUrl},
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

    fn place(country: &str, city: &str) -> ProfilePatch {
        ProfilePatch {
            country: Patch::Set(CountryCode::parse(country).unwrap()),
            city: Patch::Set(City::parse(city).unwrap()),
            ..ProfilePatch::default()
        }
    }

    fn placed(country: Option<&str>, city: Option<&str>) -> ProfileEvent {
        let set = |text: Option<&str>| text.map(|text| Change::Set(janes(text)));
        updated(ProfileChanges { country: set(country), city: set(city), ..ProfileChanges::default() })
    }

    #[test]
    fn city_is_stored_by_its_name_in_the_list_of_its_country() {
        for (given, patch, expected) in [
            (vec![created()], place("DE", " MÜNCHEN"), vec![placed(Some("DE"), Some("Munich"))]),
            (vec![created(), placed(Some("DE"), Some("Munich"))], place("DE", "Muenchen"), vec![]),
            (
                vec![created(), placed(None, Some("lisboa"))],
                ProfilePatch { city: Patch::Keep, ..place("PT", "x") },
                vec![placed(Some("PT"), Some("Lisbon"))],
            ),
            (
                vec![created()],
                ProfilePatch { country: Patch::Keep, ..place("DE", "Nowhere upon Sea") },
                vec![placed(None, Some("Nowhere upon Sea"))],
            ),
        ] {
            TestFramework::<Profile>::with(())
                .given(given)
                .when(update(patch).into())
                .then_expect_events(expected);
        }
    }

    #[test]
    fn city_of_another_country_is_refused_whichever_of_the_two_changes() {
        let munich = || vec![created(), placed(Some("DE"), Some("Munich"))];
        let there = ProfilePatch { city: Patch::Keep, ..place("FR", "x") };
        let other = ProfilePatch { country: Patch::Keep, ..place("FR", "Lyon") };
        for (given, patch) in [(vec![created()], place("FR", "Munich")), (munich(), there), (munich(), other)]
        {
            TestFramework::<Profile>::with(())
                .given(given)
                .when(update(patch).into())
                .then_expect_error(ProfileError::CityUnknown);
        }
    }

    #[test]
    fn village_that_is_not_listed_is_taken_at_its_persons_word_and_stays() {
        let village = || vec![created(), placed(Some("DE"), Some("Rom an der Elde"))];
        let said = ProfilePatch { city_unlisted: true, ..place("DE", "Rom an der Elde") };
        let shown = ProfilePatch { show_location: Patch::Set(true), ..place("DE", "Rom an der Elde") };
        let show = ProfileChanges { show_location: Some(Change::Set(true)), ..ProfileChanges::default() };

        for (given, patch, expected) in [
            (vec![created()], said, vec![placed(Some("DE"), Some("Rom an der Elde"))]),
            (village(), shown, vec![updated(show)]),
        ] {
            TestFramework::<Profile>::with(())
                .given(given)
                .when(update(patch).into())
                .then_expect_events(expected);
        }
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

    fn after(events: &[ProfileEvent]) -> Profile {
        events.iter().fold(Profile::default(), |mut profile, event| {
            profile.evolve(event);
            profile
        })
    }
}
