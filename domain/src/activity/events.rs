//! Days on which somebody was there. What they did besides is telemetry.

use crate::ids::UserId;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A person was there on this day. Written when it happens, and once: another time zone counts from then on only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActiveDayRecorded {
    pub user: UserId,
    /// In the time zone that the person had chosen then.
    pub day: NaiveDate,
    /// Of the first sign of life on this day.
    pub recorded_at: DateTime<Utc>,
}
