//! One log line and three metrics per request (OPS-03, OPS-04).
//!
//! By route template: no query string, no id, no token, nothing about a person.

use super::Context;
use crate::problem::Problem;
use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use std::time::Instant;

/// A request that is being answered.
pub struct Seen {
    method: &'static str,
    route: String,
    since: Instant,
}

impl Seen {
    pub fn new(method: &Method, route: Option<&str>, now: Instant) -> Self {
        metrics::gauge!("http_requests_in_flight").increment(1.0);
        Self { method: known(method), route: route.unwrap_or("unmatched").to_owned(), since: now }
    }

    pub fn done(&self, response: &Response, context: &Context, now: Instant) {
        let status = response.status();
        let took = now.saturating_duration_since(self.since);
        let labels = [("method", self.method.to_owned()), ("route", self.route.clone())];
        metrics::histogram!("http_request_duration_seconds", &labels).record(took.as_secs_f64());
        let [method, route] = labels;
        let code = status.as_u16().to_string();
        metrics::counter!("http_requests_total", &[method, route, ("status", code)]).increment(1);
        self.log(status, response.extensions().get(), context, took.as_secs_f64() * 1_000.0);
    }

    fn log(&self, status: StatusCode, problem: Option<&Problem>, context: &Context, duration_ms: f64) {
        let problem_type = problem.map(|problem| problem.kind().slug);
        let (method, route, request_id) = (self.method, self.route.as_str(), context.request_id.as_str());
        let (status, traceparent) = (status.as_u16(), context.traceparent.as_deref());
        if status >= 500 {
            let cause = problem.and_then(Problem::logged_cause);
            tracing::error!(
                request_id,
                method,
                route,
                status,
                duration_ms,
                problem_type,
                cause,
                traceparent,
                "request"
            );
        } else if route.starts_with("/health") || route == "/metrics" {
            tracing::debug!(request_id, method, route, status, duration_ms, problem_type, "request");
        } else {
            tracing::info!(
                request_id,
                method,
                route,
                status,
                duration_ms,
                problem_type,
                traceparent,
                "request"
            );
        }
    }
}

/// Also when the client went away and the handler was dropped.
impl Drop for Seen {
    fn drop(&mut self) {
        metrics::gauge!("http_requests_in_flight").decrement(1.0);
    }
}

/// A client may invent methods; a label may not be invented.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
