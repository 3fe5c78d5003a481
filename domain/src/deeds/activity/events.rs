//! Events of activity: what people did, and on which of their days they were active. Everything else is telemetry.

use super::ActivityKind;
use crate::{
    badge::criteria::Quality,
    ids::{DeedId, ObjectId, UserId},
    personal::Personal,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A person was there on this day. Written when it happens, and once: another time zone counts from then on only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActiveDayRecorded {
    pub user: UserId,
    /// In the time zone that the person had chosen then.
    pub day: NaiveDate,
    /// Of the first sign of life on this day.
    pub recorded_at: DateTime<Utc>,
}

/// What is said of a deed, and again of its reversal, so that nobody who counts has to look it up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deed {
    pub id: DeedId,
    pub user: UserId,
    pub kind: ActivityKind,
    /// In the time zone that the person had chosen when it was recorded.
    pub day: NaiveDate,
    /// What was liked, written, shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectId>,
    /// Whose that is, if it is somebody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// False beyond the caps of its kind (BDG-22), and for praise of one's own things.
    pub counted: bool,
}

/// A person did something, as a content service or the person says (C-40, C-41).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityRecorded {
    #[serde(flatten)]
    pub deed: Deed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Personal<String>>,
    /// The sender's own, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Personal<Map<String, Value>>>,
    pub occurred_at: DateTime<Utc>,
    pub recorded_at: DateTime<Utc>,
}

/// A deed is taken back. It stays in the history, and counts no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityReversed {
    /// What was done, as it was recorded.
    #[serde(flatten)]
    pub deed: Deed,
    pub reversed_at: DateTime<Utc>,
}
