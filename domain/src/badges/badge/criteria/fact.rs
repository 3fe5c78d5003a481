//! A fact: what one event says about one person. An evaluation sees nothing else.

use super::words::{Action, Quality};
use crate::ids::ObjectId;
use chrono::{DateTime, NaiveDate, Utc};

/// A fact about one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Of the event, in the log.
    pub position: u64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// On the person's own calendar then. Where something is taken back, the day of what is taken back.
    /// Never one that had not begun anywhere when the event was recorded: whoever makes facts sees to it, for the latest
    /// day is where every window ends.
    pub day: NaiveDate,
    pub what: FactKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A deed of theirs, or that it is taken back: then with the quality that it had.
    Did { action: Action, quality: Option<Quality>, undone: bool },
    /// Somebody else's deed on something of theirs, or that it is taken back.
    Received { action: Action, object: ObjectId, undone: bool },
    /// One follower more or, on the day on which that one had come, one less.
    Followers { gained: bool },
    /// The person's ordinal among all registrations; 1 is the first.
    Registered { ordinal: u64 },
    /// Whether they are moderator, admin or owner from now on.
    Moderates(bool),
    /// Whether they are verified from now on.
    Verified(bool),
    /// Whether their profile is complete from now on.
    ProfileComplete(bool),
}

/// What facts have in common that move the same criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trigger {
    Did(Action),
    Received(Action),
    Followers,
    Registered,
    Moderates,
    Verified,
    ProfileComplete,
}

impl FactKind {
    pub const fn trigger(&self) -> Trigger {
        match self {
            Self::Did { action, .. } => Trigger::Did(*action),
            Self::Received { action, .. } => Trigger::Received(*action),
            Self::Followers { .. } => Trigger::Followers,
            Self::Registered { .. } => Trigger::Registered,
            Self::Moderates(_) => Trigger::Moderates,
            Self::Verified(_) => Trigger::Verified,
            Self::ProfileComplete(_) => Trigger::ProfileComplete,
        }
    }
}
