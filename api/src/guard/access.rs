//! Who may call an endpoint: the access that its row names, checked before the body is read.
//!
//! A valid token is not enough: its session must still be live, and the session gate knows that without a query.

use crate::{
    App, caller,
    credentials::{Credential, Credentials},
    guard::{Admitted, Arrival},
    problem::{ApiResult, Problem, catalogue as kind},
    tokens::{Claims, TokenError},
};
use axum::http::{HeaderMap, Method, header};
use chrono::{DateTime, Utc};
use domain::{SessionId, UserId, values::Role};
use projections::Verdict;

/// Who may call an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone; a valid token still tells who it is.
    Anyone,
    /// A live session, also of an account whose contact is not verified.
    SignedIn,
    /// As `SignedIn`, but no sign of life: a client may ask again and again without keeping its session alive.
    Polled,
    /// As `SignedIn`, and not by a session cookie alone (SESS-07).
    ByToken,
    /// A live session of an account with a verified contact (C-03).
    Verified,
    /// As `Verified`, and not by a session cookie alone.
    VerifiedByToken,
    /// As `Verified`, with the role admin or owner (C-18).
    Staff,
}

impl Access {
    /// Whether calling it keeps the session from becoming idle (C-42).
    pub(crate) const fn is_sign_of_life(self) -> bool {
        !matches!(self, Self::Anyone | Self::Polled)
    }

    /// Whether a session cookie alone is not enough: for what staff change, and where the table says so.
    pub fn needs_token(self, method: &Method) -> bool {
        match self {
            Self::ByToken | Self::VerifiedByToken => true,
            Self::Staff => !method.is_safe(),
            Self::Anyone | Self::SignedIn | Self::Polled | Self::Verified => false,
        }
    }
}

/// A caller whose session lives; in the extensions of every request that was let in with a token.
#[derive(Clone, Debug)]
pub struct Signed {
    pub user: UserId,
    pub session: SessionId,
    pub role: Role,
    pub verified: bool,
    /// The session's, within the account.
    pub epoch: u32,
    /// Of the access token or cookie, as its expiry.
    pub issued_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// When the session last proved itself by more than an access token.
    pub proved_at: DateTime<Utc>,
    pub by: Credential,
}

/// Who comes with a token, a cookie or nothing.
pub(crate) async fn arrival(app: &App, access: Access, sent: Credentials<'_>, method: &Method) -> Arrival {
    let known = identify(app, access, sent).await;
    let signed = known.as_ref().ok().and_then(Option::as_ref);
    let share = signed.map(|signed| format!("user:{}", signed.user));
    let principal = match &known {
        Err(problem) if problem.kind() == &kind::CSRF_REFUSED => sent.misused(app).await,
        known => known.as_ref().ok().cloned().flatten(),
    };
    let principal = principal.map(|signed| caller::principal(Some(&signed)));
    let admitted = known.and_then(|known| admitted(known, access, method));
    Arrival {
        share,
        principal,
        admitted: admitted.map(|signed| signed.map_or(Admitted::Anyone, Admitted::Session)),
    }
}

/// Who calls, as far as the access asks for it.
async fn identify(app: &App, access: Access, sent: Credentials<'_>) -> ApiResult<Option<Signed>> {
    let signed = sent.signed(app).await;
    let missing = || Problem::of(&kind::CREDENTIALS_MISSING);
    match access {
        // Whoever logs in may carry a token or cookie that ended long ago.
        Access::Anyone => Ok(signed.unwrap_or_default()),
        Access::SignedIn | Access::Polled | Access::ByToken => signed?.ok_or_else(missing).map(Some),
        Access::Verified | Access::VerifiedByToken | Access::Staff => {
            up_to_date(app, signed?.ok_or_else(missing)?, access).await.map(Some)
        }
    }
}

/// Whether whoever calls may do it.
fn admitted(known: Option<Signed>, access: Access, method: &Method) -> ApiResult<Option<Signed>> {
    if let Some(signed) = &known {
        authorize(signed, access)?;
        if access.needs_token(method) {
            signed.by.with_token()?;
        }
    }
    Ok(known)
}

/// What the account is by now, where it may differ from what the token says and it matters.
async fn up_to_date(app: &App, signed: Signed, access: Access) -> ApiResult<Signed> {
    if signed.verified && access != Access::Staff {
        return Ok(signed);
    }
    let account = app.queries().find_account(signed.user).await?;
    Ok(match account {
        Some(account) => Signed { verified: account.is_verified, role: account.role, ..signed },
        None => signed,
    })
}

fn authorize(signed: &Signed, access: Access) -> ApiResult<()> {
    if !matches!(access, Access::Verified | Access::VerifiedByToken | Access::Staff) {
        return Ok(());
    }
    if !signed.verified {
        return Err(Problem::of(&kind::CONTACT_UNVERIFIED));
    }
    if access == Access::Staff && !signed.role.is_staff() {
        return Err(Problem::of(&kind::STAFF_ONLY));
    }
    Ok(())
}

/// Whether what a request was let in by still holds: its token and its session.
pub async fn still_holds(app: &App, signed: &Signed) -> ApiResult<bool> {
    let verdict = app.queries().check_session(signed.session, signed.user, signed.epoch).await?;
    let now = app.now();
    Ok(verdict == Verdict::Live
        && now < signed.expires_at
        && !app.activity().is_idle(signed.session, signed.issued_at, now).await?)
}

pub(crate) async fn authenticate(app: &App, token: &str) -> ApiResult<Signed> {
    let claims = app.tokens().read(token, app.now()).map_err(refused)?;
    if !session_lives(app, &claims).await? {
        return Err(Problem::of(&kind::SESSION_ENDED));
    }
    Ok(Signed {
        user: claims.sub,
        session: claims.sid,
        role: claims.role,
        verified: claims.verified,
        epoch: claims.sep,
        issued_at: time(claims.iat),
        expires_at: time(claims.exp),
        proved_at: time(claims.proved_at.unwrap_or(claims.iat)),
        by: Credential::Token,
    })
}

/// Whether the session of a valid token still counts: it has neither ended nor been idle for too long (C-42).
pub async fn session_lives(app: &App, claims: &Claims) -> ApiResult<bool> {
    let verdict = app.queries().check_session(claims.sid, claims.sub, claims.sep).await?;
    Ok(verdict == Verdict::Live && !app.activity().is_idle(claims.sid, time(claims.iat), app.now()).await?)
}

/// Of a claim. We sign no token beyond the end of time.
fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

fn refused(error: TokenError) -> Problem {
    Problem::of(match error {
        TokenError::Invalid => &kind::TOKEN_INVALID,
        TokenError::Expired => &kind::TOKEN_EXPIRED,
    })
}

/// The token of `Authorization: Bearer` (RFC 6750); of several such headers, none counts.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(role: Role, verified: bool) -> Signed {
        let id = uuid::Uuid::nil();
        Signed {
            user: UserId::from_uuid(id),
            session: SessionId::from_uuid(id),
            role,
            verified,
            epoch: 0,
            issued_at: time(0),
            expires_at: time(900),
            proved_at: time(0),
            by: Credential::Token,
        }
    }

    fn refusal(role: Role, verified: bool, access: Access) -> Option<&'static str> {
        authorize(&signed(role, verified), access).err().map(|problem| problem.kind().slug)
    }

    fn token(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        bearer(&headers)
    }

    #[test]
    fn only_verified_staff_passes_for_staff() {
        for role in Role::ALL {
            let expected = (!role.is_staff()).then_some("staff-only");
            assert_eq!(refusal(role, true, Access::Staff), expected, "{role}");
            assert_eq!(refusal(role, false, Access::Staff), Some("contact-unverified"), "{role}");
        }
    }

    #[test]
    fn unverified_accounts_may_not_act() {
        assert_eq!(refusal(Role::Normal, false, Access::Verified), Some("contact-unverified"));
        assert_eq!(refusal(Role::Normal, true, Access::Verified), None);
    }

    #[test]
    fn cookie_alone_changes_nothing_as_staff_and_not_where_the_table_says_so() {
        let by_cookie = Signed { by: Credential::Cookie, ..signed(Role::Owner, true) };
        let refusal = |access, method| {
            let refused = admitted(Some(by_cookie.clone()), access, &method).err();
            refused.map(|problem| problem.kind().slug)
        };
        for access in [Access::Anyone, Access::SignedIn, Access::Polled, Access::Verified] {
            assert_eq!(
                (refusal(access, Method::GET), refusal(access, Method::PUT)),
                (None, None),
                "{access:?}"
            );
        }
        assert_eq!(refusal(Access::Staff, Method::GET), None);
        for (access, method) in [
            (Access::Staff, Method::POST),
            (Access::ByToken, Method::DELETE),
            (Access::VerifiedByToken, Method::POST),
        ] {
            assert_eq!(refusal(access, method), Some("access-token-needed"), "{access:?}");
        }
    }

    #[test]
    fn one_bearer_token_counts_and_several_do_not() {
        assert_eq!(token(&["Bearer a.b.c"]).as_deref(), Some("a.b.c"));
        assert_eq!(token(&["bearer  a.b.c "]).as_deref(), Some("a.b.c"));
        for values in [vec![], vec!["Basic abc"], vec!["Bearer"], vec!["Bearer a", "Bearer b"]] {
            assert_eq!(token(&values), None, "{values:?}");
        }
    }
}
