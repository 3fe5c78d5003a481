//! Access tokens: short-lived JWTs (RFC 7519), bound to a session, signed with HS256, EdDSA or ES256 (C-09).
//!
//! The algorithm is pinned by the configuration and the key (RFC 8725, section 3.1): a token whose header names another
//! one, none, a key that is not ours or a critical extension is refused before its signature is looked at.
//! A valid token is not yet permission: [`crate::access`] asks whether its session still lives.
//! Key pairs are in [`signing_key`], their rotation in [`keys`].

pub mod keys;
pub mod signing_key;
mod verified;

pub use keys::KeyRing;
pub use signing_key::{Jwk, KeyAlgorithm, KeyError, SigningKey};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{SessionId, UserId, values::Role};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, aws_lc},
    decode, decode_header, encode,
};
use secrecy::{ExposeSecret, SecretSlice};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;
use verified::Verified;

/// The shortest HMAC key: as long as the signature (RFC 7518, section 3.2).
pub const MIN_KEY_BYTES: usize = 32;

/// What an access token says (SESS-01).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    pub role: Role,
    /// The account's session epoch when the session started.
    pub sep: u32,
    /// False while no contact of the account is verified.
    pub verified: bool,
    /// Seconds since 1970.
    pub iat: i64,
    pub exp: i64,
    /// When the session last proved itself by more than an access token: by a login, its refresh token or its cookie.
    /// A renewed token keeps it. Absent in tokens that were issued before there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proved_at: Option<i64>,
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
    /// As the claim of this name.
    pub proved_at: DateTime<Utc>,
}

/// By what this deployment signs.
#[derive(Clone, Debug)]
pub enum Signing {
    /// HMAC key of at least [`MIN_KEY_BYTES`]: whoever can verify can also sign.
    Hs256(SecretSlice<u8>),
    /// EdDSA or ES256, as each key has it: others verify by the published key set.
    KeyPairs(KeyRing),
}

/// How access tokens are made. No defaults: the composition root has them.
#[derive(Clone, Debug)]
pub struct TokenOptions {
    pub signing: Signing,
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
    signer: Signer,
    validation: Validation,
    issuer: String,
    audience: String,
    lifetime: TimeDelta,
}

enum Signer {
    Hs256 { encoding: EncodingKey, decoding: DecodingKey, verified: Verified },
    KeyPairs(KeyRing),
}

impl Tokens {
    pub fn try_new(options: &TokenOptions) -> Result<Self, TokenSetupError> {
        // Without exactly one provider jsonwebtoken panics at the first token; a second call changes nothing.
        let _ = CryptoProvider::install_default(&aws_lc::DEFAULT_PROVIDER);
        if options.lifetime < TimeDelta::seconds(1) {
            return Err(TokenSetupError::NoLifetime);
        }
        Ok(Self {
            signer: Signer::try_new(&options.signing)?,
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
        let exp = now.timestamp().saturating_add(self.lifetime.num_seconds());
        self.issue_until(exp, bearer, jti, now)
    }

    /// As [`Tokens::issue`], but with this expiry in seconds since 1970 where it is the earlier one.
    pub fn issue_until(
        &self,
        exp: i64,
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
            exp: exp.min(iat.saturating_add(self.lifetime.num_seconds())),
            proved_at: Some(bearer.proved_at.timestamp()),
            jti,
        };
        match &self.signer {
            Signer::Hs256 { encoding, .. } => encode(&Header::new(Algorithm::HS256), &claims, encoding),
            Signer::KeyPairs(ring) => ring.current().sign(&claims, now),
        }
    }

    /// What the token says, if it was issued here and has not expired.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        let claims = self.issued_here(token, now)?;
        if now.timestamp() >= claims.exp { Err(TokenError::Expired) } else { Ok(claims) }
    }

    /// What a token said that was issued here and has expired; with key pairs as long as its own still verifies.
    pub fn read_lapsed(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        self.issued_here(token, now).ok().filter(|claims| now.timestamp() >= claims.exp)
    }

    fn issued_here(&self, token: &str, now: DateTime<Utc>) -> Result<Claims, TokenError> {
        match &self.signer {
            Signer::Hs256 { decoding, verified, .. } => verified
                .find_or(token, now, || Ok((self.verify(token, None, Algorithm::HS256, decoding)?, None))),
            Signer::KeyPairs(ring) => ring.current().read(token, now, self.lifetime, |key| {
                self.verify(token, Some(key.kid()), key.algorithm().header(), key.decoding())
            }),
        }
    }

    /// The keys that others verify our tokens by; none with HS256.
    pub fn jwks(&self, now: DateTime<Utc>) -> Vec<Jwk> {
        match &self.signer {
            Signer::Hs256 { .. } => Vec::new(),
            Signer::KeyPairs(ring) => ring.current().published(now, self.lifetime),
        }
    }

    /// Tokens under HS256 name no key: with one key there is nothing to choose.
    fn verify(
        &self,
        token: &str,
        kid: Option<&str>,
        algorithm: Algorithm,
        key: &DecodingKey,
    ) -> Result<Claims, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // RFC 7515, section 4.1.11: an extension that we do not know and must understand.
        if header.kid.as_deref() != kid || header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        let validation = Validation { algorithms: vec![algorithm], ..self.validation.clone() };
        Ok(decode::<Claims>(token, key, &validation).map_err(|_| TokenError::Invalid)?.claims)
    }
}

impl Signer {
    fn try_new(signing: &Signing) -> Result<Self, TokenSetupError> {
        match signing {
            Signing::Hs256(key) if key.expose_secret().len() < MIN_KEY_BYTES => {
                Err(TokenSetupError::KeyTooShort(key.expose_secret().len()))
            }
            Signing::Hs256(key) => Ok(Self::Hs256 {
                encoding: EncodingKey::from_secret(key.expose_secret()),
                decoding: DecodingKey::from_secret(key.expose_secret()),
                verified: Verified::new(),
            }),
            Signing::KeyPairs(ring) => Ok(Self::KeyPairs(ring.clone())),
        }
    }
}

/// All but the algorithm, which is the key's. Expiry is checked by [`Tokens::read`], against the clock that is passed in.
fn validation(options: &TokenOptions) -> Validation {
    let mut validation = Validation {
        algorithms: Vec::new(),
        validate_exp: false,
        validate_nbf: false,
        ..Validation::default()
    };
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
mod tests;
