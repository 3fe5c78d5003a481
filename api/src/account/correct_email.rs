//! The mistyped address of a registration is corrected by whoever made it (AUTH-09).

use crate::{
    App,
    caller::Visitor,
    extract::{ApiJson, Checks},
    problem::{ApiResult, Problem},
    reply::{Prefer, Reply},
};
use crate::{
    account::password_form::{identifier, one_identifier},
    account::verify::CodeRequestedView,
};
use axum::{extract::State, http::StatusCode};
use commands::Proof;
use domain::values::Email;
use projections::{ACCOUNTS, PROFILE_PAGES};
use secrecy::ExposeSecret;
use serde::Deserialize;
use utoipa::ToSchema;

/// With the session of the account the new address alone; else the account's name and password beside it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectEmailBody {
    /// The right address.
    #[schema(example = "jane@example.com")]
    email: String,
    /// The username, or the address as it was mistyped; `username` is accepted too.
    identifier: Option<String>,
    #[schema(example = "jane")]
    username: Option<String>,
    #[schema(example = "correct horse battery", format = Password)]
    password: Option<String>,
}

impl CorrectEmailBody {
    fn read(self, signed_in: bool) -> ApiResult<(Email, Option<Proof>)> {
        let mut checks = Checks::default();
        let email = checks.value("email", Email::parse(&self.email));
        let named = [("identifier", self.identifier), ("username", self.username), ("", None), ("", None)];
        let proof = match (self.password, signed_in) {
            (Some(password), _) => Some(Proof { identifier: identifier(named)?, password: password.into() }),
            (None, true) if one_identifier(named.clone())?.is_none() => None,
            (None, _) => {
                checks.add("password", "missing", "without the account's session its password is needed");
                None
            }
        };
        checks.finish()?;
        let email = email.ok_or_else(|| Problem::internal("a checked form without its values"))?;
        Ok((email, proof))
    }
}

/// Replaces the address of an account that nobody has verified, and sends a code to the new one.
///
/// By the account's session, or by its name and password. What was sent to the former address no longer counts.
#[utoipa::path(post, path = "", tag = "account", request_body = CorrectEmailBody,
    responses((status = 202, body = CodeRequestedView),
        (status = 401, description = "Unknown account or wrong password"),
        (status = 409, description = "The account is verified: its address is changed at `/api/me`")))]
pub async fn correct_email(
    State(app): State<App>,
    visitor: Visitor,
    prefer: Prefer,
    ApiJson(body): ApiJson<CorrectEmailBody>,
) -> ApiResult<Reply<CodeRequestedView>> {
    let (email, proof) = body.read(visitor.user.is_some())?;
    let corrected = app.commands().accounts.correct_address(&email, proof, &visitor.command).await?;
    let settled = app.settle(corrected.done.receipt.position, &[ACCOUNTS, PROFILE_PAGES], prefer).await;
    let view = CodeRequestedView {
        message: "The address is corrected; a verification code is sent to it",
        request_token: corrected.token.expose_secret().to_owned(),
    };
    Ok(Reply::new(StatusCode::ACCEPTED, view).fresh(settled))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(members: serde_json::Value, signed_in: bool) -> Result<bool, (String, String)> {
        let body: CorrectEmailBody = serde_json::from_value(members).unwrap();
        let read = body.read(signed_in).map(|(_, proof)| proof.is_some());
        read.map_err(|problem| {
            let error = &problem.field_errors()[0];
            (error.pointer.clone(), error.code.clone())
        })
    }

    #[test]
    fn session_or_name_and_password_prove_whose_registration_it_is() {
        let (email, name) = ("jane@example.com", "jane");
        let refused = |pointer: &str, code: &str| Err((pointer.to_owned(), code.to_owned()));
        for (body, signed_in, expected) in [
            (serde_json::json!({ "email": email }), true, Ok(false)),
            (serde_json::json!({ "email": email }), false, refused("/password", "missing")),
            (serde_json::json!({ "email": email, "username": name, "password": "x" }), false, Ok(true)),
            (serde_json::json!({ "email": email, "username": name }), true, refused("/password", "missing")),
            (serde_json::json!({ "email": email, "password": "x" }), true, refused("/identifier", "missing")),
            (serde_json::json!({ "email": "jane" }), true, refused("/email", "email-invalid")),
        ] {
            assert_eq!(read(body.clone(), signed_in), expected, "{body}");
        }
    }
}
