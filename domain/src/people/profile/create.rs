//! A profile comes with its account.

use super::{Profile, ProfileCreated, ProfileError, ProfileEvent};
use crate::{aggregate::Decide, ids::UserId};
use chrono::{DateTime, Utc};

/// Creates the empty profile; one that is there stays as it is (PRO-02).
#[derive(Clone, Debug)]
pub struct CreateProfile {
    pub user: UserId,
    pub at: DateTime<Utc>,
}

impl Decide<Profile> for CreateProfile {
    fn decide(&self, profile: &Profile) -> Result<Vec<ProfileEvent>, ProfileError> {
        if profile.created_at.is_some() {
            return Ok(Vec::new());
        }
        Ok(vec![ProfileCreated { user: self.user, created_at: self.at }.into()])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::fixtures::*;
    use cqrs_es::test::TestFramework;

    pub fn created() -> ProfileEvent {
        ProfileCreated { user: jane(), created_at: at(0) }.into()
    }

    #[test]
    fn creates_once() {
        TestFramework::<Profile>::with(())
            .given_no_previous_events()
            .when(CreateProfile { user: jane(), at: at(0) }.into())
            .then_expect_events(vec![created()]);
    }

    #[test]
    fn creating_again_changes_nothing() {
        TestFramework::<Profile>::with(())
            .given(vec![created()])
            .when(CreateProfile { user: jane(), at: at(5) }.into())
            .then_expect_events(vec![]);
    }
}
