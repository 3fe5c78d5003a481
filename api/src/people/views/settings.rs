//! Settings of a person (SET-01), and the same as `preferences` of an account (SET-02, C-17).

use chrono::{DateTime, Utc};
use domain::values::{NotificationFrequency, ProfileVisibility, Theme};
use projections::user_settings::query::SettingsRow;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// The choices, defaults filled in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChoicesView {
    pub email_notifications: bool,
    pub sms_notifications: bool,
    pub push_notifications: bool,
    pub warranty_expiry_notifications: bool,
    pub maintenance_reminder_notifications: bool,
    /// `immediate`, `hourly`, `daily`, `weekly` or `never`.
    #[schema(value_type = String, example = "immediate")]
    pub notification_frequency: NotificationFrequency,
    /// Who sees the profile: `public`, `followers` or `private`.
    #[schema(value_type = String, example = "public")]
    pub profile_visibility: ProfileVisibility,
    /// BCP 47.
    #[schema(example = "pt-BR")]
    pub language: String,
    /// `system`, `light` or `dark`.
    #[schema(value_type = String, example = "system")]
    pub theme: Theme,
    /// A name of the IANA database.
    #[schema(example = "Europe/Lisbon")]
    pub timezone: String,
    pub mature_content: bool,
    pub auto_play_videos: bool,
}

/// The settings of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SettingsView {
    /// Whose.
    pub user: Uuid,
    #[serde(flatten)]
    pub choices: ChoicesView,
    /// When the account began: its settings are there from then on.
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The settings within an account, and what clients keep there.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PreferencesView {
    #[serde(flatten)]
    pub choices: ChoicesView,
    /// Whatever else was sent as a preference.
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

impl From<SettingsRow> for PreferencesView {
    fn from(row: SettingsRow) -> Self {
        let choices = ChoicesView {
            email_notifications: row.email_notifications,
            sms_notifications: row.sms_notifications,
            push_notifications: row.push_notifications,
            warranty_expiry_notifications: row.warranty_expiry_notifications,
            maintenance_reminder_notifications: row.maintenance_reminder_notifications,
            notification_frequency: row.notification_frequency,
            profile_visibility: row.profile_visibility,
            language: row.language,
            theme: row.theme,
            timezone: row.timezone,
            mature_content: row.mature_content,
            auto_play_videos: row.auto_play_videos,
        };
        Self { choices, extra: row.extra }
    }
}

impl SettingsView {
    pub fn new(row: SettingsRow, created_at: DateTime<Utc>) -> Self {
        let (user, updated_at) = (row.user_id.uuid(), row.updated_at);
        Self { user, choices: PreferencesView::from(row).choices, created_at, updated_at }
    }
}
