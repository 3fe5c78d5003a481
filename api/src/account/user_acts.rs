//! Actions of staff on an account, each at its own path (USR-04, USR-07, ADM-01).

use crate::{
    App,
    account::views::{AdminUserView, SessionView},
    caller::Caller,
    etag::IfMatch,
    extract::{ApiForm, ApiJson, ApiQuery, Checks, Form, OptionalJson, PathId},
    http::views::{MessageView, PageQuery, PageView},
    problem::{ApiResult, Problem},
    reply::{MinPosition, Prefer, Reply, Tagged},
};
use crate::{
    account::accounts::{READS, find, not_there},
    account::sessions::page_of,
    account::standing::{role, suspend as suspension},
    audit::witness::{seen, viewed},
};
use axum::{
    extract::State,
    http::{StatusCode, Uri},
};
use chrono::{DateTime, Utc};
use commands::{CommandError, StandingChange, SuspensionChange};
use domain::{Subject, UserId, access_log::View};
use projections::{ACCOUNTS, SESSIONS};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuspendBody {
    /// For staff; 1 to 500 characters.
    #[schema(example = "spam")]
    reason: String,
    /// When it ends by itself; absent: not before somebody reinstates the account.
    until: Option<DateTime<Utc>>,
}

impl Form for SuspendBody {
    fn check(&self, checks: &mut Checks) {
        suspension(checks, "reason", Some(self.reason.clone()), self.until);
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleBody {
    /// One of owner, normal, `data_provider`, professional, admin, moderator.
    #[schema(example = "moderator")]
    role: String,
    /// Of whoever acts. Whoever makes somebody owner or admin sends it, or has logged in a moment ago.
    #[schema(format = Password)]
    current_password: Option<String>,
}

/// Nothing is to be said.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NothingBody {}

/// Suspends an account: its sessions end, its person cannot log in, and others do not see them. Staff only.
#[utoipa::path(post, path = "", tag = "admin", params(("id" = Uuid, Path)), request_body = SuspendBody,
    responses((status = 200, body = AdminUserView), (status = 404, description = "There is no such account")))]
pub async fn suspend_user(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathId(id): PathId<UserId>,
    ApiForm(body): ApiForm<SuspendBody>,
) -> ApiResult<Tagged<AdminUserView>> {
    let mut checks = Checks::default();
    let suspension = suspension(&mut checks, "reason", Some(body.reason), body.until);
    checks.finish()?;
    act(&app, &caller, (prefer, if_match), id, StandingChange { suspension, ..StandingChange::default() })
        .await
}

/// Ends a suspension. Staff only.
#[utoipa::path(post, path = "", tag = "admin", params(("id" = Uuid, Path)), request_body = Option<NothingBody>,
    responses((status = 200, body = AdminUserView), (status = 404, description = "There is no such account")))]
pub async fn reinstate_user(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathId(id): PathId<UserId>,
    _body: OptionalJson<NothingBody>,
) -> ApiResult<Tagged<AdminUserView>> {
    let suspension = Some(SuspensionChange::Reinstate);
    act(&app, &caller, (prefer, if_match), id, StandingChange { suspension, ..StandingChange::default() })
        .await
}

/// Gives an account another role, and ends its sessions. Only an owner gives or takes owner and admin.
#[utoipa::path(post, path = "", tag = "admin", params(("id" = Uuid, Path)), request_body = RoleBody,
    responses((status = 200, body = AdminUserView), (status = 404, description = "There is no such account")))]
pub async fn change_role(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    if_match: IfMatch,
    PathId(id): PathId<UserId>,
    ApiJson(body): ApiJson<RoleBody>,
) -> ApiResult<Tagged<AdminUserView>> {
    let mut checks = Checks::default();
    let role = role(&mut checks, &body.role);
    checks.finish()?;
    let proof = body.current_password.map(SecretString::from);
    act(&app, &caller, (prefer, if_match), id, StandingChange { role, proof, ..StandingChange::default() })
        .await
}

async fn act(
    app: &App,
    caller: &Caller,
    (prefer, if_match): (Prefer, IfMatch),
    id: UserId,
    change: StandingChange,
) -> ApiResult<Tagged<AdminUserView>> {
    let expected = match if_match.0 {
        Some(_) => {
            let shown = find(app, id).await?;
            if_match.check(shown.version)?;
            Some(shown.account_version)
        }
        None => None,
    };
    let done = app
        .commands()
        .accounts
        .change_standing(id, change, expected, &caller.command)
        .await
        .map_err(absent)?;
    let settled = app.settle(done.receipt.position, READS, prefer).await;
    let shown = find(app, id).await?;
    seen(app, &caller.command, vec![id]).await?;
    Ok(Reply::ok(()).fresh(settled).tagged(shown.version, shown.view))
}

fn absent(error: CommandError) -> Problem {
    not_there(error).renamed("/suspended_until", "/until")
}

/// Mails a new invitation to a person who has not set a password yet, at most once a minute. Staff only.
#[utoipa::path(post, path = "", tag = "admin", params(("id" = Uuid, Path)), request_body = Option<NothingBody>,
    responses((status = 202, body = MessageView), (status = 404, description = "There is no such account"),
        (status = 409, description = "The account has a password"),
        (status = 429, description = "An invitation was sent a moment ago")))]
pub async fn invite_again(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<UserId>,
    _body: OptionalJson<NothingBody>,
) -> ApiResult<Reply<MessageView>> {
    let done = app.commands().accounts.invite_again(id, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, READS, prefer).await;
    let message = MessageView::new("An invitation was sent to the account's address");
    Ok(Reply::new(StatusCode::ACCEPTED, message).fresh(settled))
}

/// Ends all sessions of an account. Staff only.
#[utoipa::path(post, path = "", tag = "admin", params(("id" = Uuid, Path)), request_body = Option<NothingBody>,
    responses((status = 200, body = MessageView), (status = 404, description = "There is no such account")))]
pub async fn end_sessions_of(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<UserId>,
    _body: OptionalJson<NothingBody>,
) -> ApiResult<Reply<MessageView>> {
    end_all(&app, &caller, prefer, id).await
}

/// Ends all sessions of an account. Staff only.
#[utoipa::path(delete, path = "", tag = "admin", params(("id" = Uuid, Path)),
    responses((status = 200, body = MessageView), (status = 404, description = "There is no such account")))]
pub async fn delete_sessions_of(
    State(app): State<App>,
    caller: Caller,
    prefer: Prefer,
    PathId(id): PathId<UserId>,
) -> ApiResult<Reply<MessageView>> {
    end_all(&app, &caller, prefer, id).await
}

async fn end_all(app: &App, caller: &Caller, prefer: Prefer, id: UserId) -> ApiResult<Reply<MessageView>> {
    let done = app.commands().accounts.end_sessions_of(id, &caller.command).await.map_err(absent)?;
    let settled = app.settle(done.receipt.position, READS, prefer).await;
    Ok(Reply::ok(MessageView::new("All sessions of the account ended")).fresh(settled))
}

/// Lists the sessions of an account, newest first, including ended ones. Staff only.
#[utoipa::path(get, path = "", tag = "admin", params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = PageView<SessionView>), (status = 404, description = "There is no such account")))]
pub async fn list_sessions_of(
    State(app): State<App>,
    caller: Caller,
    at_least: MinPosition,
    uri: Uri,
    PathId(id): PathId<UserId>,
    ApiQuery(query): ApiQuery<PageQuery>,
) -> ApiResult<Reply<PageView<SessionView>>> {
    let wanted = query.paging()?;
    let fresh = app.catch_up(at_least, &[SESSIONS, ACCOUNTS]).await?;
    find(&app, id).await?;
    viewed(&app, &caller.command, View::Sessions, [Subject::of(id)]).await?;
    let page = page_of(&app, id, caller.session, &uri, wanted).await?;
    Ok(Reply::ok(page).fresh(fresh))
}
