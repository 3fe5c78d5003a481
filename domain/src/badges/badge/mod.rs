//! The definition of a badge: what it looks like, what it is worth, and what it takes (BDG-01).
//!
//! What it takes is in [`criteria`]; who has it is told by [`crate::award`]. Definitions hold nothing personal.

mod activate;
pub mod catalogue;
pub mod criteria;
mod define;
mod error;
mod events;
mod fields;
mod retire;
mod revise;
mod state;

pub use activate::ActivateBadge;
pub use define::DefineBadge;
pub use error::BadgeError;
pub use events::*;
pub use fields::{BadgeChanges, BadgeDetails, BadgePatch, NewBadge};
pub use retire::RetireBadge;
pub use revise::ReviseBadge;
pub use state::{Availability, Badge, BadgeStatus, Offer};

use crate::{aggregate::aggregate, ids::BadgeId};

aggregate! {
    Badge = "badge", id BadgeId, error BadgeError;
    commands BadgeCommand { DefineBadge, ReviseBadge, ActivateBadge, RetireBadge }
    events BadgeEvent {
        BadgeDefined = "badge_defined" "1",
        BadgeRevised = "badge_revised" "1",
        BadgeActivated = "badge_activated" "1",
        BadgeRetired = "badge_retired" "1",
    }
}
