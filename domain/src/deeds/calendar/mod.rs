//! Days of UTC that are over. Time enters the log here: what looks back over so many days reads no clock, but goes on
//! when a day is closed (ANL-02, TSK-02). A year is a stream, so that none grows for ever.

mod close_day;
mod error;
mod events;
mod state;

pub use close_day::CloseDay;
pub use error::CalendarError;
pub use events::*;
pub use state::Calendar;

use crate::{aggregate::aggregate, ids::CalendarId};

aggregate! {
    Calendar = "calendar", id CalendarId, error CalendarError;
    commands CalendarCommand { CloseDay }
    events CalendarEvent {
        DayClosed = "day_closed" "1",
    }
}
