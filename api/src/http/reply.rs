//! Replies, and how they stay fresh: a command's reply waits for the read models that its resource is read from.

use crate::{
    App, etag,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use projections::{Freshness, Name};
use serde::Serialize;

const POSITION: HeaderName = HeaderName::from_static("annals-position");
const FRESH: HeaderName = HeaderName::from_static("annals-fresh");
const MIN_POSITION: &str = "annals-min-position";

/// A JSON reply.
#[derive(Debug)]
pub struct Reply<T> {
    status: StatusCode,
    body: T,
    headers: HeaderMap,
}

impl<T> Reply<T> {
    pub fn new(status: StatusCode, body: T) -> Self {
        Self { status, body, headers: HeaderMap::new() }
    }

    pub fn ok(body: T) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// Says how fresh the body is.
    pub fn fresh(mut self, freshness: impl Into<HeaderMap>) -> Self {
        self.headers.extend(freshness.into());
        self
    }

    /// The same reply with another body.
    pub fn map<U>(self, body: impl FnOnce(T) -> U) -> Reply<U> {
        Reply { status: self.status, body: body(self.body), headers: self.headers }
    }

    pub fn cookie(mut self, cookie: Option<HeaderValue>) -> Self {
        self.headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        self
    }
}

impl Reply<()> {
    /// A body of a resource that has versions.
    pub fn tagged<T>(self, version: i64, body: T) -> Tagged<T> {
        let reply = Reply { status: self.status, body, headers: self.headers };
        Tagged { reply, version, known: HeaderMap::new() }
    }
}

/// A JSON reply with an entity tag.
#[derive(Debug)]
pub struct Tagged<T> {
    reply: Reply<T>,
    version: i64,
    /// Of the request, where a known body may be left out.
    known: HeaderMap,
}

impl<T> Tagged<T> {
    /// 304 if `If-None-Match` names this very body.
    pub fn unless_known(mut self, headers: &HeaderMap) -> Self {
        self.known = headers.clone();
        self
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let Self { reply: Reply { status, body, headers }, version, known } = self;
        let Ok(bytes) = serde_json::to_vec(&body) else {
            return Problem::internal("a body that is no JSON").into_response();
        };
        let tag = etag::tag(version, &bytes);
        let mut response = if etag::is_known(&known, &tag) {
            (StatusCode::NOT_MODIFIED, headers).into_response()
        } else {
            (status, headers, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
        };
        let headers = response.headers_mut();
        headers.extend(etag::value(&tag).map(|tag| (header::ETAG, tag)));
        response
    }
}

impl<T: Serialize> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        (self.status, self.headers, Json(self.body)).into_response()
    }
}

/// A command that is done, and whether the read models show it.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    position: i64,
    fresh: bool,
}

impl From<Settled> for HeaderMap {
    fn from(Settled { position, fresh }: Settled) -> Self {
        let mut headers = Self::from(WasFresh(fresh));
        headers.insert(POSITION, HeaderValue::from(position));
        headers
    }
}

/// Whether a read shows everything up to the position that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct WasFresh(bool);

impl From<WasFresh> for HeaderMap {
    fn from(WasFresh(fresh): WasFresh) -> Self {
        let mut headers = Self::new();
        if !fresh {
            headers.insert(FRESH, HeaderValue::from_static("false"));
        }
        headers
    }
}

impl App {
    /// Waits, bounded, until these read models show a command; not at all if the client does not want to.
    pub async fn settle(&self, position: i64, reads: &[Name], prefer: Prefer) -> Settled {
        let fresh = !prefer.respond_async && self.reached(position, reads).await;
        Settled { position, fresh }
    }

    /// Waits, bounded, until these read models are as far as the client asks.
    pub async fn catch_up(&self, at_least: MinPosition, reads: &[Name]) -> ApiResult<WasFresh> {
        let MinPosition(Some(position)) = at_least else { return Ok(WasFresh(true)) };
        let head = self.queries().watcher().head().await?;
        if position > head {
            return Err(Problem::of(&kind::POSITION_AHEAD).detail(format!("the log ends at position {head}")));
        }
        Ok(WasFresh(self.reached(position, reads).await))
    }

    async fn reached(&self, position: i64, reads: &[Name]) -> bool {
        let bound = self.options().fresh_within;
        self.queries().watcher().wait_for(reads, position, bound).await == Freshness::Fresh
    }
}

/// `Prefer` (RFC 7240), as far as it is known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefer {
    pub respond_async: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Prefer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(prefer(&parts.headers))
    }
}

fn prefer(headers: &HeaderMap) -> Prefer {
    let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let respond_async = values
        .flat_map(|value| value.split(','))
        .any(|preference| preference.trim().eq_ignore_ascii_case("respond-async"));
    Prefer { respond_async }
}

/// `Annals-Min-Position`: a read is not to show older state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinPosition(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for MinPosition {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        min_position(&parts.headers)
    }
}

fn min_position(headers: &HeaderMap) -> Result<MinPosition, Problem> {
    let Some(value) = headers.get(MIN_POSITION) else { return Ok(MinPosition(None)) };
    let position =
        value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|position| *position >= 0);
    let malformed =
        || Problem::of(&kind::MALFORMED_HEADER).detail("Annals-Min-Position must be a position of the log");
    position.map(|position| MinPosition(Some(position))).ok_or_else(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))])
    }

    #[test]
    fn respond_async_is_found_among_preferences() {
        assert!(prefer(&headers("prefer", "wait=5, Respond-Async")).respond_async);
        assert!(!prefer(&headers("prefer", "respond-asynchronously")).respond_async);
        assert_eq!(prefer(&HeaderMap::new()), Prefer::default());
    }

    #[test]
    fn min_position_is_a_position_or_a_problem() {
        assert_eq!(min_position(&headers(MIN_POSITION, "42")).unwrap(), MinPosition(Some(42)));
        assert_eq!(min_position(&HeaderMap::new()).unwrap(), MinPosition(None));
        for bad in ["", "-1", "x", "99999999999999999999"] {
            assert_eq!(
                min_position(&headers(MIN_POSITION, bad)).unwrap_err().kind(),
                &kind::MALFORMED_HEADER
            );
        }
    }

    #[test]
    fn only_stale_replies_say_so() {
        let fresh = HeaderMap::from(Settled { position: 7, fresh: true });
        let stale = HeaderMap::from(Settled { position: 7, fresh: false });

        assert_eq!((fresh[POSITION].to_str().unwrap(), fresh.get(FRESH)), ("7", None));
        assert_eq!(stale[FRESH], "false");
    }
}
