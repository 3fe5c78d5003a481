//! A person chooses which badges to show first.

use super::{FeaturedBadgesChanged, Profile, ProfileError, ProfileEvent};
use crate::{
    aggregate::Decide,
    ids::{AwardId, UserId},
};
use chrono::{DateTime, Utc};

/// Puts these awards, in this order, in the place of those that were shown; the same ones change nothing.
///
/// That the person has them is read in the same append.
#[derive(Clone, Debug)]
pub struct FeatureBadges {
    pub user: UserId,
    /// At most [`FeatureBadges::MOST`], each once.
    pub awards: Vec<AwardId>,
    /// What was shown when this was decided: another choice made meanwhile is not lost.
    pub instead_of: Vec<AwardId>,
    pub at: DateTime<Utc>,
}

impl FeatureBadges {
    /// Badges in a showcase (BDG-20).
    pub const MOST: usize = 6;
}

impl Decide<Profile> for FeatureBadges {
    fn decide(&self, profile: &Profile) -> Result<Vec<ProfileEvent>, ProfileError> {
        if profile.created_at.is_none() || profile.user != self.user {
            return Err(ProfileError::NotCreated);
        }
        if profile.featured_badges != self.instead_of {
            return Err(ProfileError::ShowcaseChanged);
        }
        if self.awards.len() > Self::MOST {
            return Err(ProfileError::ShowcaseFull);
        }
        if profile.featured_badges == self.awards {
            return Ok(Vec::new());
        }
        let (user, awards) = (self.user, self.awards.clone());
        Ok(vec![FeaturedBadgesChanged { user, awards, changed_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::{super::create::tests::created, *};
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;
    use uuid::Uuid;

    fn awards(count: u128) -> Vec<AwardId> {
        (0..count).map(|n| AwardId::from_uuid(Uuid::from_u128(n))).collect()
    }

    fn feature(count: u128, instead_of: u128) -> FeatureBadges {
        FeatureBadges { user: jane(), awards: awards(count), instead_of: awards(instead_of), at: at(5) }
    }

    fn featured(count: u128) -> ProfileEvent {
        FeaturedBadgesChanged { user: jane(), awards: awards(count), changed_at: at(5) }.into()
    }

    #[test]
    fn badges_are_shown_in_the_order_of_the_person() {
        TestFramework::<Profile>::with(())
            .given(vec![created()])
            .when(feature(6, 0).into())
            .then_expect_events(vec![featured(6)]);
    }

    #[test]
    fn same_badges_change_nothing() {
        TestFramework::<Profile>::with(())
            .given(vec![created(), featured(2)])
            .when(feature(2, 2).into())
            .then_expect_events(vec![]);
    }

    #[test]
    fn seventh_badge_has_no_place() {
        TestFramework::<Profile>::with(())
            .given(vec![created()])
            .when(feature(7, 0).into())
            .then_expect_error(ProfileError::ShowcaseFull);
    }

    #[test]
    fn choice_that_another_one_overtook_is_made_again() {
        TestFramework::<Profile>::with(())
            .given(vec![created(), featured(1)])
            .when(feature(2, 0).into())
            .then_expect_error(ProfileError::ShowcaseChanged);
    }

    #[test]
    fn nobody_without_a_profile_shows_badges() {
        TestFramework::<Profile>::with(())
            .given_no_previous_events()
            .when(feature(1, 0).into())
            .then_expect_error(ProfileError::NotCreated);
    }
}
