//! What a person says about themselves. Text is sealed, whole; switches are not.

use crate::{
    ids::{AwardId, UserId},
    personal::Personal,
    values::{FollowPolicy, MediaType},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Comes with the registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileCreated {
    pub user: UserId,
    pub created_at: DateTime<Utc>,
}

/// Only what changed is present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileUpdated {
    pub user: UserId,
    #[serde(flatten)]
    pub changes: ProfileChanges,
    pub updated_at: DateTime<Utc>,
}

/// Every field that completeness asks for is set, for the first time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileCompleted {
    pub user: UserId,
    pub completed_at: DateTime<Utc>,
}

/// Which badges the person shows first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeaturedBadgesChanged {
    pub user: UserId,
    /// All of them, in the person's order.
    pub awards: Vec<AwardId>,
    pub changed_at: DateTime<Utc>,
}

/// `{"set": value}` or `"cleared"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T> {
    Set(T),
    Cleared,
}

macro_rules! profile_changes {
    ($($(#[$doc:meta])* $field:ident: $type:ty),* $(,)?) => {
        /// The stored fields of a profile (PRO-03), each present only where it changed.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct ProfileChanges {
            $($(#[$doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<Change<$type>>,)*
        }

        impl ProfileChanges {
            pub const fn is_empty(&self) -> bool {
                $(self.$field.is_none())&&*
            }
        }
    };
}

profile_changes! {
    full_name: Personal<String>,
    title: Personal<String>,
    bio: Personal<String>,
    date_of_birth: Personal<NaiveDate>,
    address: Personal<String>,
    /// As given by the person; not a verified contact.
    phone_number: Personal<String>,
    avatar_url: Personal<String>,
    cover_media: Personal<String>,
    cover_media_type: MediaType,
    country: Personal<String>,
    city: Personal<String>,
    /// Names, in the person's order.
    skills: Personal<Vec<String>>,
    is_private: bool,
    /// Who may follow; where it is not set, `is_private` decides.
    follow_policy: FollowPolicy,
    show_email: bool,
    show_phone: bool,
    show_location: bool,
}
