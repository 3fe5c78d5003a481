//! The final form of a reply: problem documents, the request's id, and the headers that harden it.

use super::{Context, REQUEST_ID, front::Hsts};
use crate::problem::{Kind, MEDIA_TYPE, Problem, catalogue as kind};
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

/// A JSON API shows nothing; the pages of `/docs` send a policy of their own.
const NO_CONTENT_POLICY: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// An error that a library answered with gets a problem too; a JSON reply is ours and stays.
pub fn bare_error(response: &mut Response) {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if failed && !ours && response.extensions().get::<Problem>().is_none() {
        let problem = Problem::of(of_status(status));
        *response.status_mut() = problem.kind().status;
        response.extensions_mut().insert(problem.cause(format!("answered {status} without a problem")));
    }
}

fn of_status(status: StatusCode) -> &'static Kind {
    let general = || if status.is_client_error() { &kind::REFUSED } else { &kind::INTERNAL };
    kind::CATALOGUE.iter().copied().find(|kind| kind.status == status).unwrap_or_else(general)
}

/// Writes the document of the problem that a handler left in the reply.
pub fn problem(response: &mut Response, context: &Context) {
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return };
    let document = problem.details(context.request_id.clone());
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    *response.body_mut() = Body::from(body);
}

/// HTTP Strict Transport Security; over plain HTTP it must not be sent (RFC 6797, section 7.2).
pub fn https_only(response: &mut Response, hsts: Hsts) {
    response.headers_mut().extend(hsts.value().map(|value| (header::STRICT_TRANSPORT_SECURITY, value)));
}

/// Each only where the handler said nothing else.
pub fn headers(response: &mut Response, context: &Context) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, NO_CONTENT_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert(REQUEST_ID, id);
    }
}
