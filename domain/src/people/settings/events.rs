//! What a person chose. Where one lives and what only clients know is sealed; switches are not.

use super::{Extra, fields::choices};
use crate::{ids::UserId, personal::Personal, profile::Change};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Only what changed is present; what was taken back is as by default again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsUpdated {
    pub user: UserId,
    #[serde(flatten)]
    pub changes: SettingsChanges,
    pub updated_at: DateTime<Utc>,
}

macro_rules! settings_changes {
    ($($field:ident: $type:ty = $default:expr,)*) => {
        /// The stored settings, each present only where it changed.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct SettingsChanges {
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<Change<$type>>,)*
            /// A tag of BCP 47.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub language: Option<Change<Personal<String>>>,
            /// A name of the IANA database.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub timezone: Option<Change<Personal<String>>>,
            /// What clients keep, whole.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub extra: Option<Change<Personal<Extra>>>,
        }

        impl SettingsChanges {
            pub const fn is_empty(&self) -> bool {
                $(self.$field.is_none() &&)*
                self.language.is_none() && self.timezone.is_none() && self.extra.is_none()
            }
        }
    };
}

choices!(settings_changes);
