//! How many requests one principal may make (RL-02), counted over all nodes, and the fields that say so
//! (draft-ietf-httpapi-ratelimit-headers-10).

use crate::{
    App,
    edge::Context,
    problem::{ApiResult, Problem},
};
use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use commands::{CommandError, Standing};

pub const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Health, metrics and documentation are nobody's share.
pub fn counts(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}

/// Counts a request against whose share it is, a user's or an API key's, or against its network. Each key has as much as
/// a user has: a program that runs wild leaves the person, and other programs, their own.
pub async fn count(app: &App, share: Option<String>, context: &Context) -> ApiResult<Option<Standing>> {
    let Some(whom) = share.or_else(|| context.network()) else { return Ok(None) };
    match app.quota().take(&whom).await {
        // Whoever is not counted while the count is away is still refused what needs it.
        Err(CommandError::Unavailable(error)) => {
            tracing::warn!(%error, "requests are not counted");
            Ok(None)
        }
        counted => counted.map_err(Problem::from),
    }
}

/// Tells the client where it stands.
pub fn tell(response: &mut Response, standing: Standing) {
    let Standing { limit, left } = standing;
    let window = limit.every.saturating_mul(limit.burst).as_secs().max(1);
    let fields = [
        (POLICY, format!("\"requests\";q={};w={window}", limit.burst)),
        (LIMIT, format!("\"requests\";r={left};t={}", limit.every.as_secs().max(1))),
    ];
    for (name, value) in fields {
        response.headers_mut().extend(HeaderValue::try_from(value).ok().map(|value| (name, value)));
    }
}
