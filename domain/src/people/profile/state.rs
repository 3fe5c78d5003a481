//! The profile as its events have made it, and what follows from it.

use super::{Profile, ProfileEvent};
use crate::{aggregate::EventSourced, ids::UserId, personal::Personal, values::FollowPolicy};

impl Profile {
    pub(super) fn evolve(&mut self, event: &ProfileEvent) {
        match event {
            ProfileEvent::ProfileCreated(e) => {
                self.user = e.user;
                self.created_at = Some(e.created_at);
            }
            ProfileEvent::ProfileUpdated(e) => self.update(&e.changes),
            ProfileEvent::ProfileCompleted(e) => self.completed_at = Some(e.completed_at),
            ProfileEvent::FeaturedBadgesChanged(e) => self.featured_badges.clone_from(&e.awards),
        }
    }

    /// The full name, or else the username (PRO-04).
    pub fn display_name<'a>(&'a self, username: &'a str) -> &'a str {
        known(self.full_name.as_ref()).unwrap_or(username)
    }

    /// `city, country`, or the one that is known; none unless `show_location` is on (PRO-04).
    pub fn location(&self) -> Option<String> {
        if self.show_location != Some(true) {
            return None;
        }
        match (known(self.city.as_ref()), known(self.country.as_ref())) {
            (Some(city), Some(country)) => Some(format!("{city}, {country}")),
            (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
            (None, None) => None,
        }
    }

    /// Who may follow this person: as chosen, or else whom they accept if the profile is private, or else anyone.
    pub fn follow_policy(&self) -> FollowPolicy {
        self.follow_policy.unwrap_or(match self.is_private {
            Some(true) => FollowPolicy::Approve,
            Some(false) | None => FollowPolicy::Anyone,
        })
    }

    /// Full name, date of birth, address and avatar are set (PRO-05).
    pub const fn is_complete(&self) -> bool {
        self.full_name.is_some()
            && self.date_of_birth.is_some()
            && self.address.is_some()
            && self.avatar_url.is_some()
    }
}

fn known(value: Option<&Personal<String>>) -> Option<&str> {
    value.and_then(Personal::known).map(String::as_str)
}

impl EventSourced for Profile {
    type Id = UserId;

    fn owner(&self, id: UserId) -> Option<UserId> {
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::*;

    #[test]
    fn is_shown_under_the_full_name_or_else_the_username() {
        let named = Profile { full_name: Some(janes("Jane Doe")), ..Profile::default() };

        assert_eq!(named.display_name("jane"), "Jane Doe");
        assert_eq!(Profile::default().display_name("jane"), "jane");
    }

    #[test]
    fn private_profile_approves_its_followers_unless_it_says_otherwise() {
        let private = Profile { is_private: Some(true), ..Profile::default() };
        let open = Profile { follow_policy: Some(FollowPolicy::Anyone), ..private.clone() };
        let closed = Profile { follow_policy: Some(FollowPolicy::Nobody), ..Profile::default() };

        assert_eq!(Profile::default().follow_policy(), FollowPolicy::Anyone);
        assert_eq!(private.follow_policy(), FollowPolicy::Approve);
        assert_eq!(open.follow_policy(), FollowPolicy::Anyone);
        assert_eq!(closed.follow_policy(), FollowPolicy::Nobody);
    }

    #[test]
    fn location_is_shown_only_where_its_owner_wants_it() {
        let place = Profile { city: Some(janes("Ulm")), country: Some(janes("DE")), ..Profile::default() };
        let shown = Profile { show_location: Some(true), ..place.clone() };

        assert_eq!(place.location(), None);
        assert_eq!(shown.location().as_deref(), Some("Ulm, DE"));
        assert_eq!(Profile { country: None, ..shown }.location().as_deref(), Some("Ulm"));
    }
}
