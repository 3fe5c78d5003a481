//! One person's award of one badge, on a stream of their own: given, taken away, given again (BDG-02, BDG-14).
//!
//! An award keeps what the badge was when it was given, and what earned it: the events, by their positions.
//! What staff take away stays away until staff give it back.

mod award_badge;
mod error;
mod events;
mod lift;
mod note;
mod revoke;
mod state;

pub use award_badge::{AwardBadge, Completion};
pub use error::AwardError;
pub use events::*;
pub use lift::LiftRevocation;
pub use note::NoteAward;
pub use revoke::RevokeBadge;
pub use state::{Award, AwardStatus};

use crate::{aggregate::aggregate, ids::AwardId};

aggregate! {
    Award = "award", id AwardId, error AwardError;
    commands AwardCommand { AwardBadge, RevokeBadge, LiftRevocation, NoteAward }
    events AwardEvent {
        BadgeAwarded = "badge_awarded" "1",
        BadgeRevoked = "badge_revoked" "1",
        RevocationLifted = "revocation_lifted" "1",
        AwardNoted = "award_noted" "1",
    }
}
