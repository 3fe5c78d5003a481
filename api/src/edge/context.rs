//! The context of a request before anything reads it: its ids, its origin, its body.

use super::{arrival::Arrival, front::TrustedProxies};
use crate::problem::Problem;
use axum::{
    body::Bytes,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use std::net::IpAddr;

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Longer user agents are cut: what is kept of them is metadata of every event.
const USER_AGENT_BYTES: usize = 512;

/// Put into every request's extensions by [`super::enter`].
#[derive(Clone, Debug)]
pub struct Context {
    pub request_id: String,
    pub traceparent: Option<String>,
    /// The client, as far as trusted proxies tell.
    pub ip: Option<IpAddr>,
    /// As [`Arrival::host`].
    pub host: Option<String>,
    /// It came over HTTPS, as far as trusted proxies tell.
    pub secure: bool,
    pub user_agent: Option<String>,
}

impl Context {
    /// `mint` makes an id where the client sent none, or none that is safe to repeat.
    pub fn of(request: &Request, proxies: &TrustedProxies, mint: impl FnOnce() -> String) -> Self {
        let headers = request.headers();
        let arrival = Arrival::of(request, proxies);
        Self {
            request_id: text(headers, &REQUEST_ID)
                .filter(|id| is_request_id(id))
                .map_or_else(mint, str::to_owned),
            traceparent: text(headers, &TRACEPARENT).filter(|text| is_traceparent(text)).map(str::to_owned),
            ip: arrival.client,
            host: arrival.host,
            secure: arrival.secure,
            user_agent: text(headers, &header::USER_AGENT).map(cut),
        }
    }
}

impl Context {
    /// See [`commands::network`].
    pub fn network(&self) -> Option<String> {
        self.ip.map(commands::network)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::internal("a request without a context"))
    }
}

/// The whole body, read once by [`super::read_body`].
#[derive(Clone, Debug)]
pub struct RawBody(pub Bytes);

impl<S: Send + Sync> FromRequestParts<S> for RawBody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or_else(|| Problem::internal("a body that nobody read"))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// 1 to 128 characters that need no escaping in a log, a header or a URL. It stays in clear beside every event, also
/// after an erasure: without `@` and `+` it is no address and no number to call.
fn is_request_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:=".contains(&b))
}

/// W3C Trace Context, version 00.
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [version, trace, parent, flags] = parts[..] else { return false };
    let hex = |part: &str, len: usize| {
        part.len() == len && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    version == "00" && hex(trace, 32) && hex(parent, 16) && hex(flags, 2) && !zero(trace) && !zero(parent)
}

/// A header that `to_str` accepted is ASCII, so any byte is a boundary.
fn cut(text: &str) -> String {
    text.get(..USER_AGENT_BYTES).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn context(headers: &[(&str, &str)]) -> Context {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        Context::of(&request, &TrustedProxies::default(), || "minted".to_owned())
    }

    #[test]
    fn safe_request_ids_are_kept_and_others_replaced() {
        assert_eq!(context(&[("x-request-id", "abc-1.2:3")]).request_id, "abc-1.2:3");
        let personal = ["jane@example.com", "+49301234567", "id=jane@example.com", "a+b"];
        for bad in ["", "a b", "a\"b", "a<b", &"x".repeat(129)].into_iter().chain(personal) {
            assert_eq!(context(&[("x-request-id", bad)]).request_id, "minted", "{bad}");
        }
        assert_eq!(context(&[]).request_id, "minted");
    }

    #[test]
    fn only_a_whole_traceparent_is_passed_on() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(context(&[("traceparent", good)]).traceparent.as_deref(), Some(good));
        for bad in
            ["", "00-x-y-01", &good.to_uppercase(), &good.replace("00f067aa0ba902b7", "0000000000000000")]
        {
            assert_eq!(context(&[("traceparent", bad)]).traceparent, None, "{bad}");
        }
    }

    #[test]
    fn long_user_agents_are_cut() {
        let agent = context(&[("user-agent", &"x".repeat(9_000))]).user_agent.unwrap();

        assert_eq!(agent.len(), USER_AGENT_BYTES);
    }
}
