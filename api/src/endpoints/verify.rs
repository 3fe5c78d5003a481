//! Verification of a contact by the code that was sent to it (AUTH-09).

use super::password_form::{identifier, one_identifier};
use crate::{
    App,
    caller::Visitor,
    extract::{ApiJson, OptionalJson},
    problem::ApiResult,
    reply::{Prefer, Reply},
    views::{MessageView, status},
};
use axum::{extract::State, http::StatusCode};
use commands::CommandError;
use domain::UserId;
use projections::{ACCOUNTS, PROFILE_PAGES, SESSIONS};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The account by exactly one of `identifier`, `user_id`, `username`, `email`; with an access token it may be left out.
/// An address that is not verified yet names nobody: use the username or the id.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyBody {
    identifier: Option<String>,
    user_id: Option<String>,
    #[schema(example = "jane")]
    username: Option<String>,
    email: Option<String>,
    /// Six digits.
    #[schema(example = "123456")]
    code: String,
}

/// An account whose contact is verified.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifiedView {
    id: Uuid,
    /// Same as `id`.
    user_id: Uuid,
    #[schema(example = "active")]
    status: &'static str,
    is_verified: bool,
    message: &'static str,
}

/// Verifies the account's contact. The same code again is accepted and changes nothing.
#[utoipa::path(post, path = "", tag = "account", request_body = VerifyBody,
    responses((status = 200, body = VerifiedView), (status = 409, description = "Another account has verified the address")))]
pub async fn verify_contact(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    ApiJson(body): ApiJson<VerifyBody>,
) -> ApiResult<Reply<VerifiedView>> {
    let given = [
        ("identifier", body.identifier),
        ("user_id", body.user_id),
        ("username", body.username),
        ("email", body.email),
    ];
    let account = named_or_own(given, visitor.user)?;
    let done = app
        .accounts()
        .verify_contact(&account, &SecretString::from(body.code), &[], &visitor.command)
        .await?;
    let settled = app.settle(done.receipt.position, &[ACCOUNTS, PROFILE_PAGES, SESSIONS], prefer).await;
    let id = done.receipt.id;
    let view = VerifiedView {
        id,
        user_id: id,
        status: status(true),
        is_verified: true,
        message: "The contact is verified",
    };
    Ok(Reply::ok(view).fresh(settled))
}

fn named_or_own(given: [(&str, Option<String>); 4], own: Option<UserId>) -> ApiResult<String> {
    match (one_identifier(given)?, own) {
        (Some(named), _) => Ok(named),
        (None, Some(own)) => Ok(own.to_string()),
        (None, None) => identifier([("", None), ("", None), ("", None), ("", None)]),
    }
}

/// The account, as for `/api/auth/verify`.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResendBody {
    identifier: Option<String>,
    user_id: Option<String>,
    #[schema(example = "jane")]
    username: Option<String>,
    email: Option<String>,
}

/// Sends another code, at most once a minute; the one before no longer counts.
///
/// A stranger gets the same answer whatever the account is; the account's own session is told why no code was sent.
#[utoipa::path(post, path = "", tag = "account", request_body = Option<ResendBody>,
    responses((status = 202, body = MessageView), (status = 409, description = "Own session: already verified"),
        (status = 429, description = "Own session: a code was sent a moment ago")))]
pub async fn resend_code(
    State(app): State<App>,
    visitor: Visitor,
    OptionalJson(body): OptionalJson<ResendBody>,
) -> ApiResult<Reply<MessageView>> {
    let body = body.unwrap_or_default();
    let given = [
        ("identifier", body.identifier),
        ("user_id", body.user_id),
        ("username", body.username),
        ("email", body.email),
    ];
    let account = named_or_own(given, visitor.user)?;
    let own = visitor.user.is_some_and(|user| user.to_string() == account);
    match app.accounts().resend_code(&account, &visitor.command).await {
        Err(CommandError::Rejected(_) | CommandError::Conflict { .. } | CommandError::NotFound) if !own => {}
        done => done?,
    }
    let message = "If the account awaits verification, a code was sent to its address";
    Ok(Reply::new(StatusCode::ACCEPTED, MessageView::new(message)))
}
