//! What happens to a definition.

use super::fields::badge_fields;
use crate::profile::Change;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Nobody earns it before it is active.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeDefined {
    /// What programs call it, for ever.
    pub slug: String,
    #[serde(flatten)]
    pub details: BadgeDetails,
    /// Of the criterion, from 1.
    pub version: u32,
    pub active: bool,
    pub defined_at: DateTime<Utc>,
}

/// Only what changed is present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeRevised {
    #[serde(flatten)]
    pub changes: BadgeChanges,
    /// Of the criterion: one more than before where that changed.
    pub version: u32,
    pub revised_at: DateTime<Utc>,
}

/// It can be earned from now on; also one that was retired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeActivated {
    pub activated_at: DateTime<Utc>,
}

/// Nobody earns it any more. Whoever has it keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadgeRetired {
    pub retired_at: DateTime<Utc>,
}

macro_rules! stored_fields {
    (
        required { $($required:ident: $_given:ty => $kept:ty,)* }
        optional { $($optional:ident: $_taken:ty => $held:ty,)* }
    ) => {
        /// What a definition says.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct BadgeDetails {
            $(pub $required: $kept,)*
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $optional: Option<$held>,)*
        }

        /// Each field present only where it changed.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct BadgeChanges {
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $required: Option<$kept>,)*
            $(#[serde(default, skip_serializing_if = "Option::is_none")] pub $optional: Option<Change<$held>>,)*
        }

        impl BadgeChanges {
            pub const fn is_empty(&self) -> bool {
                $(self.$required.is_none() &&)* $(self.$optional.is_none())&&*
            }
        }

        impl BadgeDetails {
            /// As it is after the changes.
            pub(super) fn changed(&self, changes: &BadgeChanges) -> Self {
                Self {
                    $($required: changes.$required.clone().unwrap_or_else(|| self.$required.clone()),)*
                    $($optional: match &changes.$optional {
                        Some(Change::Set(value)) => Some(value.clone()),
                        Some(Change::Cleared) => None,
                        None => self.$optional.clone(),
                    },)*
                }
            }
        }
    };
}

badge_fields!(stored_fields);
