//! Keeps other sites' pages from making a browser act with its cookie (SEC-03; OWASP CSRF Prevention Cheat Sheet).
//!
//! The proof is a token that only a page which may read our replies can know: an HMAC of the session, sent in a header.
//! Where a page is from is looked at beforehand, from what browsers say of it (Fetch Metadata, `Origin`).

use crate::{
    App,
    edge::{Context, front::Origins},
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};
use domain::SessionId;

pub const HEADER: HeaderName = HeaderName::from_static("x-csrf-token");
/// What Django's clients call it.
pub const DJANGOS: HeaderName = HeaderName::from_static("x-csrftoken");

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A token for a page of this session; each is another one, and all of them count until the session ends.
pub fn token(app: &App, session: SessionId) -> String {
    let mut nonce = [0; 16];
    app.edge().fill(&mut nonce);
    app.commands().accounts.codes().csrf_token(session, nonce)
}

/// Refuses an act that a browser may have been made to ask for: without a token of the session, or from a page of
/// another site. Reads need no such proof: they do nothing, and other sites cannot see the replies.
pub fn check(app: &App, headers: &HeaderMap, context: Option<&Context>, session: SessionId) -> ApiResult<()> {
    let refused = |detail| Err(Problem::of(&kind::CSRF_REFUSED).detail(detail));
    let host = context.and_then(|context| context.host.as_deref());
    if !is_ours(headers, host, &app.options().front.origins) {
        return refused("the request comes from another site");
    }
    let mut tokens = headers.get_all(HEADER).iter().chain(headers.get_all(DJANGOS)).peekable();
    if tokens.peek().is_none() {
        return refused("the header X-CSRF-Token is missing");
    }
    let own = |text| app.commands().accounts.codes().is_csrf_token(session, text);
    if !tokens.all(|value| value.to_str().is_ok_and(own)) {
        return refused("the X-CSRF-Token does not belong to this session");
    }
    Ok(())
}

/// Whether a request may be answered with a session cookie: it is no browser's, or of a page of this host or of a listed
/// origin. Else any page could log its visitor in as somebody of its own choice (login CSRF).
#[derive(Clone, Copy, Debug)]
pub struct OwnPage(pub bool);

impl FromRequestParts<App> for OwnPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let context = Context::from_request_parts(parts, app).await?;
        Ok(Self(is_ours(&parts.headers, context.host.as_deref(), &app.options().front.origins)))
    }
}

/// A listed origin is ours. Of others, browsers say themselves whether they are this site's (Fetch Metadata); old ones
/// only name the origin. Who says neither is no browser, or an old one at its own site.
fn is_ours(headers: &HeaderMap, host: Option<&str>, origins: &Origins) -> bool {
    let origin = headers.get(header::ORIGIN);
    if origin.is_some_and(|origin| origins.list().contains(origin)) {
        return true;
    }
    match (headers.get(FETCH_SITE), origin) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, None) => true,
        (None, Some(origin)) => {
            let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            authority.zip(host).is_some_and(|((_, authority), host)| authority.eq_ignore_ascii_case(host))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
        });
        let origins = "https://app.example.com".parse().unwrap();
        is_ours(&headers.collect(), Some("api.example.com:8443"), &origins)
    }

    #[test]
    fn browsers_say_whose_page_asks() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://app.example.com")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://app.example.com")],
            &[("origin", "https://API.example.com:8443")],
        ] {
            assert!(ours(headers), "{headers:?}");
        }
    }

    #[test]
    fn pages_of_others_are_not_ours() {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "https://evil.example.com")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://api.example.com:8443")],
            &[("origin", "https://api.example.com")],
            &[("origin", "https://app.example.com.evil.example")],
            &[("origin", "null")],
        ] {
            assert!(!ours(headers), "{headers:?}");
        }
    }
}
