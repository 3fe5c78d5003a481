//! What is known of a day.

use super::ActivityEvent;
use crate::{aggregate::EventSourced, ids::ActivityId};
use serde::{Deserialize, Serialize};

/// One person's day. Nothing opens it: before its first event it is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// The person was there.
    pub(super) active: bool,
}

impl Activity {
    pub(super) const fn evolve(&mut self, event: &ActivityEvent) {
        match event {
            ActivityEvent::ActiveDayRecorded(_) => self.active = true,
        }
    }
}

impl EventSourced for Activity {
    type Id = ActivityId;

    const ALWAYS_THERE: bool = true;
}
