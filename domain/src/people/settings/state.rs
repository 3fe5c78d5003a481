//! The settings as their events have made them.

use super::{
    DEFAULT_LANGUAGE, DEFAULT_TIMEZONE, Extra, SettingsChanges, SettingsEvent, days::ZoneDays,
    fields::choices,
};
use crate::{aggregate::EventSourced, ids::UserId, personal::Personal, profile::Change};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

macro_rules! settings_state {
    ($($field:ident: $type:ty = $default:expr,)*) => {
        /// What was chosen, or is so by default.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct Settings {
            /// Of the last change; none before the first.
            pub updated_at: Option<DateTime<Utc>>,
            $(pub $field: $type,)*
            /// None: [`DEFAULT_LANGUAGE`].
            pub language: Option<Personal<String>>,
            /// None: [`DEFAULT_TIMEZONE`].
            pub timezone: Option<Personal<String>>,
            pub extra: Option<Personal<Extra>>,
            /// What day it is for the person, and was.
            pub days: ZoneDays,
        }

        impl Default for Settings {
            fn default() -> Self {
                Self {
                    updated_at: None,
                    $($field: $default,)*
                    language: None,
                    timezone: None,
                    extra: None,
                    days: ZoneDays::default(),
                }
            }
        }

        impl Settings {
            /// Makes the changes of an update; for a read model too, so that defaults are written down once.
            pub fn change(&mut self, changes: &SettingsChanges, at: DateTime<Utc>) {
                $(match &changes.$field {
                    Some(Change::Set(value)) => self.$field = *value,
                    Some(Change::Cleared) => self.$field = $default,
                    None => {}
                })*
                replace(&mut self.language, changes.language.as_ref());
                replace(&mut self.timezone, changes.timezone.as_ref());
                if changes.timezone.is_some() {
                    self.days.change(self.timezone.clone(), at);
                }
                replace(&mut self.extra, changes.extra.as_ref());
                self.updated_at = Some(at);
            }
        }
    };
}

choices!(settings_state);

fn replace<T: Clone>(field: &mut Option<T>, change: Option<&Change<T>>) {
    match change {
        Some(Change::Set(value)) => *field = Some(value.clone()),
        Some(Change::Cleared) => *field = None,
        None => {}
    }
}

impl Settings {
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
