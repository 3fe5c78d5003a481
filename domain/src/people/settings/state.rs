//! The settings as their events have made them.

use super::{DEFAULT_LANGUAGE, DEFAULT_TIMEZONE, Extra, Settings, SettingsChanges, SettingsEvent};
use crate::{aggregate::EventSourced, ids::UserId, personal::Personal};
use chrono::{DateTime, NaiveDate, Utc};

impl Settings {
    /// Makes the changes of an event; for a read model too, so that defaults are written down once.
    pub fn change(&mut self, changes: &SettingsChanges, at: DateTime<Utc>) {
        self.update(changes);
        if changes.timezone.is_some() {
            self.days.change(self.timezone.clone(), at);
        }
        if let Some(extra) = &changes.extra {
            self.extra = extra.held();
        }
        self.updated_at = Some(at);
    }

    pub(super) fn evolve(&mut self, event: &SettingsEvent) {
        match event {
            SettingsEvent::SettingsUpdated(e) => self.change(&e.changes, e.updated_at),
        }
    }

    /// What cannot be read is as by default.
    pub fn language(&self) -> &str {
        self.language.as_ref().and_then(Personal::known).map_or(DEFAULT_LANGUAGE, String::as_str)
    }

    /// What cannot be read is as by default.
    pub fn timezone(&self) -> &str {
        self.timezone.as_ref().and_then(Personal::known).map_or(DEFAULT_TIMEZONE, String::as_str)
    }

    /// The person's own day at a time, by the zone that counted then: a change of the zone counts from the next day on.
    pub fn day_at(&self, at: DateTime<Utc>) -> NaiveDate {
        self.days.at(at)
    }

    /// None where nothing is kept, or it cannot be read.
    pub fn extra(&self) -> Option<&Extra> {
        self.extra.as_ref().and_then(Personal::known)
    }
}

impl EventSourced for Settings {
    type Id = UserId;

    const ALWAYS_THERE: bool = true;

    fn owner(&self, id: UserId) -> Option<UserId> {
        Some(id)
    }
}
