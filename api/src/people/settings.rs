//! The caller's own settings (SET-01); they are the `preferences` of an account too (SET-02).

use crate::http::repeat;
use crate::{
    App,
    caller::Caller,
    etag::IfMatch,
    extract::{ApiJson, Checks, Writable, typed},
    people::views::SettingsView,
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use axum::{extract::State, http::HeaderMap};
use domain::{
    profile::Patch,
    settings::{ExtraPatch, Settings, SettingsPatch},
    values::{NotificationFrequency, ProfileVisibility, Theme},
};
use projections::{ACCOUNTS, USER_SETTINGS, accounts::query::Account, user_settings::query::SettingsRow};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

const SETTINGS: Writable = Writable {
    members: &[
        "email_notifications",
        "sms_notifications",
        "push_notifications",
        "warranty_expiry_notifications",
        "maintenance_reminder_notifications",
        "notification_frequency",
        "profile_visibility",
        "language",
        "theme",
        "timezone",
        "mature_content",
        "auto_play_videos",
    ],
    synonyms: &[],
    volatile: &["updated_at"],
};
const EXTRA: &str = "extra";

/// What may be changed of the settings: an absent field stays, `null` takes the default again, anything else is set.
/// The other fields of the settings may be sent along unchanged.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    email_notifications: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    sms_notifications: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    push_notifications: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    warranty_expiry_notifications: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    maintenance_reminder_notifications: Patch<bool>,
    /// `immediate`, `hourly`, `daily`, `weekly` or `never`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "daily")]
    notification_frequency: Patch<NotificationFrequency>,
    /// `public`, `followers` or `private`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "followers")]
    profile_visibility: Patch<ProfileVisibility>,
    /// BCP 47.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "pt-BR")]
    language: Patch<String>,
    /// `system`, `light` or `dark`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "dark")]
    theme: Patch<Theme>,
    /// A name of the IANA database.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Lisbon")]
    timezone: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    mature_content: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    auto_play_videos: Patch<bool>,
}

impl SettingsChange {
    /// What a body changes of the settings as they are shown now.
    fn read(body: Map<String, Value>, current: &Value) -> ApiResult<SettingsPatch> {
        let mut checks = Checks::default();
        let changes = SETTINGS.changes(body, current, &mut checks);
        let patch = typed::<Self>(changes, &mut checks).map(|body| body.patch(&mut checks));
        checks.finish()?;
        patch.ok_or_else(|| Problem::internal("a checked form without its values"))
    }

    fn patch(self, checks: &mut Checks) -> SettingsPatch {
        SettingsPatch {
            email_notifications: self.email_notifications,
            sms_notifications: self.sms_notifications,
            push_notifications: self.push_notifications,
            warranty_expiry_notifications: self.warranty_expiry_notifications,
            maintenance_reminder_notifications: self.maintenance_reminder_notifications,
            notification_frequency: self.notification_frequency,
            profile_visibility: self.profile_visibility,
            language: checks.text("language", self.language),
            theme: self.theme,
            timezone: checks.text("timezone", self.timezone),
            mature_content: self.mature_content,
            auto_play_videos: self.auto_play_videos,
            extra: ExtraPatch::Keep,
        }
    }
}

/// What `preferences` of an account change: fields that settings do not know are kept in `extra` (C-17).
pub(crate) fn preferences(given: Patch<Map<String, Value>>, checks: &mut Checks) -> SettingsPatch {
    let mut members = match given {
        Patch::Keep => return SettingsPatch::default(),
        Patch::Clear => return SettingsPatch::cleared(),
        Patch::Set(members) => members,
    };
    let mut own = Checks::default();
    let kept = members.remove(EXTRA);
    let (known, unknown) =
        members.into_iter().partition(|(name, _)| SETTINGS.members.contains(&name.as_str()));
    let extra = extra(kept, unknown, &mut own);
    let patch = typed::<SettingsChange>(known, &mut own).map(|body| body.patch(&mut own));
    checks.within("preferences", own);
    SettingsPatch { extra, ..patch.unwrap_or_default() }
}

fn extra(kept: Option<Value>, unknown: Map<String, Value>, checks: &mut Checks) -> ExtraPatch {
    let mut members = match kept {
        None => Map::new(),
        Some(Value::Object(members)) => members,
        Some(Value::Null) if unknown.is_empty() => return ExtraPatch::Clear,
        Some(_) => {
            checks.add(EXTRA, "wrong-type", "expected an object, or null and no other members beside it");
            return ExtraPatch::Keep;
        }
    };
    for (name, value) in unknown {
        if members.get(&name).is_some_and(|kept| *kept != value) {
            checks.add(&name, "contradiction", "this differs from the same field of extra");
        }
        members.insert(name, value);
    }
    if members.is_empty() { ExtraPatch::Keep } else { ExtraPatch::Merge(members) }
}

/// Returns the caller's settings; a setting that was never chosen has its default.
#[utoipa::path(get, path = "", tag = "profile", responses((status = 200, body = SettingsView), (status = 304)))]
pub async fn own_settings(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    headers: HeaderMap,
) -> ApiResult<Tagged<SettingsView>> {
    let fresh = app.catch_up(at_least, &[ACCOUNTS, USER_SETTINGS]).await?;
    let (version, view) = find(&app, &caller).await?;
    Ok(Reply::ok(()).fresh(fresh).tagged(version, view).unless_known(&headers))
}

/// Changes the caller's settings. Absent fields stay as they are.
#[utoipa::path(method(put, patch), path = "", tag = "profile", request_body = SettingsChange,
    responses((status = 200, body = SettingsView), (status = 412, description = "Changed since `If-Match`")))]
pub async fn change_settings(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    IfMatch(version): IfMatch,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<SettingsView>> {
    let position = match repeat::of::<Settings>(&app, &caller).await? {
        Some(position) => position,
        None => {
            let current = match SETTINGS.stands_alone(&body) {
                true => Value::Null,
                false => serde_json::to_value(find(&app, &caller).await?.1).map_err(Problem::internal)?,
            };
            let patch = SettingsChange::read(body, &current)?;
            let done =
                app.commands().people.update_settings(caller.user, patch, version, &caller.command).await?;
            done.receipt.position
        }
    };
    let settled = app.settle(position, &[ACCOUNTS, USER_SETTINGS], prefer).await;
    let (version, view) = find(&app, &caller).await?;
    Ok(Reply::ok(()).fresh(settled).tagged(version, view))
}

async fn find(app: &App, caller: &Caller) -> ApiResult<(i64, SettingsView)> {
    let account = app.queries().find_account(caller.user).await?;
    let account = account.ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))?;
    let row = of_account(app, &account).await?;
    Ok((row.version, SettingsView::new(row, account.created_at)))
}

/// What the person chose, or the defaults.
pub(crate) async fn of_account(app: &App, account: &Account) -> ApiResult<SettingsRow> {
    let row = app.queries().find_settings(account.user_id).await?;
    Ok(row.unwrap_or_else(|| SettingsRow::by_default(account.user_id, account.created_at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<SettingsPatch, Vec<(String, String)>> {
        let Value::Object(members) = value else { panic!("not an object") };
        let mut checks = Checks::default();
        let patch = preferences(Patch::Set(members), &mut checks);
        checks.finish().map(|()| patch).map_err(|problem| {
            problem.field_errors().iter().map(|e| (e.pointer.clone(), e.code.clone())).collect()
        })
    }

    fn error(pointer: &str, code: &str) -> Result<SettingsPatch, Vec<(String, String)>> {
        Err(vec![(pointer.to_owned(), code.to_owned())])
    }

    #[test]
    fn known_preferences_are_settings_and_others_are_kept() {
        let kept = json!({ "beta": true, "size": 3 });

        let patch = read(json!({ "theme": "dark", "beta": true, "extra": { "size": 3 } }));

        let extra = ExtraPatch::Merge(kept.as_object().unwrap().clone());
        let theme = Patch::Set(Theme::Dark);
        assert_eq!(patch, Ok(SettingsPatch { theme, extra, ..SettingsPatch::default() }));
        assert_eq!(read(json!({})), Ok(SettingsPatch::default()));
        let cleared = SettingsPatch { extra: ExtraPatch::Clear, ..SettingsPatch::default() };
        assert_eq!(read(json!({ "extra": null })), Ok(cleared));
    }

    #[test]
    fn what_a_preference_cannot_be_is_told_by_its_pointer() {
        for (body, pointer, code) in [
            (json!({ "theme": "pink" }), "/preferences/theme", "unknown-value"),
            (json!({ "language": "?" }), "/preferences/language", "language-invalid"),
            (json!({ "timezone": "Mars" }), "/preferences/timezone", "timezone-invalid"),
            (json!({ "extra": 7 }), "/preferences/extra", "wrong-type"),
            (json!({ "a/b": 1, "extra": { "a/b": 2 } }), "/preferences/a~1b", "contradiction"),
        ] {
            assert_eq!(read(body), error(pointer, code));
        }
    }
}
