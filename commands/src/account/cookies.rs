//! The session cookie and the tokens against forged requests (ADR 18): derived as codes are, and stored nowhere.
//!
//! **Frozen** like the codes: a cookie lives for days. A new form takes a new label.

use crate::codes::{Codes, decode};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{SessionId, UserId};
use uuid::Uuid;

const COOKIE: &[u8] = b"annals session cookie v1";
const COOKIE_VERSION: u8 = 1;
/// Version, session, user, epoch, issue, end.
const CLAIMS: usize = 1 + 16 + 16 + 4 + 8 + 8;
const CSRF: &[u8] = b"annals csrf v1";
const NONCE: usize = 16;
const MAC: usize = 32;

/// What a session cookie says. Whether the session still lives is asked elsewhere, at each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCookie {
    pub session: SessionId,
    pub user: UserId,
    /// The account's session epoch at the session's start.
    pub epoch: u32,
    /// To the second, as its end.
    pub issued_at: DateTime<Utc>,
    /// It counts before this time only.
    pub expires_at: DateTime<Utc>,
}

impl Codes {
    /// base64url(version ‖ session ‖ user ‖ epoch ‖ issue ‖ end ‖ HMAC-SHA-256): 114 characters. Times are seconds
    /// since 1970, numbers big-endian.
    pub fn session_cookie(&self, cookie: &SessionCookie) -> String {
        let claims = [
            &[COOKIE_VERSION][..],
            cookie.session.uuid().as_bytes(),
            cookie.user.uuid().as_bytes(),
            &cookie.epoch.to_be_bytes(),
            &cookie.issued_at.timestamp().to_be_bytes(),
            &cookie.expires_at.timestamp().to_be_bytes(),
        ]
        .concat();
        let mac = self.mac(COOKIE, &[&claims]);
        URL_SAFE_NO_PAD.encode([&claims, mac.as_ref()].concat())
    }

    /// What a cookie of ours says; none if it is not ours. One that has expired is read, too.
    pub fn read_session_cookie(&self, value: &str) -> Option<SessionCookie> {
        let bytes = decode::<{ CLAIMS + MAC }>(value)?;
        let (claims, mac) = bytes.split_first_chunk::<CLAIMS>()?;
        self.verify(COOKIE, claims, mac)?;
        let (version, rest) = claims.split_first()?;
        let (session, rest) = rest.split_first_chunk::<16>()?;
        let (user, rest) = rest.split_first_chunk::<16>()?;
        let (epoch, rest) = rest.split_first_chunk::<4>()?;
        let (issued_at, rest) = rest.split_first_chunk::<8>()?;
        (*version == COOKIE_VERSION).then_some(SessionCookie {
            session: SessionId::from_uuid(Uuid::from_bytes(*session)),
            user: UserId::from_uuid(Uuid::from_bytes(*user)),
            epoch: u32::from_be_bytes(*epoch),
            issued_at: time(*issued_at)?,
            expires_at: time(rest.try_into().ok()?)?,
        })
    }

    /// base64url(nonce ‖ HMAC-SHA-256 over session and nonce): 64 characters. Each nonce gives another token of the
    /// same worth, so that compressed replies tell nothing about it.
    pub fn csrf_token(&self, session: SessionId, nonce: [u8; NONCE]) -> String {
        let mac = self.mac(CSRF, &[session.uuid().as_bytes(), &nonce]);
        URL_SAFE_NO_PAD.encode([&nonce, mac.as_ref()].concat())
    }

    /// Whether `token` was given out to this session. In constant time.
    pub fn is_csrf_token(&self, session: SessionId, token: &str) -> bool {
        let bytes = decode::<{ NONCE + MAC }>(token);
        bytes.is_some_and(|bytes| {
            let (nonce, mac) = bytes.split_at(NONCE);
            self.verify(CSRF, &[session.uuid().as_bytes(), nonce].concat(), mac).is_some()
        })
    }
}

fn time(seconds: [u8; 8]) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(i64::from_be_bytes(seconds), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> Codes {
        Codes::new(&[7; 32])
    }

    fn session(n: u128) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(n))
    }

    fn cookie() -> SessionCookie {
        let at = |second: i64| DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap();
        SessionCookie {
            session: session(0x5e55),
            user: UserId::from_uuid(Uuid::from_u128(0x7a2e)),
            epoch: 3,
            issued_at: at(0),
            expires_at: at(604_800),
        }
    }

    #[test]
    fn cookies_and_tokens_are_what_they_were_yesterday() {
        assert_eq!(
            codes().session_cookie(&cookie()),
            "AQAAAAAAAAAAAAAAAAAAXlUAAAAAAAAAAAAAAAAAAHouAAAAAwAAAABlU_EAAAAAAGVdK4CaVAjXGVKX-gPmJatgOvX4Vfp5OG-5qpBhB46k3Ml31w"
        );
        assert_eq!(
            codes().csrf_token(session(1), [9; NONCE]),
            "CQkJCQkJCQkJCQkJCQkJCb8bwmS3ItEdxHYM4al4gGQ0e0rR_UyjW0QsIDh4dpZy"
        );
    }

    #[test]
    fn cookie_is_read_back() {
        assert_eq!(codes().read_session_cookie(&codes().session_cookie(&cookie())), Some(cookie()));
    }

    #[test]
    fn forged_cut_or_foreign_cookies_are_nobodys() {
        let good = codes().session_cookie(&cookie());
        let foreign = Codes::new(&[8; 32]).session_cookie(&cookie());
        for n in 0..good.len() {
            let mut forged = good.clone().into_bytes();
            forged[n] = if forged[n] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(codes().read_session_cookie(&forged), None, "{n}");
        }
        for value in [&foreign, &good[..113], "", "!", &codes().refresh_token(session(0x5e55), 1)] {
            assert_eq!(codes().read_session_cookie(value), None, "{value}");
        }
    }

    #[test]
    fn token_counts_for_its_own_session_whatever_its_nonce() {
        let (one, other) =
            (codes().csrf_token(session(1), [1; NONCE]), codes().csrf_token(session(1), [2; NONCE]));

        assert_ne!(one, other);
        assert!(codes().is_csrf_token(session(1), &one) && codes().is_csrf_token(session(1), &other));
        assert!(!codes().is_csrf_token(session(2), &one));
        let foreign = Codes::new(&[8; 32]).csrf_token(session(1), [1; NONCE]);
        for token in [&foreign, &one[1..], "", &codes().session_cookie(&cookie())] {
            assert!(!codes().is_csrf_token(session(1), token), "{token}");
        }
    }
}
