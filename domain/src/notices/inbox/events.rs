//! Events of reading notifications. Ids and positions only: nothing is personal.

use crate::ids::{EventId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One notification was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotificationRead {
    pub user: UserId,
    /// The event that it tells of.
    pub notification: EventId,
    /// Of that event.
    pub position: u64,
    pub read_at: DateTime<Utc>,
}

/// Everything up to a position was read, that included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotificationsRead {
    pub user: UserId,
    pub through: u64,
    pub read_at: DateTime<Utc>,
}
