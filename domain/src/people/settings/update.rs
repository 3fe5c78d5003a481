//! A person changes what was chosen.

use super::{
    ExtraPatch, Settings, SettingsChanges, SettingsError, SettingsEvent, SettingsUpdated, fields::choices,
};
use crate::{
    aggregate::Decide,
    ids::{Subject, UserId},
    personal::Personal,
    profile::{Change, Patch},
    values::{LanguageTag, TimeZone},
};
use chrono::{DateTime, Utc};

macro_rules! settings_patch {
    ($($field:ident: $type:ty = $default:expr,)*) => {
        /// One change of any number of settings; to clear one is to take the default again.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct SettingsPatch {
            $(pub $field: Patch<$type>,)*
            pub language: Patch<LanguageTag>,
            pub timezone: Patch<TimeZone>,
            pub extra: ExtraPatch,
        }

        impl SettingsPatch {
            /// Everything is as by default again.
            pub fn cleared() -> Self {
                Self {
                    $($field: Patch::Clear,)*
                    language: Patch::Clear,
                    timezone: Patch::Clear,
                    extra: ExtraPatch::Clear,
                }
            }

            /// Only what differs from the settings as they are.
            fn changes(&self, now: &Settings, subject: Subject) -> Result<SettingsChanges, SettingsError> {
                let defaults = Settings::default();
                Ok(SettingsChanges {
                    $($field: choice(&self.$field, now.$field, defaults.$field),)*
                    language: text(&self.language, now.language(), defaults.language(), subject),
                    timezone: text(&self.timezone, now.timezone(), defaults.timezone(), subject),
                    extra: self.extra_change(now, subject)?,
                })
            }
        }
    };
}

choices!(settings_patch);

impl SettingsPatch {
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

fn choice<T: Copy + PartialEq>(patch: &Patch<T>, now: T, default: T) -> Option<Change<T>> {
    match patch {
        Patch::Set(value) if *value != now => Some(Change::Set(*value)),
        Patch::Clear if now != default => Some(Change::Cleared),
        Patch::Keep | Patch::Set(_) | Patch::Clear => None,
    }
}

fn text<T: std::fmt::Display>(
    patch: &Patch<T>,
    now: &str,
    default: &str,
    subject: Subject,
) -> Option<Change<Personal<String>>> {
    match patch {
        Patch::Set(value) => {
            let value = value.to_string();
            (value != now).then(|| Change::Set(Personal::new(subject, value)))
        }
        Patch::Clear if now != default => Some(Change::Cleared),
        Patch::Keep | Patch::Clear => None,
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
    use crate::{fixtures::*, values::Theme};
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
