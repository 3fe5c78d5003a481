//! A person changes what was chosen.

use super::{
    ExtraPatch, Settings, SettingsChanges, SettingsError, SettingsEvent, SettingsPatch, SettingsUpdated,
};
use crate::{
    aggregate::Decide,
    fields::Change,
    ids::{Subject, UserId},
    personal::Personal,
};
use chrono::{DateTime, Utc};

impl SettingsPatch {
    /// Everything is as by default again.
    pub fn cleared() -> Self {
        Self { extra: ExtraPatch::Clear, ..Self::all_cleared() }
    }

    /// Only what differs from the settings as they are.
    fn changes(&self, now: &Settings, subject: Subject) -> Result<SettingsChanges, SettingsError> {
        let extra = self.extra_change(now, subject)?;
        Ok(SettingsChanges { extra, ..self.field_changes(now, subject) })
    }

    fn extra_change(
        &self,
        now: &Settings,
        subject: Subject,
    ) -> Result<Option<Change<Personal<super::Extra>>>, SettingsError> {
        let after = self.extra.applied(now.extra())?;
        Ok(match now.extra() {
            Some(now) if *now == after => None,
            None if after.is_empty() => None,
            _ if after.is_empty() => Some(Change::Cleared),
            _ => Some(Change::Set(Personal::new(subject, after))),
        })
    }
}

/// Changes settings; nothing that differs, no event (SET-01).
#[derive(Clone, Debug)]
pub struct UpdateSettings {
    pub user: UserId,
    pub patch: SettingsPatch,
    pub at: DateTime<Utc>,
}

impl Decide<Settings> for UpdateSettings {
    fn decide(&self, settings: &Settings) -> Result<Vec<SettingsEvent>, SettingsError> {
        let changes = self.patch.changes(settings, Subject::of(self.user))?;
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![SettingsUpdated { user: self.user, changes, updated_at: self.at }.into()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fields::Patch,
        fixtures::*,
        values::{LanguageTag, Theme, TimeZone},
    };
    use cqrs_es::test::TestFramework;
    use serde_json::json;

    fn update(patch: SettingsPatch) -> UpdateSettings {
        UpdateSettings { user: jane(), patch, at: at(5) }
    }

    fn updated(changes: SettingsChanges) -> SettingsEvent {
        SettingsUpdated { user: jane(), changes, updated_at: at(5) }.into()
    }

    fn extra(value: serde_json::Value) -> super::super::Extra {
        value.as_object().unwrap().clone()
    }

    fn dark() -> SettingsEvent {
        updated(SettingsChanges { theme: Some(Change::Set(Theme::Dark)), ..SettingsChanges::default() })
    }

    #[test]
    fn first_choice_needs_nothing_before_it() {
        TestFramework::<Settings>::with(())
            .given_no_previous_events()
            .when(update(SettingsPatch { theme: Patch::Set(Theme::Dark), ..SettingsPatch::default() }).into())
            .then_expect_events(vec![dark()]);
    }

    #[test]
    fn only_what_differs_is_recorded() {
        let patch = SettingsPatch {
            theme: Patch::Set(Theme::Dark),
            email_notifications: Patch::Set(true),
            sms_notifications: Patch::Set(true),
            language: Patch::Set(LanguageTag::parse("pt-br").unwrap()),
            timezone: Patch::Set(TimeZone::parse("UTC").unwrap()),
            ..SettingsPatch::default()
        };
        let changes = SettingsChanges {
            sms_notifications: Some(Change::Set(true)),
            language: Some(Change::Set(janes("pt-BR"))),
            ..SettingsChanges::default()
        };

        TestFramework::<Settings>::with(())
            .given(vec![dark()])
            .when(update(patch).into())
            .then_expect_events(vec![updated(changes)]);
    }

    #[test]
    fn cleared_choice_is_the_default_again() {
        let patch = SettingsPatch {
            theme: Patch::Clear,
            language: Patch::Clear,
            extra: ExtraPatch::Clear,
            ..SettingsPatch::default()
        };
        let changes = SettingsChanges { theme: Some(Change::Cleared), ..SettingsChanges::default() };

        TestFramework::<Settings>::with(())
            .given(vec![dark()])
            .when(update(patch).into())
            .then_expect_events(vec![updated(changes.clone())]);
        let mut after = Settings::default();
        for event in [dark(), updated(changes)] {
            after.evolve(&event);
        }
        assert_eq!(after, Settings { updated_at: Some(at(5)), ..Settings::default() });
    }

    #[test]
    fn what_clients_keep_is_recorded_whole_and_once() {
        let patch = |value| SettingsPatch { extra: ExtraPatch::Merge(extra(value)), ..Default::default() };
        let kept = |value| SettingsChanges {
            extra: Some(Change::Set(Personal::new(Subject::of(jane()), extra(value)))),
            ..SettingsChanges::default()
        };
        let before = updated(kept(json!({ "beta": true })));

        TestFramework::<Settings>::with(())
            .given(vec![before.clone()])
            .when(update(patch(json!({ "size": 3 }))).into())
            .then_expect_events(vec![updated(kept(json!({ "beta": true, "size": 3 })))]);
        TestFramework::<Settings>::with(())
            .given(vec![before.clone()])
            .when(update(patch(json!({ "beta": true, "gone": null }))).into())
            .then_expect_events(vec![]);
        TestFramework::<Settings>::with(())
            .given(vec![before])
            .when(update(patch(json!({ "": 1 }))).into())
            .then_expect_error(SettingsError::ExtraName);
    }
}
