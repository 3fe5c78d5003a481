//! How many requests one principal may make (RL-02), counted over all nodes, and the fields that say so
//! (draft-ietf-httpapi-ratelimit-headers-10).

use crate::{
    App,
    access::Signed,
    edge::Context,
    problem::{ApiResult, Problem},
};
use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    response::Response,
};
use commands::{CommandError, Standing};
use domain::UserId;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Health, metrics and documentation are nobody's share.
pub fn counts(request: &Request) -> bool {
    request.uri().path().starts_with("/api/")
}

/// Counts a request against its user, or against its network if nobody is signed in.
pub async fn count(app: &App, signed: Option<&Signed>, context: &Context) -> ApiResult<Option<Standing>> {
    let Some(whom) = signed.map(|signed| named(signed.user)).or_else(|| context.network()) else {
        return Ok(None);
    };
    match app.quota().take(&whom).await {
        // Whoever is not counted while the count is away is still refused what needs it.
        Err(CommandError::Unavailable(error)) => {
            tracing::warn!(%error, "requests are not counted");
            Ok(None)
        }
        counted => counted.map_err(Problem::from),
    }
}

fn named(user: UserId) -> String {
    format!("user:{user}")
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
