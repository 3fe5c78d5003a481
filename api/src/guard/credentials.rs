//! Credentials of a request (SESS-07): an access token, or the session cookie of a browser.

use crate::{
    App,
    access::{Signed, authenticate, bearer},
    cookies::{self, csrf},
    edge::Context,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
};

/// What a caller's identity was proved by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An access token.
    Token,
    /// An access token that has expired, and the cookie of its session: as good, and due for renewal (SESS-08).
    LapsedToken,
    /// A session cookie alone: for reads and what harms little.
    Cookie,
    /// An API key: for what its scopes name.
    ApiKey,
}

impl Credential {
    /// Refuses a session cookie alone.
    pub fn with_token(self) -> ApiResult<()> {
        match self {
            Self::Token | Self::LapsedToken | Self::ApiKey => Ok(()),
            Self::Cookie => Err(Problem::of(&kind::ACCESS_TOKEN_NEEDED)),
        }
    }
}

/// The parts of a request that say who sends it.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    method: &'a Method,
    headers: &'a HeaderMap,
    context: Option<&'a Context>,
}

impl<'a> Credentials<'a> {
    pub fn of(request: &'a Request) -> Self {
        let context = request.extensions().get();
        Self { method: request.method(), headers: request.headers(), context }
    }

    pub const fn new(method: &'a Method, headers: &'a HeaderMap, context: &'a Context) -> Self {
        Self { method, headers, context: Some(context) }
    }

    /// Who it is; none if nothing says so. A cookie counts only beside no `Authorization`: a browser adds it by itself.
    pub async fn signed(self, app: &App) -> ApiResult<Option<Signed>> {
        if !self.headers.contains_key(header::AUTHORIZATION) {
            return self.by_cookie(app).await;
        }
        let Some(token) = bearer(self.headers) else { return Ok(None) };
        match authenticate(app, &token).await {
            Err(problem) if problem.kind() == &kind::TOKEN_EXPIRED => {
                cookies::beside(app, &token, self.headers).await.map(Some).ok_or(problem)
            }
            signed => signed.map(Some),
        }
    }

    /// Whose cookie came with a request that [`csrf::check`] refused, for the record.
    pub async fn misused(self, app: &App) -> Option<Signed> {
        cookies::authenticate(app, cookies::presented(self.headers)?).await.ok()
    }

    /// By the session cookie, if there is one, and not without the proof that no other site's page asks.
    pub async fn by_cookie(self, app: &App) -> ApiResult<Option<Signed>> {
        let Some(value) = cookies::presented(self.headers) else { return Ok(None) };
        let signed = cookies::authenticate(app, value).await?;
        if !self.method.is_safe() {
            csrf::check(app, self.headers, self.context, signed.session)?;
        }
        Ok(Some(signed))
    }
}
