//! People as others see them: profiles, accounts, the social graph and telemetry, read together.
//!
//! [`Person::sight`] is the only rule of who sees how much of whom (PRO-06); `shows_all` in `list` is its search form.
//! There are no tables here: each table belongs to its projection.

mod find;
mod list;
pub mod profile_pages;
pub mod user_settings;

pub(crate) use find::PeopleReader;
pub use list::{AccountFilter, PeopleFilter};

use crate::{
    accounts::query::Account, profile_pages::query::ProfilePage, social_graph::query::FollowCounts,
    user_settings::query::SettingsRow,
};
use chrono::{DateTime, Utc};
use domain::{
    UserId,
    values::{FollowStatus, ProfileVisibility},
};
use serde::Deserialize;

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub user: UserId,
    /// Owner or admin by role, by now.
    pub is_staff: bool,
    /// Whoever is suspended at this time is not there.
    pub now: DateTime<Utc>,
}

/// How much of a person somebody sees, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// Who it is, and no more: a private profile for whoever does not follow it.
    Card,
    /// What the person shows to others.
    Profile,
    /// All that is stored: for the person and for staff.
    Everything,
}

/// A person, and how the viewer stands to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub page: ProfilePage,
    /// The address of the page is one that the person has proven to have.
    pub email_verified: bool,
    pub counts: FollowCounts,
    /// Of the viewer's follow of the person, if it is not over.
    pub follow: Option<FollowStatus>,
    /// The person is an accepted follower of the viewer.
    pub follows_viewer: bool,
    /// The viewer has muted the person.
    pub is_muted: bool,
    /// One of the two blocks the other.
    pub apart: bool,
    /// What their deeds come to; none if they never did anything that counts.
    pub deeds: Option<Deeds>,
    /// What the badges that they have come to (C-19).
    pub badge_points: i64,
    /// To whom the person shows the profile, as chosen in the settings (SET-01).
    pub visibility: ProfileVisibility,
    /// The latest request of any of their sessions that a node has written down, which it does once a minute.
    pub last_active: Option<DateTime<Utc>>,
}

/// What somebody's deeds come to (PRO-03). Scores look back over thirty days from the last deed or the last day that was
/// closed, and what compares people with each other is as of that day (ANL-02).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deeds {
    pub posts_count: i64,
    /// 0 to 100.
    pub engagement_score: i64,
    pub interaction_frequency: i64,
    /// 0 to 100; none before the third post or review.
    pub content_quality_score: Option<i64>,
}

impl Person {
    /// What the viewer may see of this person; none: there is no such person for them.
    pub fn sight(&self, viewer: Viewer) -> Option<Sight> {
        if viewer.is_staff || viewer.user == self.page.user_id {
            return Some(Sight::Everything);
        }
        if self.apart || self.page.username.is_none() || self.page.is_hidden(viewer.now) {
            return None;
        }
        let follows = self.follow == Some(FollowStatus::Accepted);
        let whole = match self.visibility {
            ProfileVisibility::Public => follows || !self.page.is_private,
            ProfileVisibility::Followers => follows,
            ProfileVisibility::Private => false,
        };
        Some(if whole { Sight::Profile } else { Sight::Card })
    }
}

/// An account with its profile, for staff.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct AccountRow {
    pub account: Account,
    pub page: Option<ProfilePage>,
    /// None: nothing was chosen.
    pub settings: Option<SettingsRow>,
    /// Its last request, up to a minute late (MW-01); none: nothing is known of any.
    pub last_active: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::values::Role;
    use uuid::Uuid;

    fn id(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_767_225_600 + second, 0).unwrap()
    }

    fn person() -> Person {
        let (user_id, at) = (id(1), at(0));
        let page = ProfilePage {
            user_id,
            username: Some("jane".to_owned()),
            email: None,
            is_verified: true,
            role: Role::Normal,
            full_name: None,
            title: None,
            bio: None,
            date_of_birth: None,
            address: None,
            phone_number: None,
            avatar_url: None,
            cover_media: None,
            cover_media_type: None,
            country: None,
            city: None,
            skills: Vec::new(),
            is_private: false,
            follow_policy: None,
            show_email: false,
            show_phone: false,
            show_location: false,
            is_profile_complete: false,
            suspended_at: None,
            suspended_until: None,
            is_leaving: false,
            created_at: at,
            updated_at: at,
            version: 1,
        };
        Person {
            page,
            email_verified: true,
            counts: FollowCounts { user_id, follower_count: 0, following_count: 0 },
            follow: None,
            follows_viewer: false,
            is_muted: false,
            apart: false,
            deeds: None,
            badge_points: 0,
            visibility: ProfileVisibility::Public,
            last_active: None,
        }
    }

    fn private(follow: Option<FollowStatus>) -> Person {
        let page = ProfilePage { is_private: true, ..person().page };
        Person { page, follow, ..person() }
    }

    const STRANGER: u128 = 2;

    fn sight(person: &Person, viewer: u128, is_staff: bool) -> Option<Sight> {
        person.sight(Viewer { user: id(viewer), is_staff, now: at(50) })
    }

    #[test]
    fn public_profile_is_for_all_and_a_private_one_for_accepted_followers() {
        assert_eq!(sight(&person(), STRANGER, false), Some(Sight::Profile));
        assert_eq!(sight(&private(Some(FollowStatus::Accepted)), STRANGER, false), Some(Sight::Profile));
        for follow in [None, Some(FollowStatus::Pending), Some(FollowStatus::Rejected)] {
            assert_eq!(sight(&private(follow), STRANGER, false), Some(Sight::Card), "{follow:?}");
        }
    }

    #[test]
    fn chosen_visibility_narrows_what_the_profile_allows() {
        for (visibility, of_public, of_followed) in [
            (ProfileVisibility::Public, Sight::Profile, Sight::Profile),
            (ProfileVisibility::Followers, Sight::Card, Sight::Profile),
            (ProfileVisibility::Private, Sight::Card, Sight::Card),
        ] {
            let public = Person { visibility, ..person() };
            let followed = Person { visibility, ..private(Some(FollowStatus::Accepted)) };
            assert_eq!(sight(&public, STRANGER, false), Some(of_public), "{visibility:?}");
            assert_eq!(sight(&followed, STRANGER, false), Some(of_followed), "{visibility:?}");
        }
    }

    #[test]
    fn person_and_staff_see_everything() {
        let apart = Person { apart: true, ..private(None) };

        for (viewer, is_staff) in [(1, false), (STRANGER, true)] {
            assert_eq!(sight(&apart, viewer, is_staff), Some(Sight::Everything));
        }
    }

    #[test]
    fn suspended_and_leaving_people_are_not_there_until_it_is_over() {
        let suspended =
            |until| ProfilePage { suspended_at: Some(at(1)), suspended_until: until, ..person().page };
        for (page, seen) in [
            (ProfilePage { is_leaving: true, ..person().page }, false),
            (suspended(None), false),
            (suspended(Some(at(51))), false),
            (suspended(Some(at(50))), true),
        ] {
            let person = Person { page, ..person() };
            assert_eq!(sight(&person, STRANGER, false).is_some(), seen);
            assert_eq!(sight(&person, STRANGER, true), Some(Sight::Everything));
        }
    }

    #[test]
    fn blocked_and_erased_people_are_not_there() {
        let apart = Person { apart: true, ..private(Some(FollowStatus::Accepted)) };
        let erased = Person { page: ProfilePage { username: None, ..person().page }, ..person() };

        for absent in [apart, erased] {
            assert_eq!(sight(&absent, STRANGER, false), None);
        }
    }
}
