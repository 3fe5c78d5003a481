//! Writes of `user_settings`.

use super::query::SettingsRow;
use crate::{
    batch::Batch,
    columns::columns,
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::USER_SETTINGS,
    rows::Rows,
};
use async_trait::async_trait;
use domain::{
    UserId,
    settings::{Settings, SettingsEvent},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TABLE: Rows<SettingsRow> = Rows::of("user_settings", &["user_id"]);

columns! {
    SettingsRow: user_id, email_notifications, sms_notifications, push_notifications,
        warranty_expiry_notifications, maintenance_reminder_notifications, notification_frequency,
        profile_visibility, theme, mature_content, auto_play_videos, language, timezone, extra, updated_at,
        version;
}

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
        let known = TABLE.load(batch, &touched).await?;
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
        TABLE.purge(batch, events).await?;
        TABLE.store(batch, settings.into_values())
    }
}
