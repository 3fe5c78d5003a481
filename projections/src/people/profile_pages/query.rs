//! Reads of `profile_pages`.

use crate::{
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    UserId,
    values::{FollowPolicy, MediaType, Role},
};
use serde::{Deserialize, Serialize};

/// A profile, whole: who may see which field is decided by the caller (PRO-06).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfilePage {
    pub user_id: UserId,
    /// Of the account; absent once its person was erased.
    pub username: Option<String>,
    pub email: Option<String>,
    pub is_verified: bool,
    pub role: Role,
    pub full_name: Option<String>,
    pub title: Option<String>,
    pub bio: Option<String>,
    pub date_of_birth: Option<NaiveDate>,
    pub address: Option<String>,
    /// As given by the person; not a verified contact.
    pub phone_number: Option<String>,
    pub avatar_url: Option<String>,
    pub cover_media: Option<String>,
    pub cover_media_type: Option<MediaType>,
    pub country: Option<String>,
    pub city: Option<String>,
    pub skills: Vec<String>,
    pub is_private: bool,
    /// As chosen; where it is absent, `is_private` decides.
    pub follow_policy: Option<FollowPolicy>,
    pub show_email: bool,
    pub show_phone: bool,
    pub show_location: bool,
    /// Full name, date of birth, address and avatar are set (PRO-05).
    pub is_profile_complete: bool,
    /// The beginning of a suspension that nobody has taken back; it may be over by itself.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Its end; absent: none.
    pub suspended_until: Option<DateTime<Utc>>,
    /// Its deletion was asked for: others do not see it any more (C-39).
    pub is_leaving: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Events in the profile's stream: what If-Match compares.
    pub version: i64,
}

impl ProfilePage {
    /// The full name, or else the username (PRO-04).
    pub fn display_name(&self) -> Option<&str> {
        self.full_name.as_deref().or(self.username.as_deref())
    }

    /// Its person is kept out at this time, and hidden from others (USR-07).
    pub fn is_suspended(&self, at: DateTime<Utc>) -> bool {
        self.suspended_at.is_some() && self.suspended_until.is_none_or(|until| at < until)
    }

    /// Nobody but its person and staff meets this person at this time.
    pub fn is_hidden(&self, at: DateTime<Utc>) -> bool {
        self.is_leaving || self.is_suspended(at)
    }

    /// `city, country`, or the one that is known; none unless `show_location` is on (PRO-04).
    pub fn location(&self) -> Option<String> {
        if !self.show_location {
            return None;
        }
        match (&self.city, &self.country) {
            (Some(city), Some(country)) => Some(format!("{city}, {country}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }
}

impl Queries {
    /// None before the profile is created.
    pub async fn find_profile(&self, user: UserId) -> Result<Option<ProfilePage>, QueryError> {
        let sql = "SELECT row_to_json(p)::text FROM profile_pages p WHERE user_id = $1 AND version > 0";
        rows::find(&self.pool, sql, user.uuid()).await
    }
}
