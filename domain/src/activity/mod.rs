//! What one person did on one of their own local days (C-22). A day is a stream, so that none grows for ever.

mod error;
mod events;
mod record_day;
mod state;

pub use error::ActivityError;
pub use events::*;
pub use record_day::RecordActiveDay;
pub use state::Activity;

use crate::{aggregate::aggregate, ids::ActivityId};

aggregate! {
    Activity = "activity", id ActivityId, error ActivityError;
    commands ActivityCommand { RecordActiveDay }
    events ActivityEvent { ActiveDayRecorded = "active_day_recorded" "1" }
}
