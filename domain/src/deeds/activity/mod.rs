//! What one person did on one of their own local days (C-22, C-41, EVT-01). A day is a stream, so that none grows for
//! ever: caps are decided here, and a day holds at most [`MAX_DEEDS`] deeds.

mod error;
mod events;
mod kind;
mod record_activity;
mod record_day;
mod reverse_activity;
mod state;

pub use error::ActivityError;
pub use events::*;
pub use kind::{ActivityKind, Caps};
pub use record_activity::RecordActivity;
pub use record_day::RecordActiveDay;
pub use reverse_activity::ReverseActivity;
pub use state::{Activity, MAX_DEEDS};

use crate::{aggregate::aggregate, ids::ActivityId, settings};
use serde_json::{Map, Value};

aggregate! {
    Activity = "activity", id ActivityId, error ActivityError;
    commands ActivityCommand { RecordActiveDay, RecordActivity, ReverseActivity }
    events ActivityEvent {
        ActiveDayRecorded = "active_day_recorded" "1",
        ActivityRecorded = "activity_recorded" "1",
        ActivityReversed = "activity_reversed" "1",
    }
}

/// What a sender keeps with a deed, within the bounds of what clients keep with settings.
///
/// # Errors
/// [`ActivityError::MetadataUnfit`].
pub fn check_metadata(members: &Map<String, Value>) -> Result<(), ActivityError> {
    settings::check_extra(members).map_err(|_| ActivityError::MetadataUnfit)
}
