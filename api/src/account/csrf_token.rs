//! The token that a page sends along with the session cookie (SEC-03).

use crate::{App, access::Signed, cookies::csrf};
use axum::{Extension, Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// A token against forged requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct CsrfTokenView {
    /// Counts until the session ends, beside those that were given out before.
    csrf_token: String,
    /// The header that takes it.
    #[schema(example = "X-CSRF-Token")]
    header: &'static str,
}

/// Returns the CSRF token of a session cookie: `POST`, `PUT`, `PATCH` and `DELETE` need it in `X-CSRF-Token`.
///
/// Asking is no sign of life.
#[utoipa::path(get, path = "", tag = "session", responses((status = 200, body = CsrfTokenView)))]
pub async fn find(State(app): State<App>, Extension(signed): Extension<Signed>) -> Json<CsrfTokenView> {
    Json(CsrfTokenView { csrf_token: csrf::token(&app, signed.session), header: "X-CSRF-Token" })
}
