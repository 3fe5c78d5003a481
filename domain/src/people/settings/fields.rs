//! What a person chooses, in the order of SET-01. Where one lives and what only clients know is sealed; switches are not.

use super::{Extra, ExtraPatch, days::ZoneDays};
use crate::{
    Personal,
    fields::{Change, fields},
    values::{LanguageTag, NotificationFrequency, ProfileVisibility, Theme, TimeZone},
};
use chrono::{DateTime, Utc};

/// As long as nothing else is chosen.
pub const DEFAULT_LANGUAGE: &str = "en";
/// As long as nothing else is chosen.
pub const DEFAULT_TIMEZONE: &str = "UTC";

fields! {
    /// What was chosen, or is so by default.
    state Settings {
        /// Of the last change; none before the first.
        updated_at: Option<DateTime<Utc>>,
        extra: Option<Personal<Extra>>,
        /// What day it is for the person, and was.
        days: ZoneDays,
    }
    /// One change of any number of settings; to clear one is to take the default again.
    patch SettingsPatch {
        extra: ExtraPatch,
    }
    /// The stored settings, each present only where it changed.
    changes SettingsChanges {
        /// What clients keep, whole.
        extra: Option<Change<Personal<Extra>>>,
    }
    required {}
    optional {
        // A tag of BCP 47; not set: `DEFAULT_LANGUAGE`.
        language: LanguageTag => Personal<String>,
        // A name of the IANA database; not set: `DEFAULT_TIMEZONE`.
        timezone: TimeZone => Personal<String>,
    }
    chosen {
        email_notifications: bool = true,
        sms_notifications: bool = false,
        push_notifications: bool = true,
        warranty_expiry_notifications: bool = true,
        maintenance_reminder_notifications: bool = true,
        notification_frequency: NotificationFrequency = NotificationFrequency::Immediate,
        profile_visibility: ProfileVisibility = ProfileVisibility::Public,
        theme: Theme = Theme::System,
        mature_content: bool = false,
        auto_play_videos: bool = true,
    }
}
