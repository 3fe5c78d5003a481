//! The caller's own account (AUTH-04, AUTH-05).

use crate::{
    App,
    account::views::AccountView,
    caller::Caller,
    etag::IfMatch,
    extract::{ApiJson, Checks, Writable, typed},
    problem::{ApiResult, FieldError, Problem, catalogue as kind},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use crate::{http::repeat, people::settings};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use domain::{
    profile::{Patch, Profile, ProfilePatch},
    settings::SettingsPatch,
    values::Email,
};
use projections::{ACCOUNTS, Name, PROFILE_PAGES, USER_SETTINGS};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

const ACCOUNT: Writable = Writable {
    members: &["name", "email", "phone", "avatar", "title", "bio", "preferences", "current_password"],
    synonyms: &[
        &["name", "full_name"],
        &["phone", "phone_number"],
        &["avatar", "avatar_url", "profile_picture"],
    ],
    volatile: &[
        "updated_at",
        "last_login",
        "display_name",
        "is_profile_complete",
        "pending_email",
        "pending_email_since",
    ],
};

/// What an account is read from.
const SHOWN: [Name; 3] = [ACCOUNTS, PROFILE_PAGES, USER_SETTINGS];

/// What may be changed of an account: an absent field stays, `null` or blank text clears, anything else is set.
/// The other fields of an account may be sent along unchanged.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// `full_name` is accepted too.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Jane Doe")]
    name: Patch<String>,
    /// Counts once the code that is sent there is used, within a session; needs `current_password`. The present address
    /// with `current_password` takes back a change that waits for its code.
    #[schema(example = "jane@example.com")]
    email: Option<String>,
    /// E.164; `phone_number` is accepted too.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "+491701234567")]
    phone: Patch<String>,
    /// `avatar_url` and `profile_picture` are accepted too.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    avatar: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    title: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    bio: Patch<String>,
    /// Settings by their names; other fields are kept in `extra`, and taken away by `null`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    preferences: Patch<Map<String, Value>>,
    #[schema(format = Password)]
    current_password: Option<String>,
}

/// What is to be done about a change.
struct Changes {
    email: Option<(Email, SecretString)>,
    profile: ProfilePatch,
    settings: SettingsPatch,
}

impl AccountChange {
    /// What a body changes of an account as it is shown now.
    fn read(body: Map<String, Value>, current: &AccountView) -> ApiResult<Changes> {
        let current = serde_json::to_value(current).map_err(Problem::internal)?;
        // With the password the present address says something: that no other is wanted.
        let present = current.get("email").filter(|present| body.get("email") == Some(present)).cloned();
        let present = present.filter(|_| body.contains_key("current_password"));
        let mut checks = Checks::default();
        let mut changes = ACCOUNT.changes(body, &current, &mut checks);
        if let Some(present) = present {
            changes.insert("email".to_owned(), present);
        }
        let changes = typed::<Self>(changes, &mut checks).map(|body| body.checked(&mut checks));
        checks.finish()?;
        changes.ok_or_else(|| Problem::internal("a checked form without its values"))
    }

    fn checked(self, checks: &mut Checks) -> Changes {
        let profile = ProfilePatch {
            full_name: checks.text("name", self.name),
            phone_number: checks.text("phone", self.phone),
            avatar_url: checks.text("avatar", self.avatar),
            title: checks.text("title", self.title),
            bio: checks.text("bio", self.bio),
            ..ProfilePatch::default()
        };
        let email = self.email.and_then(|text| checks.value("email", Email::parse(&text)));
        if email.is_some() && self.current_password.is_none() {
            checks.add("current_password", "missing", "a new e-mail address needs the current password");
        }
        let settings = settings::preferences(self.preferences, checks);
        Changes { email: email.zip(self.current_password.map(SecretString::from)), profile, settings }
    }
}

/// Returns the caller's account.
#[utoipa::path(get, path = "", tag = "account", responses((status = 200, body = AccountView), (status = 304)))]
pub async fn me(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    headers: HeaderMap,
) -> ApiResult<Tagged<AccountView>> {
    let fresh = app.catch_up(at_least, &SHOWN).await?;
    let shown = find(&app, &caller).await?;
    Ok(Reply::ok(()).fresh(fresh).tagged(shown.version, shown.view).unless_known(&headers))
}

/// Changes the caller's account. 202 if a new e-mail address waits for its code, which was sent there.
#[utoipa::path(put, path = "", tag = "account", request_body = AccountChange,
    responses((status = 200, body = AccountView), (status = 202, body = AccountView, description = "A code was sent"),
        (status = 412, description = "Changed since `If-Match`"),
        (status = 429, description = "A code was sent a moment ago")))]
pub async fn update_me(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<AccountView>> {
    let (status, position) = update(&app, &caller, if_match, body).await?;
    let settled = app.settle(position, &SHOWN, prefer).await;
    let shown = find(&app, &caller).await?;
    Ok(Reply::new(status, ()).fresh(settled).tagged(shown.version, shown.view))
}

/// What the caller changes of their own account: 202 if a code was sent, and the position that shows it.
pub(super) async fn update(
    app: &App,
    caller: &Caller,
    if_match: IfMatch,
    body: Map<String, Value>,
) -> ApiResult<(StatusCode, i64)> {
    match repeat::of::<Profile>(app, caller).await? {
        Some(position) => Ok((StatusCode::OK, position)),
        None => change(app, caller, if_match, body).await,
    }
}

async fn change(
    app: &App,
    caller: &Caller,
    if_match: IfMatch,
    body: Map<String, Value>,
) -> ApiResult<(StatusCode, i64)> {
    let shown = find(app, caller).await?;
    let Changes { email, profile, settings } = AccountChange::read(body, &shown.view)?;
    let (mut done, mut if_match) = ((StatusCode::OK, 0), if_match);
    if let Some((email, password)) = email {
        caller.with_token()?;
        // No code goes out for somebody who has seen another version; the command below looks at the log itself.
        if_match.check(shown.version)?;
        let asked = app.commands().accounts.change_email(&email, password, &part_of(&caller.command)).await;
        let asked = asked.map_err(about_email)?;
        if_match = if_match.after(asked.events.len());
        let waits = asked.state.pending_change().is_some();
        done = (if waits { StatusCode::ACCEPTED } else { StatusCode::OK }, asked.receipt.position);
    }
    let changed = app
        .commands()
        .people
        .update_profile_and_settings(caller.user, (profile, settings), if_match.0, &caller.command)
        .await
        .map_err(|error| Problem::from(error).renamed("/phone_number", "/phone"))?;
    Ok((done.0, changed.receipt.position.max(done.1)))
}

/// One request, two commands: each has a key of its own, so that a repeat finds both.
fn part_of(caller: &commands::Caller) -> commands::Caller {
    let mut part = caller.clone();
    if let Some(idempotency) = &mut part.idempotency {
        idempotency.key.push_str(" (e-mail)");
    }
    part
}

/// Already verified, asked for a moment ago: both are about the new address.
fn about_email(error: commands::CommandError) -> Problem {
    let problem = Problem::from(error);
    match problem.kind().slug {
        "already-done" => Problem::invalid(vec![FieldError::new(
            "/email",
            "contact-already-verified",
            "this address is already verified",
        )]),
        "too-soon" => {
            let detail = "a code was sent to an address a moment ago";
            problem.errors(vec![FieldError::new("/email", "code-requested-too-soon", detail)])
        }
        _ => problem,
    }
}

struct Shown {
    view: AccountView,
    /// All three streams count: a change of any is a new version of what is shown.
    version: i64,
}

async fn find(app: &App, caller: &Caller) -> ApiResult<Shown> {
    let account = app.queries().find_account(caller.user).await?;
    let account = account.ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))?;
    let profile = app.queries().find_profile(caller.user).await?;
    let of_profile = profile.as_ref().map_or(0, |profile| profile.version);
    let chosen = settings::of_account(app, &account).await?;
    let version = account.version.saturating_add(of_profile).saturating_add(chosen.version);
    Ok(Shown { view: AccountView::new(account, profile, chosen), version })
}

#[cfg(test)]
#[path = "me_tests.rs"]
mod tests;
