//! Settings of a person, on a stream with the id of the user (SET-01, SET-02).
//!
//! Nothing opens the stream: until the first choice everything is as by default, and so is what was taken back.

mod days;
mod error;
mod events;
mod extra;
mod fields;
mod state;
mod update;

pub use days::ZoneDays;
pub use error::SettingsError;
pub use events::*;
pub(crate) use extra::check as check_extra;
pub use extra::{Extra, ExtraPatch, MAX_EXTRA_BYTES, MAX_EXTRA_DEPTH};
pub use fields::{DEFAULT_LANGUAGE, DEFAULT_TIMEZONE, Settings, SettingsChanges, SettingsPatch};
pub use update::UpdateSettings;

use crate::{aggregate::aggregate, ids::UserId};

aggregate! {
    Settings = "settings", id UserId, error SettingsError;
    commands SettingsCommand { UpdateSettings }
    events SettingsEvent {
        SettingsUpdated = "settings_updated" "1",
    }
}
