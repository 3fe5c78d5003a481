//! Health, readiness and metrics for operators (OPS-01 to OPS-03).

use crate::{
    App,
    app::Check,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Liveness {
    #[schema(example = "ok")]
    status: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessReport {
    /// `ok` if every check is, else `unavailable`.
    #[schema(example = "ok")]
    status: &'static str,
    checks: Vec<Check>,
}

/// The process answers. It depends on nothing else.
#[utoipa::path(get, path = "", tag = "operations", responses((status = 200, body = Liveness)))]
pub async fn live() -> Json<Liveness> {
    Json(Liveness { status: "ok" })
}

/// The process can do its work: every check holds.
#[utoipa::path(get, path = "", tag = "operations",
    responses((status = 200, body = ReadinessReport), (status = 503, body = ReadinessReport, description = "Not ready")))]
pub async fn ready(State(app): State<App>) -> impl IntoResponse {
    let checks = app.readiness().await;
    let (code, status) = if checks.iter().all(|check| check.ok) {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    };
    (code, Json(ReadinessReport { status, checks }))
}

/// Metrics of this process as Prometheus text, where the operator lets the world read them (`ANNALS_METRICS_PUBLIC`):
/// usually they are at an address of their own (`ANNALS_METRICS_LISTEN`).
#[utoipa::path(get, path = "", tag = "operations",
    responses((status = 200, content_type = "text/plain", body = String),
        (status = 404, description = "They are not on this address")))]
pub async fn metrics(State(app): State<App>) -> ApiResult<impl IntoResponse> {
    app.metrics().map(prometheus).ok_or_else(|| Problem::of(&kind::NOT_FOUND))
}

/// In the text exposition format.
pub fn prometheus(text: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
