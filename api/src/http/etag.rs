//! Entity tags: `"v<version>.<hash of the body>"`, or the hash alone where there is no version.
//!
//! `If-None-Match` compares all of it; `If-Match` the version, which is what a writer can lose a race about.

use crate::problem::{ApiResult, Problem, catalogue as kind};
use aws_lc_rs::digest;
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::fmt::Write;

/// Bytes of the hash that are shown: enough to tell bodies of one version apart.
const SHOWN: usize = 8;

/// The tag of a body of a version.
pub fn tag(version: i64, body: &[u8]) -> String {
    format!("\"v{version}.{}\"", hash(body))
}

/// The tag of a body that has no version.
pub fn of_bytes(body: &[u8]) -> String {
    format!("\"{}\"", hash(body))
}

fn hash(body: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, body);
    hash.as_ref().iter().take(SHOWN).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Whether `If-None-Match` names this tag: the client has this very body.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    names(headers.get_all(header::IF_NONE_MATCH), tag)
}

/// Whether any of these header values names a tag.
pub fn names<'a>(values: impl IntoIterator<Item = &'a HeaderValue>, tag: &str) -> bool {
    members(values).any(|member| member == "*" || member.trim_start_matches("W/") == tag)
}

pub fn value(tag: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(tag).ok()
}

/// The version that `If-Match` asks for; none if the client does not care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl IfMatch {
    /// Refuses a resource that is at another version.
    pub fn check(self, version: i64) -> ApiResult<()> {
        match self.0 {
            Some(wanted) if wanted != version => {
                Err(Problem::of(&kind::PRECONDITION_FAILED)
                    .detail(format!("the current version is {version}")))
            }
            _ => Ok(()),
        }
    }

    /// Once the request itself has added so many events to what the client has seen.
    pub fn after(self, events: usize) -> Self {
        Self(self.0.map(|version| version.saturating_add_unsigned(events as u64)))
    }
}

/// The layer of a change to what has no version: there is nothing that a tag could be compared with, and what can not
/// be shown to match is not done (RFC 9110, section 13.1.1).
pub async fn without_version(request: Request, next: Next) -> Response {
    if any_version_will_do(request.headers()) {
        return next.run(request).await;
    }
    let detail = "this resource has no version for If-Match: repeat the request without it";
    Problem::of(&kind::PRECONDITION_FAILED).detail(detail).into_response()
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        if_match(&parts.headers)
    }
}

/// `*` is any version of what exists.
fn any_version_will_do(headers: &HeaderMap) -> bool {
    let mut tags = members(headers.get_all(header::IF_MATCH)).peekable();
    tags.peek().is_none() || tags.any(|tag| tag == "*")
}

/// A tag that was never given out can match nothing.
fn if_match(headers: &HeaderMap) -> Result<IfMatch, Problem> {
    if any_version_will_do(headers) {
        return Ok(IfMatch(None));
    }
    let versions: Vec<i64> = members(headers.get_all(header::IF_MATCH)).filter_map(version).collect();
    match versions[..] {
        [version] => Ok(IfMatch(Some(version))),
        [] => Err(Problem::of(&kind::PRECONDITION_FAILED)
            .detail("If-Match has no version: use the value of an ETag")),
        _ => Err(Problem::of(&kind::MALFORMED_HEADER).detail("If-Match must have exactly one tag")),
    }
}

fn version(tag: &str) -> Option<i64> {
    tag.strip_prefix("\"v")?.strip_suffix('"')?.split('.').next()?.parse().ok()
}

fn members<'a>(values: impl IntoIterator<Item = &'a HeaderValue>) -> impl Iterator<Item = &'a str> {
    values
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn same_body_has_the_same_tag_and_another_has_not() {
        assert_eq!(tag(3, b"{}"), tag(3, b"{}"));
        assert_ne!(tag(3, b"{}"), tag(3, b"{ }"));
        assert_ne!(tag(3, b"{}"), tag(4, b"{}"));
    }

    #[test]
    fn known_body_is_recognised_weakly() {
        let tag = tag(3, b"{}");

        for value in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            assert!(is_known(&headers(header::IF_NONE_MATCH, &value), &tag), "{value}");
        }
        assert!(!is_known(&headers(header::IF_NONE_MATCH, "\"x\""), &tag));
    }

    #[test]
    fn if_match_compares_the_version() {
        let asked = |value: &str| if_match(&headers(header::IF_MATCH, value));

        assert_eq!(asked(&tag(3, b"{}")).unwrap(), IfMatch(Some(3)));
        assert_eq!(asked("*").unwrap(), IfMatch(None));
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), IfMatch(None));
        assert!(IfMatch(Some(3)).check(4).is_err() && IfMatch(Some(3)).check(3).is_ok());
        assert_eq!(asked("\"someone-else's\"").unwrap_err().kind(), &kind::PRECONDITION_FAILED);
    }
}
