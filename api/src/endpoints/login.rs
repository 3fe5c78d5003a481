//! Login by password (AUTH-02, C-04, C-06).

use super::{
    issue,
    password_form::{PasswordForm, identifier},
};
use crate::{
    App,
    caller::Visitor,
    cookies::csrf::OwnPage,
    problem::ApiResult,
    reply::{Prefer, Reply},
    views::TokensView,
};
use axum::{extract::State, http::StatusCode};
use projections::{ACCOUNTS, ERASURES, PROFILE_PAGES, SESSIONS};
use serde::Deserialize;
use utoipa::ToSchema;

/// The account by exactly one of `identifier`, `username`, `email`, `phone_number`: they are synonyms.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginBody {
    identifier: Option<String>,
    #[schema(example = "jane")]
    username: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    #[schema(example = "correct horse battery", format = Password)]
    password: String,
    /// Keeps an account whose deletion was asked for.
    #[serde(default)]
    cancel_deletion: bool,
}

/// Begins a session, hands out its tokens, and sets the session cookie.
#[utoipa::path(post, path = "", tag = "session", request_body = LoginBody,
    responses((status = 200, body = TokensView), (status = 401, description = "Unknown account or wrong password"),
        (status = 403, description = "No contact of the account is verified yet")))]
pub async fn login(
    State(app): State<App>,
    visitor: Visitor,
    (prefer, page): (Prefer, OwnPage),
    PasswordForm(body): PasswordForm<LoginBody>,
) -> ApiResult<Reply<TokensView>> {
    let identifier = identifier([
        ("identifier", body.identifier),
        ("username", body.username),
        ("email", body.email),
        ("phone_number", body.phone_number),
    ])?;
    let (accounts, password) = (app.accounts(), body.password.into());
    let session = if body.cancel_deletion {
        accounts.login_and_stay(&identifier, password, &visitor.command).await?
    } else {
        accounts.login(&identifier, password, &visitor.command).await?
    };
    let read_models = [SESSIONS, ACCOUNTS, PROFILE_PAGES, ERASURES];
    let settled = app.settle(session.receipt.position, &read_models, prefer).await;
    Ok(issue::tokens(&app, StatusCode::OK, session, page)?.fresh(settled))
}
