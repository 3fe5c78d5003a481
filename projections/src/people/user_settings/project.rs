//! Writes of `user_settings`.

use super::query::SettingsRow;
use crate::{
    batch::Batch,
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::USER_SETTINGS,
};
use async_trait::async_trait;
use domain::{
    UserId,
    settings::{Settings, SettingsEvent},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LOAD: &str = "SELECT row_to_json(s)::text FROM user_settings s WHERE user_id = ANY ($1)";

const PURGE: &str = "DELETE FROM user_settings WHERE user_id = ANY ($1)";

const STORE: &str = "
    INSERT INTO user_settings SELECT * FROM json_populate_recordset(NULL::user_settings, $1::json)
    ON CONFLICT (user_id) DO UPDATE SET
        (email_notifications, sms_notifications, push_notifications, warranty_expiry_notifications,
         maintenance_reminder_notifications, notification_frequency, profile_visibility, theme, mature_content,
         auto_play_videos, language, timezone, extra, updated_at, version)
        = ROW (excluded.email_notifications, excluded.sms_notifications, excluded.push_notifications,
         excluded.warranty_expiry_notifications, excluded.maintenance_reminder_notifications,
         excluded.notification_frequency, excluded.profile_visibility, excluded.theme, excluded.mature_content,
         excluded.auto_play_videos, excluded.language, excluded.timezone, excluded.extra, excluded.updated_at,
         excluded.version)";

pub(crate) struct UserSettings;

#[async_trait]
impl Projection for UserSettings {
    fn name(&self) -> Name {
        USER_SETTINGS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// The stream of the settings and the account's have the same id: the user's.
    fn key(&self, event: &Envelope) -> String {
        event.recorded.aggregate_id.clone()
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut changes = Vec::new();
        for envelope in events {
            if let Some(event) = envelope.event.settings() {
                changes.push((envelope.stream_id()?, event, envelope.recorded.sequence));
            }
        }
        let touched: BTreeSet<Uuid> = changes.iter().map(|(user, ..)| *user).collect();
        let known: Vec<SettingsRow> = batch.load(LOAD, &touched).await?;
        let mut settings: BTreeMap<Uuid, SettingsRow> =
            known.into_iter().map(|row| (row.user_id.uuid(), row)).collect();
        for (user, event, version) in changes {
            let mut now = settings.get(&user).map_or_else(Settings::default, SettingsRow::settings);
            match event {
                SettingsEvent::SettingsUpdated(e) => now.change(&e.changes, e.updated_at),
            }
            settings.insert(user, SettingsRow::of(UserId::from_uuid(user), &now, version));
        }
        let erased: BTreeSet<Uuid> = events.iter().filter_map(|envelope| envelope.erased()).collect();
        settings.retain(|user, _| !erased.contains(user));
        batch.purge(PURGE, events).await?;
        batch.store(STORE, &settings.into_values().collect::<Vec<_>>())
    }
}
