//! The caller's own account, one schema for every path that shows it (AUTH-04).

use crate::people::views::PreferencesView;
use chrono::{DateTime, Utc};
use projections::{
    accounts::query::Account, profile_pages::query::ProfilePage, user_settings::query::SettingsRow,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An account as its owner sees it. Some fields stand under several names: every client finds its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountView {
    pub id: Uuid,
    /// Same as `id`.
    pub user_id: Uuid,
    #[schema(example = "jane")]
    pub username: Option<String>,
    /// The verified address, or the registered one as long as none is.
    #[schema(example = "jane@example.com")]
    pub email: Option<String>,
    pub email_verified: bool,
    /// The address that a change waits for: it counts once the code that was sent there is used.
    pub pending_email: Option<String>,
    /// When that address was first asked for.
    pub pending_email_since: Option<DateTime<Utc>>,
    /// The verified number, or else the one of the profile.
    pub phone: Option<String>,
    /// Same as `phone`.
    pub phone_number: Option<String>,
    pub phone_verified: bool,
    /// True once any contact is verified.
    pub is_verified: bool,
    /// `active`, or `pending_verification` until a contact is verified.
    #[schema(example = "active")]
    pub status: &'static str,
    #[schema(example = "normal")]
    pub role: &'static str,
    /// The role is owner or admin.
    pub is_staff: bool,
    pub name: Option<String>,
    /// Same as `name`.
    pub full_name: Option<String>,
    /// The full name, or else the username.
    pub display_name: Option<String>,
    pub title: Option<String>,
    pub bio: Option<String>,
    pub avatar: Option<String>,
    /// Same as `avatar`.
    pub avatar_url: Option<String>,
    /// Same as `avatar`.
    pub profile_picture: Option<String>,
    pub is_profile_complete: bool,
    /// The settings, by the same names, and what clients keep in `extra`.
    pub preferences: PreferencesView,
    pub created_at: DateTime<Utc>,
    /// Of the account, the profile or the settings, whichever changed last.
    pub updated_at: DateTime<Utc>,
    pub last_login: Option<DateTime<Utc>>,
    pub password_changed_at: Option<DateTime<Utc>>,
}

impl AccountView {
    /// The profile is absent only until its read model has caught up with the registration.
    pub fn new(account: Account, profile: Option<ProfilePage>, settings: SettingsRow) -> Self {
        let id = account.user_id.uuid();
        let phone_verified = account.phone_number.is_some();
        let given = profile.as_ref().and_then(|profile| profile.phone_number.clone());
        let phone = account.phone_number.or(given);
        let avatar = profile.as_ref().and_then(|profile| profile.avatar_url.clone());
        let name = profile.as_ref().and_then(|profile| profile.full_name.clone());
        let updated = settings.updated_at.max(account.updated_at);
        let updated = profile.as_ref().map_or(updated, |profile| profile.updated_at.max(updated));
        Self {
            id,
            user_id: id,
            display_name: name.clone().or_else(|| account.username.clone()),
            username: account.username,
            email: account.email,
            email_verified: account.email_verified,
            pending_email: account.pending_email,
            pending_email_since: account.pending_email_since,
            phone: phone.clone(),
            phone_number: phone,
            phone_verified,
            is_verified: account.is_verified,
            status: status(account.is_verified),
            role: account.role.name(),
            is_staff: account.role.is_staff(),
            name: name.clone(),
            full_name: name,
            title: profile.as_ref().and_then(|profile| profile.title.clone()),
            bio: profile.as_ref().and_then(|profile| profile.bio.clone()),
            avatar: avatar.clone(),
            avatar_url: avatar.clone(),
            profile_picture: avatar,
            is_profile_complete: profile.is_some_and(|profile| profile.is_profile_complete),
            preferences: settings.into(),
            created_at: account.created_at,
            updated_at: updated,
            last_login: account.last_login,
            password_changed_at: account.password_changed_at,
        }
    }
}

/// What an account may do by now, in a word.
pub const fn status(is_verified: bool) -> &'static str {
    if is_verified { "active" } else { "pending_verification" }
}
