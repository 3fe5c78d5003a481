//! Rewrites a path before routing (C-01, C-02): no trailing slash, and `/api/v1` is `/api`.
//!
//! It stands outside the router, because a route is chosen by the path; and it never redirects,
//! because many clients drop the body when they follow.

use axum::{
    extract::Request,
    http::{Uri, uri::PathAndQuery},
};
use std::{
    borrow::Cow,
    task::{Context, Poll},
};
use tower::Service;

/// The path that the router knows.
pub fn canonical(path: &str) -> Cow<'_, str> {
    let trimmed = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
    match trimmed.strip_prefix("/api/v1") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => Cow::Owned(format!("/api{rest}")),
        _ => Cow::Borrowed(trimmed),
    }
}

fn rewrite(uri: &mut Uri) {
    let path = canonical(uri.path());
    if path == uri.path() {
        return;
    }
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.into_owned(),
    };
    let mut parts = uri.clone().into_parts();
    // A prefix or a suffix was cut off a valid path, so it parses; if ever not, the path stays as it came.
    if let Ok(target) = PathAndQuery::try_from(target) {
        parts.path_and_query = Some(target);
        if let Ok(rewritten) = Uri::from_parts(parts) {
            *uri = rewritten;
        }
    }
}

/// The service around the router that rewrites each request's path.
#[derive(Clone, Debug)]
pub struct Normalized<S>(pub S);

impl<S: Service<Request>> Service<Request> for Normalized<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        rewrite(request.uri_mut());
        self.0.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_trailing_slash_makes_no_difference() {
        assert_eq!(canonical("/api/auth/login/"), "/api/auth/login");
        assert_eq!(canonical("/api/auth/login"), "/api/auth/login");
        assert_eq!(canonical("/"), "/");
        assert_eq!(
            canonical("//"),
            "/",
            "an empty segment is not a path of ours, and must not be cut to nothing"
        );
    }

    #[test]
    fn version_one_mirrors_everything_below_api() {
        assert_eq!(canonical("/api/v1/auth/login/"), "/api/auth/login");
        assert_eq!(canonical("/api/v1"), "/api");
        assert_eq!(canonical("/api/v1x/auth"), "/api/v1x/auth");
        assert_eq!(canonical("/api/v10"), "/api/v10");
    }

    #[test]
    fn query_and_authority_survive() {
        for (given, expected) in [
            ("/api/v1/sessions/?page=2", "/api/sessions?page=2"),
            ("http://example.com/api/v1/me/", "http://example.com/api/me"),
            ("/api/a%2Fb/?q=%20", "/api/a%2Fb?q=%20"),
            ("*", "*"),
        ] {
            let mut uri: Uri = given.parse().unwrap();
            rewrite(&mut uri);
            assert_eq!(uri.to_string(), expected);
        }
    }
}
