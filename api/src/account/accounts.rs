//! Accounts are made and changed by staff, or changed by their own person (USR-02, USR-04).

use crate::{
    App,
    account::views::AdminUserView,
    caller::Caller,
    etag::IfMatch,
    extract::{ApiForm, ApiJson, Checks, Form, PathId},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{Prefer, Reply, Tagged},
};
use crate::{
    account::me,
    account::standing::{StandingBody, role},
    audit::witness::seen,
};
use axum::{extract::State, http::StatusCode};
use commands::{CommandError, Invitation, Principal};
use domain::{
    UserId,
    values::{Email, Role, Username},
};
use projections::{ACCOUNTS, BADGES, Name, PROFILE_PAGES, SESSION_GATE, SESSIONS, SOCIAL_GRAPH};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where a changed standing shows: it ends sessions too, and whoever goes or comes back is counted differently.
pub(super) const READS: &[Name] = &[ACCOUNTS, PROFILE_PAGES, SESSIONS, SESSION_GATE, SOCIAL_GRAPH, BADGES];

/// For whom an account is made. There is no password: its person sets the first one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationBody {
    /// 3 to 32 of letters, digits, `.`, `_`, `-`; unique whatever the case.
    #[schema(example = "jane")]
    username: String,
    /// Where the invitation goes.
    #[schema(example = "jane@example.com")]
    email: String,
    /// `normal`, if absent; owner and admin are an owner's to give.
    #[schema(example = "normal")]
    role: Option<String>,
    /// Of whoever invites. Whoever invites an owner or admin sends it, or has logged in a moment ago.
    #[schema(format = Password)]
    current_password: Option<String>,
}

impl Form for InvitationBody {
    fn check(&self, checks: &mut Checks) {
        checks.value("username", Username::parse(&self.username));
        checks.value("email", Email::parse(&self.email));
        if let Some(name) = &self.role {
            role(checks, name);
        }
    }
}

impl InvitationBody {
    fn form(self) -> ApiResult<Invitation> {
        let mut checks = Checks::default();
        let username = checks.value("username", Username::parse(&self.username));
        let email = checks.value("email", Email::parse(&self.email));
        let role = self.role.as_deref().map_or(Some(Role::Normal), |name| role(&mut checks, name));
        checks.finish()?;
        let (Some(username), Some(email), Some(role)) = (username, email, role) else {
            return Err(Problem::internal("a checked form without its values"));
        };
        let proof = self.current_password.map(SecretString::from);
        Ok(Invitation { username, email, role, proof })
    }
}

/// Creates an account without a password and mails an invitation, which is valid once within three days. Staff only.
///
/// Whoever receives the mail sets the first password at `/api/auth/reset-password`; the address is verified with it.
#[utoipa::path(post, path = "", tag = "admin", request_body = InvitationBody,
    responses((status = 201, body = AdminUserView), (status = 409, description = "The username or the address is taken")))]
pub async fn invite_user(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    ApiForm(body): ApiForm<InvitationBody>,
) -> ApiResult<Tagged<AdminUserView>> {
    let invited = app.commands().accounts.invite(body.form()?, &caller.command).await?;
    let settled = app.settle(invited.receipt.position, READS, prefer).await;
    let shown = find(&app, invited.user).await?;
    Ok(Reply::new(StatusCode::CREATED, ()).fresh(settled).tagged(shown.version, shown.view))
}

/// Changes an account: its own person what `/api/me` lets them, staff the role, the suspension and the unverified
/// address of others.
#[utoipa::path(method(put, patch), path = "", tag = "account", params(("id" = Uuid, Path)), request_body = StandingBody,
    responses((status = 200, body = AdminUserView), (status = 202, body = AdminUserView, description = "A code was sent"),
        (status = 404, description = "There is no such account"),
        (status = 412, description = "Changed since `If-Match`")))]
pub async fn change_user(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathId(id): PathId<UserId>,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<AdminUserView>> {
    change(&app, &caller, (prefer, if_match), id, body).await
}

/// Changes the role, the suspension and the unverified address of an account; its own person changes what `/api/me` lets them. Staff only.
#[utoipa::path(put, path = "", tag = "admin", params(("id" = Uuid, Path)), request_body = StandingBody,
    responses((status = 200, body = AdminUserView), (status = 202, body = AdminUserView, description = "A code was sent"),
        (status = 404, description = "There is no such account"),
        (status = 412, description = "Changed since `If-Match`")))]
pub async fn administer_user(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathId(id): PathId<UserId>,
    ApiJson(body): ApiJson<Map<String, Value>>,
) -> ApiResult<Tagged<AdminUserView>> {
    change(&app, &caller, (prefer, if_match), id, body).await
}

async fn change(
    app: &App,
    caller: &Caller,
    (prefer, if_match): (Prefer, IfMatch),
    id: UserId,
    body: Map<String, Value>,
) -> ApiResult<Tagged<AdminUserView>> {
    let (status, position) = match id == caller.user {
        true => me::update(app, caller, if_match, own(app, id, body).await?).await?,
        false => (StatusCode::OK, administer(app, caller, if_match, id, body).await?),
    };
    let settled = app.settle(position, READS, prefer).await;
    let shown = find(app, id).await?;
    seen(app, &caller.command, vec![id]).await?;
    Ok(Reply::new(status, ()).fresh(settled).tagged(shown.version, shown.view))
}

/// `/api/me` shows no suspension and no activity: what is as it is shown here, or changes by itself, is left out.
async fn own(app: &App, id: UserId, mut body: Map<String, Value>) -> ApiResult<Map<String, Value>> {
    const ONLY_HERE: [&str; 4] = ["is_suspended", "suspended_at", "suspended_until", "suspension_reason"];
    body.remove("last_active");
    if ONLY_HERE.iter().any(|member| body.contains_key(*member)) {
        let shown = serde_json::to_value(find(app, id).await?.view).map_err(Problem::internal)?;
        let mut checks = Checks::default();
        for member in ONLY_HERE {
            if body.remove(member).is_some_and(|value| shown.get(member) != Some(&value)) {
                checks.add(member, "read-only", "you cannot change your own status");
            }
        }
        checks.finish()?;
    }
    Ok(body)
}

async fn administer(
    app: &App,
    caller: &Caller,
    if_match: IfMatch,
    id: UserId,
    body: Map<String, Value>,
) -> ApiResult<i64> {
    // A role that is taken ends the sessions whose tokens name it; the command looks at the log once more.
    let staff = matches!(caller.command.principal, Principal::User { role, .. } if role.is_staff());
    if !staff {
        return Err(Problem::of(&kind::STAFF_ONLY));
    }
    caller.with_token()?;
    let shown = find(app, id).await?;
    if_match.check(shown.version)?;
    let change = StandingBody::read(body, &shown.view)?;
    let if_match = if_match.0.map(|_| shown.account_version);
    let done = app.commands().accounts.change_standing(id, change, if_match, &caller.command).await;
    Ok(done.map_err(not_there)?.receipt.position)
}

/// An erased person is as absent as one who never was; the end of a suspension has a longer name here.
pub(super) fn not_there(error: CommandError) -> Problem {
    match error {
        CommandError::NotFound => Problem::of(&kind::ACCOUNT_NOT_FOUND),
        error => Problem::from(error).renamed("/until", "/suspended_until"),
    }
}

pub(super) struct Shown {
    pub view: AdminUserView,
    /// Both streams count: a change of either is a new version of what is shown.
    pub version: i64,
    pub account_version: i64,
}

pub(super) async fn find(app: &App, id: UserId) -> ApiResult<Shown> {
    let row = app.queries().find_account_row(id).await?;
    let row = row.ok_or_else(|| Problem::of(&kind::ACCOUNT_NOT_FOUND))?;
    let account_version = row.account.version;
    let version = account_version
        .saturating_add(row.page.as_ref().map_or(0, |page| page.version))
        .saturating_add(row.settings.as_ref().map_or(0, |settings| settings.version));
    Ok(Shown { view: AdminUserView::new(row, app.now()), version, account_version })
}
