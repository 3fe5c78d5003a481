//! The key pairs of access tokens: which one signs, which ones still verify, which ones are published.
//!
//! Each key signs from a moment on, until the next one does. It is published before that (others may have cached the
//! key set), and verifies until the last token that it signed has expired: a rotation refuses nobody, not even one from
//! EdDSA to ES256. Each key verifies by its own algorithm, whatever the header of a token says.
//! Where keys are kept is the composition root's matter; it replaces the whole set at once.

use super::{
    Claims, TokenError,
    signing_key::{Jwk, KeyError, SigningKey},
    verified::Verified,
};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Header, decode_header, encode};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// For how long others may use a key set without asking again; a new key signs no earlier than that.
pub const KEY_SET_MAX_AGE: Duration = Duration::from_secs(300);
/// By how much clocks may disagree before a key is put aside too early.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// From when on the key before the one that signs from `successor` on verifies nothing any more.
pub fn retires(successor: DateTime<Utc>, lifetime: TimeDelta) -> DateTime<Utc> {
    successor.checked_add_signed(lifetime + SKEW).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The keys of this process, at least one; replaced as a whole when they change. Cheap to clone.
#[derive(Clone)]
pub struct KeyRing(Arc<RwLock<Arc<Keys>>>);

impl KeyRing {
    pub fn try_new(keys: Vec<SigningKey>) -> Result<Self, KeyError> {
        Ok(Self(Arc::new(RwLock::new(Arc::new(Keys::try_new(keys)?)))))
    }

    /// Takes these keys from now on. Nothing happens if they are the present ones.
    pub fn replace(&self, keys: Vec<SigningKey>) -> Result<bool, KeyError> {
        let new = Keys::try_new(keys)?;
        let changed = !new.is_same(&self.current());
        if changed {
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
        }
        Ok(changed)
    }

    pub(super) fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.current().keys).finish()
    }
}

/// Ordered by when they begin to sign.
pub(super) struct Keys {
    keys: Vec<SigningKey>,
    verified: Verified,
}

impl Keys {
    fn try_new(mut keys: Vec<SigningKey>) -> Result<Self, KeyError> {
        keys.sort_by(|one, other| (one.signs_from(), one.kid()).cmp(&(other.signs_from(), other.kid())));
        if keys.is_empty() { Err(KeyError::NoKey) } else { Ok(Self { keys, verified: Verified::new() }) }
    }

    fn is_same(&self, other: &Self) -> bool {
        let names = |keys: &Self| -> Vec<_> {
            keys.keys.iter().map(|k| (k.signs_from(), k.kid().to_owned())).collect()
        };
        names(self) == names(other)
    }

    pub(super) fn sign(&self, claims: &Claims, now: DateTime<Utc>) -> jsonwebtoken::errors::Result<String> {
        let begun = self.keys.iter().rfind(|key| key.signs_from() <= now);
        let Some(key) = begun.or_else(|| self.keys.first()) else {
            return Err(jsonwebtoken::errors::ErrorKind::InvalidKeyFormat.into());
        };
        let header = Header { kid: Some(key.kid().to_owned()), ..Header::new(key.algorithm().header()) };
        encode(&header, claims, key.encoding())
    }

    /// What a token says, remembered or by `verify` with the key that it names.
    pub(super) fn read(
        &self,
        token: &str,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
        verify: impl FnOnce(&SigningKey) -> Result<Claims, TokenError>,
    ) -> Result<Claims, TokenError> {
        self.verified.find_or(token, now, || {
            let kid = decode_header(token).ok().and_then(|header| header.kid).ok_or(TokenError::Invalid)?;
            let mut named = self.standing(now, lifetime).filter(|(key, _)| key.kid() == kid);
            let (key, until) = named.next().ok_or(TokenError::Invalid)?;
            Ok((verify(key)?, until))
        })
    }

    pub(super) fn published(&self, now: DateTime<Utc>, lifetime: TimeDelta) -> Vec<Jwk> {
        self.standing(now, lifetime).map(|(key, _)| key.jwk().clone()).collect()
    }

    /// The keys that verify, and until when: the last one has no end yet.
    fn standing(
        &self,
        now: DateTime<Utc>,
        lifetime: TimeDelta,
    ) -> impl Iterator<Item = (&SigningKey, Option<DateTime<Utc>>)> {
        let successors = self.keys.iter().skip(1).map(Some).chain([None]);
        let ends = successors.map(move |next| next.map(|next| retires(next.signs_from(), lifetime)));
        self.keys.iter().zip(ends).filter(move |(_, end)| end.is_none_or(|end| now < end))
    }

    #[cfg(test)]
    pub(super) fn remembers(&self, token: &str) -> bool {
        self.verified.holds(token)
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
