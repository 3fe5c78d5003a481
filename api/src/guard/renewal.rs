//! A new access token in the reply to a request whose own has little life left (SESS-08, MW-02).
//!
//! An access token that has expired is renewed beside the cookie of its session.
//! Only for acts that are signs of life, only while the session lives, and never beyond its end: renewal lets nobody
//! stay who would have to refresh or to log in again. What the account is by now goes into the token.
//! A copied access token does not live on by itself: two lifetimes after the session last proved itself by more than an
//! access token, only the session's own cookie beside it renews it (ADR 33).

use crate::{
    App,
    access::Signed,
    cookies,
    credentials::Credential,
    problem::{ApiResult, Problem},
    tokens::Bearer,
};
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue},
    response::Response,
};
use chrono::{DateTime, Utc};
use projections::Verdict;

pub const RENEWED_ACCESS: HeaderName = HeaderName::from_static("x-renewed-access");

/// A renewal that is due.
pub struct Renewal {
    signed: Signed,
    proved_at: DateTime<Utc>,
}

/// Found out before the act: what it takes is in the request.
pub fn due(app: &App, signed: &Signed, headers: &HeaderMap) -> Option<Renewal> {
    let now = app.now();
    if !is_due(signed, now) {
        return None;
    }
    let by_cookie = signed.by == Credential::LapsedToken || has_own_cookie(app, signed, headers, now);
    let proved_at = if by_cookie { now } else { signed.proved_at };
    let counts = now - proved_at <= app.tokens().lifetime() * 2;
    counts.then(|| Renewal { signed: signed.clone(), proved_at })
}

/// The session lives, or the token had not counted.
fn has_own_cookie(app: &App, signed: &Signed, headers: &HeaderMap, now: DateTime<Utc>) -> bool {
    let cookie = cookies::presented(headers)
        .and_then(|value| app.commands().accounts.codes().read_session_cookie(value));
    cookie.is_some_and(|cookie| {
        (cookie.session, cookie.user) == (signed.session, signed.user) && now < cookie.expires_at
    })
}

/// Adds the header. That it could not be made is no reason to fail the request.
pub async fn renew(app: &App, renewal: Renewal, response: &mut Response) {
    if response.status().is_server_error() {
        return;
    }
    match renewed(app, &renewal, app.now()).await {
        Ok(Some(token)) => {
            response.headers_mut().extend(HeaderValue::from_str(&token).map(|token| (RENEWED_ACCESS, token)));
        }
        Ok(None) => {}
        Err(problem) => tracing::debug!(cause = problem.logged_cause(), "no renewed access token"),
    }
}

/// At most a third of the token's life is left. A cookie alone asks for its access token at `/api/auth/refresh`.
fn is_due(signed: &Signed, now: DateTime<Utc>) -> bool {
    match signed.by {
        Credential::Token => (signed.expires_at - now) * 3 <= signed.expires_at - signed.issued_at,
        Credential::LapsedToken => true,
        Credential::Cookie | Credential::ApiKey => false,
    }
}

/// None: the session ended by this very request, or is over before a new token would be of use.
async fn renewed(app: &App, renewal: &Renewal, now: DateTime<Utc>) -> ApiResult<Option<String>> {
    let Renewal { signed, proved_at } = renewal;
    let Signed { user, session, epoch, .. } = *signed;
    let queries = app.queries();
    let (row, account, verdict) = tokio::try_join!(
        queries.find_session(session),
        queries.find_account(user),
        queries.check_session(session, user, epoch),
    )?;
    let (Some(row), Some(account), Verdict::Live) = (row, account, verdict) else { return Ok(None) };
    let end = row.expires_at.min(row.refresh_expires_at);
    let known_until = if signed.by == Credential::Token { signed.expires_at } else { now };
    if !row.is_active(now) || end <= known_until {
        return Ok(None);
    }
    let proved_at = *proved_at;
    let bearer =
        Bearer { user, session, role: account.role, epoch, verified: account.is_verified, proved_at };
    let token = app.tokens().issue_until(end.timestamp(), bearer, app.edge().mint_id(), now);
    token.map(Some).map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{SessionId, UserId, values::Role};
    use uuid::Uuid;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    #[test]
    fn due_when_a_third_of_the_life_is_left() {
        let signed = Signed {
            user: UserId::from_uuid(Uuid::nil()),
            session: SessionId::from_uuid(Uuid::nil()),
            role: Role::Normal,
            verified: true,
            epoch: 0,
            issued_at: at(0),
            expires_at: at(900),
            proved_at: at(0),
            by: Credential::Token,
        };

        assert!(!is_due(&signed, at(599)));
        assert!(is_due(&signed, at(600)) && is_due(&signed, at(899)));
        assert!(is_due(&Signed { by: Credential::LapsedToken, ..signed.clone() }, at(0)));
        assert!(!is_due(&Signed { by: Credential::Cookie, ..signed }, at(899)));
    }
}
