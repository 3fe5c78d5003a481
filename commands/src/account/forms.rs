//! The time when a form was shown (AUTH-12, ADR 19): signed into a token that the form sends back, stored nowhere.

use crate::codes::{Codes, decode};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};

const LABEL: &[u8] = b"annals form v1";
/// When it was shown, nonce.
const CLAIMS: usize = 8 + NONCE;
const NONCE: usize = 16;
const MAC: usize = 32;

/// How long a form's token says anything: 1 hour.
pub const FORM_LIFETIME: TimeDelta = TimeDelta::seconds(3_600);

/// A form's token as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormToken {
    /// Opaque.
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

impl Codes {
    /// base64url(milliseconds ‖ nonce ‖ HMAC-SHA-256 over purpose and these): 75 characters. `purpose` holds no NUL.
    pub fn form_token(&self, purpose: &str, nonce: [u8; NONCE], now: DateTime<Utc>) -> FormToken {
        let claims = [&now.timestamp_millis().to_be_bytes()[..], &nonce].concat();
        let mac = self.mac(LABEL, &[purpose.as_bytes(), b"\0", &claims]);
        let token = URL_SAFE_NO_PAD.encode([&claims, mac.as_ref()].concat());
        FormToken { token, expires_at: now + FORM_LIFETIME }
    }

    /// How long ago a form was shown; none if its token is not ours, is for another purpose, or has expired.
    pub fn form_age(&self, purpose: &str, token: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
        let bytes = decode::<{ CLAIMS + MAC }>(token)?;
        let (claims, mac) = bytes.split_first_chunk::<CLAIMS>()?;
        self.verify(LABEL, &[purpose.as_bytes(), b"\0", claims].concat(), mac)?;
        let (shown, _) = claims.split_first_chunk::<8>()?;
        let shown = DateTime::from_timestamp_millis(i64::from_be_bytes(*shown))?;
        // Another node's clock may be ahead of ours.
        let age = (now - shown).max(TimeDelta::zero());
        (age < FORM_LIFETIME).then_some(age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes() -> Codes {
        Codes::new(&[7; 32])
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    #[test]
    fn token_tells_the_age_of_its_form_until_it_expires() {
        let form = codes().form_token("login", [1; NONCE], at(0));

        assert_eq!((form.expires_at, form.token.len()), (at(3_600), 75));
        for (second, age) in [(0, Some(0)), (2, Some(2)), (3_599, Some(3_599)), (3_600, None), (-5, Some(0))]
        {
            let expected = age.map(TimeDelta::seconds);
            assert_eq!(codes().form_age("login", &form.token, at(second)), expected, "{second}");
        }
    }

    #[test]
    fn token_of_another_purpose_or_server_or_of_ones_own_making_tells_nothing() {
        let form = codes().form_token("login", [1; NONCE], at(0));
        let mut later = form.token.clone().into_bytes();
        later[8] ^= 1;

        assert_eq!(codes().form_age("register", &form.token, at(5)), None);
        assert_eq!(Codes::new(&[8; 32]).form_age("login", &form.token, at(5)), None);
        for made_up in ["", "x", &form.token[1..], &String::from_utf8(later).unwrap()] {
            assert_eq!(codes().form_age("login", made_up, at(5)), None, "{made_up}");
        }
        assert_ne!(form, codes().form_token("login", [2; NONCE], at(0)), "two forms are two");
    }
}
