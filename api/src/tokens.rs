//! Access tokens: JWTs signed with HS256 (RFC 7519), short-lived, bound to a session.
//!
//! The algorithm is pinned: a token that names another one, or none, is refused before anything else is read.
//! A valid token is not yet permission: [`crate::access`] asks whether its session still lives.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{SessionId, UserId, values::Role};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, aws_lc},
    decode, encode,
};
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;
use uuid::Uuid;

/// The shortest key: as long as the signature (RFC 7518, section 3.2).
pub const MIN_KEY_BYTES: usize = 32;

/// What an access token says (SESS-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The user.
    #[schema(value_type = Uuid)]
    pub sub: UserId,
    /// The session.
    #[schema(value_type = Uuid)]
    pub sid: SessionId,
    #[schema(value_type = String, example = "normal")]
    pub role: Role,
    /// The account's session epoch when the session started.
    pub sep: u32,
    /// False while no contact of the account is verified.
    pub verified: bool,
    /// Seconds since 1970.
    pub iat: i64,
    pub exp: i64,
    pub jti: Uuid,
}

/// For whom a token is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    pub user: UserId,
    pub session: SessionId,
    pub role: Role,
    pub epoch: u32,
    pub verified: bool,
}

/// How access tokens are made. No defaults: the composition root has them.
#[derive(Clone, Debug)]
pub struct TokenOptions {
    /// HMAC key of at least [`MIN_KEY_BYTES`].
    pub key: SecretSlice<u8>,
    pub issuer: String,
    pub audience: String,
    /// 900 s unless configured otherwise (C-07).
    pub lifetime: TimeDelta,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    #[error("the token was not issued here")]
    Invalid,
    #[error("the token has expired")]
    Expired,
}

#[derive(Debug, Error)]
pub enum TokenSetupError {
    #[error("the key for access tokens has {0} bytes; at least {MIN_KEY_BYTES} are needed")]
    KeyTooShort(usize),
    #[error("access tokens live for at least a second")]
    NoLifetime,
}

/// Signs and reads access tokens.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    issuer: String,
    audience: String,
    lifetime: TimeDelta,
}

impl Tokens {
    pub fn try_new(options: &TokenOptions) -> Result<Self, TokenSetupError> {
        // Without exactly one provider jsonwebtoken panics at the first token; a second call changes nothing.
        let _ = CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER);
        let key = options.key.expose_secret();
        if key.len() < MIN_KEY_BYTES {
            return Err(TokenSetupError::KeyTooShort(key.len()));
        }
        if options.lifetime < TimeDelta::seconds(1) {
            return Err(TokenSetupError::NoLifetime);
        }
        Ok(Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation: validation(options),
            issuer: options.issuer.clone(),
            audience: options.audience.clone(),
            lifetime: options.lifetime,
        })
    }

    pub const fn lifetime(&self) -> TimeDelta {
        self.lifetime
    }

    pub fn issue(
        &self,
        bearer: Bearer,
        jti: Uuid,
        now: DateTime<Utc>,
    ) -> jsonwebtoken::errors::Result<String> {
        let iat = now.timestamp();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: bearer.user,
            sid: bearer.session,
            role: bearer.role,
            sep: bearer.epoch,
            verified: bearer.verified,
            iat,
            exp: iat.saturating_add(self.lifetime.num_seconds()),
            jti,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// What the token says, if it was issued here and has not expired.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_| TokenError::Invalid)?
            .claims;
        if now.timestamp() >= claims.exp { Err(TokenError::Expired) } else { Ok(claims) }
    }
}

/// Expiry is checked by [`Tokens::read`], against the clock that is passed in.
fn validation(options: &TokenOptions) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_audience(&[&options.audience]);
    validation.set_issuer(&[&options.issuer]);
    validation.set_required_spec_claims(&["exp", "sub", "aud", "iss"]);
    validation
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
