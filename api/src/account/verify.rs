//! Verification of a contact by the code that was sent to it (AUTH-09).

use crate::account::password_form::{identifier, one_identifier};
use crate::{
    App,
    account::views::status,
    caller::Visitor,
    extract::{ApiJson, OptionalJson},
    problem::{ApiResult, Problem},
    reply::{Prefer, Reply},
};
use axum::{extract::State, http::StatusCode};
use commands::{CommandError, TypedCode};
use domain::UserId;
use projections::{ACCOUNTS, PROFILE_PAGES, SESSIONS};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The account by exactly one of `identifier`, `user_id`, `username`, `email`; with an access token it may be left out.
/// The code names the registration among those that wait for an address.
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
    /// Of the reply to the registration, or to the request for the code: wrong codes of strangers then use up none of
    /// your five tries.
    #[schema(format = Password)]
    request_token: Option<String>,
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
    let (code, token) = (SecretString::from(body.code), body.request_token.map(SecretString::from));
    let typed = TypedCode { code: &code, token: token.as_ref() };
    let done = app.commands().accounts.verify_contact(&account, typed, &[], &visitor.command).await;
    // An address that is taken is the account's, and no member of this body.
    let done = done.map_err(|error| match error {
        CommandError::Duplicate(_) => Problem::from(error).about_nothing(),
        error => error.into(),
    })?;
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
    /// Of the reply to the registration, or to an earlier request.
    #[schema(format = Password)]
    request_token: Option<String>,
}

/// A code may be on its way.
#[derive(Serialize, ToSchema)]
pub struct CodeRequestedView {
    #[schema(example = "If the account awaits verification, its code is sent to its address")]
    pub message: &'static str,
    /// For `/api/auth/verify`: tells that it was you who asked. It says nothing about the account.
    #[schema(format = Password)]
    pub request_token: String,
}

/// Sends the pending verification code again, or a new one if none is pending, at most once a minute.
///
/// The answer is the same whatever the account is, and whether or not a code is sent; only the account's own session is
/// told that it is verified already. An `Idempotency-Key` has no effect.
#[utoipa::path(post, path = "", tag = "account", request_body = Option<ResendBody>,
    responses((status = 202, body = CodeRequestedView), (status = 409, description = "Own session: already verified")))]
pub async fn resend_code(
    State(app): State<App>,
    visitor: Visitor,
    OptionalJson(body): OptionalJson<ResendBody>,
) -> ApiResult<Reply<CodeRequestedView>> {
    let body = body.unwrap_or_default();
    let given = [
        ("identifier", body.identifier),
        ("user_id", body.user_id),
        ("username", body.username),
        ("email", body.email),
    ];
    let account = named_or_own(given, visitor.user)?;
    let token = body.request_token.map(SecretString::from);
    let asked = app.commands().accounts.resend_code(&account, token.as_ref(), &visitor.command).await?;
    let view = CodeRequestedView {
        message: "If the account awaits verification, its code is sent to its address",
        request_token: asked.expose_secret().to_owned(),
    };
    Ok(Reply::new(StatusCode::ACCEPTED, view))
}
