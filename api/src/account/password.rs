//! Passwords: forgotten, reset, changed (AUTH-06, AUTH-07, C-32).

use crate::account::issue;
use crate::{
    App,
    account::views::PasswordChangedView,
    caller::{Caller, Visitor},
    cookies::csrf::OwnPage,
    extract::{ApiForm, ApiJson, Checks, Form},
    http::views::MessageView,
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{Prefer, Reply},
};
use axum::{extract::State, http::StatusCode};
use commands::{
    AccountError, CommandError,
    passwords::{ContextWords, check_policy},
};
use projections::{ACCOUNTS, Name, PROFILE_PAGES, SESSION_GATE, SESSIONS};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

/// Where a changed password shows: it ends sessions too.
const READS: &[Name] = &[ACCOUNTS, PROFILE_PAGES, SESSIONS, SESSION_GATE];

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgotBody {
    /// The account's address.
    #[schema(example = "jane@example.com")]
    email: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetBody {
    /// From the mail; good once, for ten minutes.
    #[schema(format = Password)]
    token: String,
    /// 8 to 256 characters, not a common password.
    #[schema(format = Password)]
    new_password: String,
}

impl Form for ResetBody {
    fn check(&self, checks: &mut Checks) {
        checks.value("new_password", check_policy(&self.new_password, None, None, &ContextWords::NONE));
    }
}

/// Mails a reset token, at most once a minute. The answer is the same whether or not there is such an account.
#[utoipa::path(post, path = "", tag = "account", request_body = ForgotBody, responses((status = 202, body = MessageView)))]
pub async fn forgot_password(
    State(app): State<App>,
    visitor: Visitor,
    ApiJson(body): ApiJson<ForgotBody>,
) -> ApiResult<Reply<MessageView>> {
    request(&app, &body.email, &visitor).await
}

/// Sets a new password by a mailed token, and ends all sessions.
#[utoipa::path(post, path = "", tag = "account", request_body = ResetBody, responses((status = 200, body = MessageView)))]
pub async fn reset_password(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    ApiForm(body): ApiForm<ResetBody>,
) -> ApiResult<Reply<MessageView>> {
    reset(&app, body.token, body.new_password, &visitor, prefer).await
}

/// With `email`: as `/api/auth/forgot-password`. With `token` and `new_password`: as `/api/auth/reset-password`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordResetBody {
    #[schema(example = "jane@example.com")]
    email: Option<String>,
    #[schema(format = Password)]
    token: Option<String>,
    #[schema(format = Password)]
    new_password: Option<String>,
}

impl Form for PasswordResetBody {
    fn check(&self, checks: &mut Checks) {
        check_halves((self.email.is_some(), self.token.is_some(), self.new_password.is_some()), checks);
        if let Some(new) = &self.new_password {
            checks.value("new_password", check_policy(new, None, None, &ContextWords::NONE));
        }
    }
}

/// Requests or completes a password reset, depending on the body.
#[utoipa::path(post, path = "", tag = "account", request_body = PasswordResetBody,
    responses((status = 202, body = MessageView, description = "With `email`"),
        (status = 200, body = MessageView, description = "With `token`")))]
pub async fn password_reset(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    ApiForm(body): ApiForm<PasswordResetBody>,
) -> ApiResult<Reply<MessageView>> {
    match (body.email, body.token, body.new_password) {
        (Some(email), None, None) => request(&app, &email, &visitor).await,
        (None, Some(token), Some(new)) => reset(&app, token, new, &visitor, prefer).await,
        (email, token, new) => Err(incomplete(email.is_some(), token.is_some(), new.is_some())),
    }
}

/// One half, and whole.
fn check_halves((email, token, new_password): (bool, bool, bool), checks: &mut Checks) {
    match (email, token, new_password) {
        (true, false, false) | (false, true, true) => {}
        (true, _, _) => checks.add("email", "contradiction", "either email, or token and new_password"),
        (false, true, false) => checks.add("new_password", "missing", "token and new_password go together"),
        (false, false, true) => checks.add("token", "missing", "token and new_password go together"),
        (false, false, false) => checks.add("email", "missing", "either email, or token and new_password"),
    }
}

fn incomplete(email: bool, token: bool, new_password: bool) -> Problem {
    let mut checks = Checks::default();
    check_halves((email, token, new_password), &mut checks);
    checks.finish().err().unwrap_or_else(|| Problem::internal("an incomplete body without an error"))
}

async fn request(app: &App, email: &str, visitor: &Visitor) -> ApiResult<Reply<MessageView>> {
    app.commands().accounts.request_reset(email, &visitor.command).await?;
    let message = "If there is such an account, a mail was sent to its address";
    Ok(Reply::new(StatusCode::ACCEPTED, MessageView::new(message)))
}

async fn reset(
    app: &App,
    token: String,
    new: String,
    visitor: &Visitor,
    prefer: Prefer,
) -> ApiResult<Reply<MessageView>> {
    let token = SecretString::from(token);
    let done = app
        .commands()
        .accounts
        .reset_password(&token, new.into(), &visitor.command)
        .await
        .map_err(about_new)?;
    let settled = app.settle(done.receipt.position, READS, prefer).await;
    Ok(Reply::ok(MessageView::new("The password was changed; all sessions have ended")).fresh(settled))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBody {
    #[schema(format = Password)]
    current_password: String,
    /// 8 to 256 characters, not a common password.
    #[schema(format = Password)]
    new_password: String,
}

impl Form for ChangeBody {
    fn check(&self, checks: &mut Checks) {
        checks.value("new_password", check_policy(&self.new_password, None, None, &ContextWords::NONE));
    }
}

/// Changes the password. All sessions end, and the one that asks goes on as a new one, whose tokens the reply brings as
/// a login's does: the former ones count no more.
#[utoipa::path(post, path = "", tag = "account", request_body = ChangeBody,
    responses((status = 200, body = PasswordChangedView), (status = 409, description = "The account has no password")))]
pub async fn change_password(
    State(app): State<App>,
    caller: Caller,
    (prefer, page): (Prefer, OwnPage),
    ApiForm(body): ApiForm<ChangeBody>,
) -> ApiResult<Reply<PasswordChangedView>> {
    let (current, new) = (body.current_password.into(), body.new_password.into());
    let changed =
        app.commands().accounts.change_password(current, new, &caller.command).await.map_err(refused)?;
    let settled = app.settle(changed.receipt.position, READS, prefer).await;
    let session = changed.session.ok_or_else(|| Problem::of(&kind::SECRET_SHOWN_ONCE))?;
    let message = "The password was changed; all other sessions have ended";
    let reply = issue::tokens(&app, StatusCode::OK, session, page)?;
    Ok(reply.map(|tokens| PasswordChangedView { message, tokens }).fresh(settled))
}

fn refused(error: CommandError) -> Problem {
    match error.reason() {
        Some(AccountError::SessionEnded) => Problem::of(&kind::SESSION_ENDED),
        _ => about_new(error),
    }
}

/// The rules of passwords speak of `password`; these bodies call it `new_password`.
fn about_new(error: CommandError) -> Problem {
    Problem::from(error).renamed("/password", "/new_password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_bodies_are_told_what_is_wrong() {
        for (given, pointer, code) in [
            ((false, false, false), "/email", "missing"),
            ((true, true, false), "/email", "contradiction"),
            ((false, true, false), "/new_password", "missing"),
            ((false, false, true), "/token", "missing"),
        ] {
            let problem = incomplete(given.0, given.1, given.2);
            let error = &problem.field_errors()[0];
            assert_eq!((error.pointer.as_str(), error.code.as_str()), (pointer, code));
        }
    }
}
