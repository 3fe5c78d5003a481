//! A token for a form, that tells how long somebody looked at it (AUTH-12).

use crate::{App, bots::FormPurpose, extract::ApiQuery};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use commands::FormToken;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FormQuery {
    /// `register`, `login` or `reset`: what the form is for.
    #[serde(rename = "for")]
    #[param(value_type = String, example = "login", pattern = "^(register|login|reset)$")]
    purpose: FormPurpose,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FormTokenView {
    /// To be sent along with the form, once.
    form_token: String,
    expires_at: DateTime<Utc>,
}

/// Returns a token for a form. Send its `form_token` with the form: a form that comes back faster than a person types
/// is noticed. Forms without one are welcome.
#[utoipa::path(get, path = "", tag = "session", params(FormQuery), responses((status = 200, body = FormTokenView)))]
pub async fn hand_out(State(app): State<App>, ApiQuery(query): ApiQuery<FormQuery>) -> Json<FormTokenView> {
    let FormToken { token, expires_at } = app.commands().accounts.form_token(query.purpose.name());
    Json(FormTokenView { form_token: token, expires_at })
}
