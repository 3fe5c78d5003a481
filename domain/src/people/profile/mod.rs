//! The profile of a user: created with the account, on a stream of the same id.

mod create;
mod error;
mod events;
mod feature;
mod fields;
mod patch;
mod state;
mod update;

pub use crate::fields::{Change, Patch};
pub use create::CreateProfile;
pub use error::ProfileError;
pub use events::*;
pub use feature::FeatureBadges;
pub use fields::{Profile, ProfileChanges, ProfilePatch};
pub use update::UpdateProfile;

use crate::{aggregate::aggregate, ids::UserId};

aggregate! {
    Profile = "profile", id UserId, error ProfileError;
    commands ProfileCommand { CreateProfile, UpdateProfile, FeatureBadges }
    events ProfileEvent {
        ProfileCreated = "profile_created" "1",
        ProfileUpdated = "profile_updated" "1",
        ProfileCompleted = "profile_completed" "1",
        FeaturedBadgesChanged = "featured_badges_changed" "1",
    }
}
