//! Events of the calendar.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A day is over, and every earlier one with it: those on which nobody closed any are not made up for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayClosed {
    /// Of UTC.
    pub day: NaiveDate,
    pub closed_at: DateTime<Utc>,
}
