//! The last closed day of a year.

use super::CalendarEvent;
use crate::{aggregate::EventSourced, ids::CalendarId};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One year. Nothing opens it: before its first event all its days are open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The last day that is closed.
    pub(super) closed: Option<NaiveDate>,
}

impl Calendar {
    pub(super) fn evolve(&mut self, event: &CalendarEvent) {
        match event {
            CalendarEvent::DayClosed(e) => self.closed = self.closed.max(Some(e.day)),
        }
    }
}

impl EventSourced for Calendar {
    type Id = CalendarId;

    const ALWAYS_THERE: bool = true;
}
