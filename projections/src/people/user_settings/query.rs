//! Reads of `user_settings`.

use crate::{
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{
    Personal, Subject, UserId,
    settings::{Extra, Settings, ZoneDays},
    values::{NotificationFrequency, ProfileVisibility, Theme},
};
use serde::{Deserialize, Serialize};

/// What a person chose; what was not chosen is as by default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsRow {
    pub user_id: UserId,
    pub email_notifications: bool,
    pub sms_notifications: bool,
    pub push_notifications: bool,
    pub warranty_expiry_notifications: bool,
    pub maintenance_reminder_notifications: bool,
    pub notification_frequency: NotificationFrequency,
    /// Who sees the person's profile.
    pub profile_visibility: ProfileVisibility,
    pub theme: Theme,
    pub mature_content: bool,
    pub auto_play_videos: bool,
    /// BCP 47.
    pub language: String,
    /// A name of the IANA database.
    pub timezone: String,
    /// What clients keep.
    pub extra: Extra,
    pub updated_at: DateTime<Utc>,
    /// Events in the stream: what If-Match compares. 0: nothing was chosen yet.
    pub version: i64,
}

impl SettingsRow {
    /// Of somebody who chose nothing since the account began.
    pub fn by_default(user: UserId, since: DateTime<Utc>) -> Self {
        Self::of(user, &Settings { updated_at: Some(since), ..Settings::default() }, 0)
    }

    pub(super) fn of(user_id: UserId, settings: &Settings, version: i64) -> Self {
        Self {
            user_id,
            email_notifications: settings.email_notifications,
            sms_notifications: settings.sms_notifications,
            push_notifications: settings.push_notifications,
            warranty_expiry_notifications: settings.warranty_expiry_notifications,
            maintenance_reminder_notifications: settings.maintenance_reminder_notifications,
            notification_frequency: settings.notification_frequency,
            profile_visibility: settings.profile_visibility,
            theme: settings.theme,
            mature_content: settings.mature_content,
            auto_play_videos: settings.auto_play_videos,
            language: settings.language().to_owned(),
            timezone: settings.timezone().to_owned(),
            extra: settings.extra().cloned().unwrap_or_default(),
            updated_at: settings.updated_at.unwrap_or_default(),
            version,
        }
    }

    /// What the next event changes.
    pub(super) fn settings(&self) -> Settings {
        let subject = Subject::of(self.user_id);
        Settings {
            updated_at: Some(self.updated_at),
            email_notifications: self.email_notifications,
            sms_notifications: self.sms_notifications,
            push_notifications: self.push_notifications,
            warranty_expiry_notifications: self.warranty_expiry_notifications,
            maintenance_reminder_notifications: self.maintenance_reminder_notifications,
            notification_frequency: self.notification_frequency,
            profile_visibility: self.profile_visibility,
            theme: self.theme,
            mature_content: self.mature_content,
            auto_play_videos: self.auto_play_videos,
            language: Some(Personal::new(subject, self.language.clone())),
            timezone: Some(Personal::new(subject, self.timezone.clone())),
            extra: Some(Personal::new(subject, self.extra.clone())),
            // What day it is, commands ask of the log.
            days: ZoneDays::default(),
        }
    }
}

impl Queries {
    /// None as long as nothing was chosen: all is as by default.
    pub async fn find_settings(&self, user: UserId) -> Result<Option<SettingsRow>, QueryError> {
        let sql = "SELECT row_to_json(s)::text FROM user_settings s WHERE user_id = $1";
        rows::find(&self.pool, sql, user.uuid()).await
    }
}
