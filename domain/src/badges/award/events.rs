//! Events of an award. Each names person and badge, so that one event is enough to act on.

use crate::{
    badge::criteria::Progress,
    ids::{BadgeId, UserId},
    personal::Personal,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person has a badge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeAwarded {
    pub user: UserId,
    pub badge: BadgeId,
    /// From 1; higher where it was taken away and is given again.
    pub ordinal: u32,
    /// Of the badge's criterion.
    pub badge_version: u32,
    /// Of the badge, as it was.
    pub name: String,
    /// Of the badge, as they were: what the person gets.
    pub points: u32,
    /// When the badge was defined: later than it was earned where it was earned in retrospect.
    pub defined_at: DateTime<Utc>,
    pub awarded_by: Awarder,
    /// When the event that completed the criterion happened; for a gift, when it was given.
    pub earned_at: DateTime<Utc>,
    /// Position of that event; none for a gift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_by: Option<u64>,
    /// Positions of the events that made it so, ascending: the last of them, where there are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<u64>,
    /// How many there were in all.
    pub evidence_total: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// The awarder's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Personal<String>>,
    pub awarded_at: DateTime<Utc>,
}

/// Staff took it away. That the person had it stays known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeRevoked {
    pub user: UserId,
    pub badge: BadgeId,
    /// Of the award that is over.
    pub ordinal: u32,
    /// What the person loses.
    pub points: u32,
    /// A member of staff.
    pub by: UserId,
    pub reason: Personal<String>,
    pub revoked_at: DateTime<Utc>,
}

/// The person can earn it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevocationLifted {
    pub user: UserId,
    pub badge: BadgeId,
    /// A member of staff.
    pub by: UserId,
    pub lifted_at: DateTime<Utc>,
}

/// What staff remark on it: in place of what was there before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AwardNoted {
    pub user: UserId,
    pub badge: BadgeId,
    /// A member of staff.
    pub by: UserId,
    /// None takes it away.
    pub notes: Option<Personal<String>>,
    pub noted_at: DateTime<Utc>,
}

/// Who gives a badge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awarder {
    /// The program, because the criterion holds; or its operator.
    System,
    /// A member of staff.
    Staff(UserId),
    /// The operator's program of this name.
    Service(String),
}
