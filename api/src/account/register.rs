//! Registration by username, e-mail address and password (AUTH-01, AUTH-10, C-03).

use crate::{
    App,
    account::views::{TokensView, status},
    caller::Visitor,
    cookies::csrf::OwnPage,
    extract::{Checks, Form},
    problem::{ApiResult, Problem, catalogue as kind},
    reply::{Prefer, Reply},
};
use crate::{account::issue, account::password_form::PasswordForm};
use axum::{extract::State, http::StatusCode};
use commands::{
    Registered, Registration,
    passwords::{ContextWords, check_policy},
};
use domain::values::{Email, Role, Username};
use projections::{ACCOUNTS, PROFILE_PAGES, SESSIONS};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterBody {
    /// 3 to 32 of letters, digits, `.`, `_`, `-`; unique whatever the case.
    #[schema(example = "jane")]
    username: String,
    #[schema(example = "jane@example.com")]
    email: String,
    /// 8 to 256 characters, not a common password.
    #[schema(example = "correct horse battery", format = Password)]
    password: String,
}

impl RegisterBody {
    fn form(&self) -> ApiResult<Registration> {
        let mut checks = Checks::default();
        let (username, email) = self.names(&mut checks);
        checks.finish()?;
        let (Some(username), Some(email)) = (username, email) else {
            return Err(Problem::internal("a checked form without its values"));
        };
        Ok(Registration { username, email, password: self.password.clone().into() })
    }

    fn names(&self, checks: &mut Checks) -> (Option<Username>, Option<Email>) {
        let username = checks.value("username", Username::parse(&self.username));
        let email = checks.value("email", Email::parse(&self.email));
        (username, email)
    }
}

impl Form for RegisterBody {
    fn check(&self, checks: &mut Checks) {
        self.names(checks);
        checks.value(
            "password",
            check_policy(&self.password, Some(&self.username), Some(&self.email), &ContextWords::NONE),
        );
    }
}

/// A new account. A code was e-mailed; `POST /api/auth/verify` takes it.
#[derive(Serialize, ToSchema)]
pub struct RegisteredView {
    id: Uuid,
    /// Same as `id`.
    user_id: Uuid,
    #[schema(example = "jane")]
    username: String,
    #[schema(example = "jane@example.com")]
    email: String,
    #[schema(example = "normal")]
    role: &'static str,
    #[schema(example = "pending_verification")]
    status: &'static str,
    is_verified: bool,
    /// For `/api/auth/verify` and `/api/auth/resend-code`: tells that it was you who registered.
    #[schema(format = Password)]
    request_token: String,
    message: &'static str,
}

/// Registers an account and e-mails a code. No tokens before the address is verified.
///
/// An address that another account has verified gets the same answer.
#[utoipa::path(post, path = "", tag = "account", request_body = RegisterBody,
    responses((status = 201, body = RegisteredView), (status = 409, description = "The username is taken")))]
pub async fn register(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    PasswordForm(body): PasswordForm<RegisterBody>,
) -> ApiResult<Reply<RegisteredView>> {
    let registered = app.commands().accounts.register(body.form()?, &visitor.command).await?;
    Ok(pending(&app, body, (registered, Role::Normal), prefer).await)
}

/// Registers a professional: as `/api/auth/register`, with the role `professional`.
///
/// What the business is, is said once the account is there; it is no part of the registration.
#[utoipa::path(post, path = "", tag = "account", request_body = RegisterBody,
    responses((status = 201, body = RegisteredView), (status = 409, description = "The username is taken")))]
pub async fn register_professional(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    PasswordForm(body): PasswordForm<RegisterBody>,
) -> ApiResult<Reply<RegisteredView>> {
    let registered = app.commands().accounts.register_professional(body.form()?, &visitor.command).await?;
    Ok(pending(&app, body, (registered, Role::Professional), prefer).await)
}

async fn pending(
    app: &App,
    body: RegisterBody,
    (registered, role): (Registered, Role),
    prefer: Prefer,
) -> Reply<RegisteredView> {
    let settled = app.settle(registered.receipt.position, &[ACCOUNTS, PROFILE_PAGES], prefer).await;
    let id = registered.user.uuid();
    // As it is stored: the form was read before.
    let email = Email::parse(&body.email).map_or_else(|_| body.email.clone(), |email| email.to_string());
    let view = RegisteredView {
        id,
        user_id: id,
        username: body.username,
        email,
        role: role.name(),
        status: status(false),
        is_verified: false,
        request_token: registered.token.expose_secret().to_owned(),
        message: "A verification code was sent to the e-mail address",
    };
    Reply::new(StatusCode::CREATED, view).fresh(settled)
}

/// Registers an account, e-mails a code, and starts a session that can do little until the code is used.
#[utoipa::path(post, path = "", tag = "account", request_body = RegisterBody,
    responses((status = 201, body = TokensView), (status = 409, description = "The username is taken")))]
pub async fn register_with_tokens(
    State(app): State<App>,
    visitor: Visitor,
    (prefer, page): (Prefer, OwnPage),
    PasswordForm(body): PasswordForm<RegisterBody>,
) -> ApiResult<Reply<TokensView>> {
    let registered = app.commands().accounts.register_with_session(body.form()?, &visitor.command).await?;
    let session = registered.session.ok_or_else(|| Problem::of(&kind::SECRET_SHOWN_ONCE))?;
    let settled = app.settle(registered.receipt.position, &[ACCOUNTS, PROFILE_PAGES, SESSIONS], prefer).await;
    Ok(issue::tokens(&app, StatusCode::CREATED, session, page)?.fresh(settled))
}
