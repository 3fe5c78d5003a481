//! The session cookie (C-10, SESS-07; ADR 18): a browser sends it by itself, so that scripts need not hold a token.
//!
//! It may read and do what harms little; [`csrf`] keeps other sites' pages from using it.
//! It is bound to its session, and worth nothing from the moment that the session ends.

pub mod csrf;

use crate::{
    App,
    access::Signed,
    credentials::Credential,
    problem::{ApiResult, Problem, catalogue as kind},
};
use axum::http::{HeaderMap, HeaderValue, header};
use chrono::{DateTime, Utc};
use commands::SessionCookie;
use domain::values::Role;
use projections::Verdict;

/// Browsers take a cookie of this prefix only from the host itself, over HTTPS, for all of its paths (RFC 6265bis,
/// section 4.1.3.2): no other host of the domain can plant one.
pub const NAME: &str = "__Host-annals_session";

/// Not sent with other sites' forms and scripts, nor shown to any script.
const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";

/// The session cookie of a request. Of several, an empty one, which is nobody's.
pub fn presented(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| name.trim() == NAME).map(|(_, value)| value.trim());
    let value = values.next()?;
    Some(if values.next().is_some() { "" } else { value })
}

/// Whose session a cookie is, if it lives. What the account is, is asked: a cookie is older than a token can be.
pub async fn authenticate(app: &App, value: &str) -> ApiResult<Signed> {
    let invalid = || Problem::of(&kind::COOKIE_INVALID);
    let cookie = app.commands().accounts.codes().read_session_cookie(value).ok_or_else(invalid)?;
    if !lives(app, &cookie).await? {
        return Err(Problem::of(&kind::SESSION_ENDED));
    }
    let account = app.queries().find_account(cookie.user).await?;
    Ok(Signed {
        user: cookie.user,
        session: cookie.session,
        role: account.as_ref().map_or(Role::Normal, |account| account.role),
        verified: account.is_some_and(|account| account.is_verified),
        epoch: cookie.epoch,
        issued_at: cookie.issued_at,
        expires_at: cookie.expires_at,
        proved_at: app.now(),
        by: Credential::Cookie,
    })
}

/// Whose token it is: one that has expired counts beside the cookie of its own session (SESS-08). That it is sent at all is
/// nothing that another site's page could bring about.
pub async fn beside(app: &App, token: &str, headers: &HeaderMap) -> Option<Signed> {
    let signed = authenticate(app, presented(headers)?).await.ok()?;
    let lapsed = app.tokens().read_lapsed(token, app.now())?;
    let own = (signed.session, signed.user) == (lapsed.sid, lapsed.sub);
    own.then_some(Signed { by: Credential::LapsedToken, ..signed })
}

async fn lives(app: &App, cookie: &SessionCookie) -> ApiResult<bool> {
    let now = app.now();
    if now >= cookie.expires_at {
        return Ok(false);
    }
    let verdict = app.queries().check_lasting_session(cookie.session, cookie.user, cookie.epoch).await?;
    Ok(verdict == Verdict::Live && !app.activity().is_idle(cookie.session, cookie.issued_at, now).await?)
}

/// `Set-Cookie` that begins or prolongs a browser's session.
pub fn set(value: &str, expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<HeaderValue> {
    let seconds = (expires_at - now).num_seconds().max(0);
    HeaderValue::try_from(format!("{NAME}={value}; Max-Age={seconds}; {ATTRIBUTES}")).ok()
}

/// `Set-Cookie` that takes the cookie away.
pub fn cleared() -> Option<HeaderValue> {
    HeaderValue::try_from(format!("{NAME}=; Max-Age=0; {ATTRIBUTES}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn sent(lines: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, line.parse().unwrap());
        }
        presented(&headers).map(str::to_owned)
    }

    #[test]
    fn own_cookie_is_found_among_others() {
        for lines in [
            &["__Host-annals_session=abc"][..],
            &["theme=dark; __Host-annals_session=abc; x=y"],
            &["theme=dark", "__Host-annals_session=abc"],
        ] {
            assert_eq!(sent(lines).as_deref(), Some("abc"), "{lines:?}");
        }
        for lines in
            [&[][..], &["annals_session=abc"], &["x__Host-annals_session=abc"], &["__Host-annals_session"]]
        {
            assert_eq!(sent(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn of_several_none_counts() {
        assert_eq!(sent(&["__Host-annals_session=a; __Host-annals_session=b"]).as_deref(), Some(""));
        assert_eq!(sent(&["__Host-annals_session=a", "__Host-annals_session=a"]).as_deref(), Some(""));
    }

    #[test]
    fn cookie_is_for_this_host_alone_and_lives_as_long_as_its_session() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();

        let cookie = set("abc", now + TimeDelta::seconds(604_800), now).unwrap();

        assert_eq!(
            cookie,
            "__Host-annals_session=abc; Max-Age=604800; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert!(cleared().unwrap().to_str().unwrap().contains("Max-Age=0; Path=/; Secure"));
    }
}
