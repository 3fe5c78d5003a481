//! Tokens whose signature was found right: verifying one costs some 30 µs (EdDSA) or 10 (HS256), finding it here one.
//!
//! Bounded in number and time, and never shared between two sets of keys: a key that is taken away takes with it what
//! it had vouched for.

use super::{Claims, TokenError};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use std::{sync::Arc, time::Duration};

/// Some 5 MiB when full.
const TOKENS: u64 = 10_000;
/// Longer than this nothing is kept that nobody asks for.
const IDLE: Duration = Duration::from_secs(300);

/// Claims by the SHA-256 of the whole token, so that no token lies in memory.
pub(super) struct Verified(Cache<[u8; 32], Entry>);

#[derive(Clone)]
struct Entry {
    claims: Arc<Claims>,
    /// The end of the token or of its key, whichever comes first.
    until: DateTime<Utc>,
}

impl Verified {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(TOKENS).time_to_idle(IDLE).build())
    }

    /// What the token said when it was verified, or by `verify` says now; with it comes the end of its key, if that has
    /// one. Remembered until either ends; a token that is over already is not.
    pub(super) fn find_or(
        &self,
        token: &str,
        now: DateTime<Utc>,
        verify: impl FnOnce() -> Result<(Claims, Option<DateTime<Utc>>), TokenError>,
    ) -> Result<Claims, TokenError> {
        let hash = hash(token);
        if let Some(entry) = self.0.get(&hash).filter(|entry| now < entry.until) {
            return Ok(Claims::clone(&entry.claims));
        }
        let (claims, key_until) = verify()?;
        if let Some(exp) = DateTime::from_timestamp(claims.exp, 0) {
            let until = key_until.map_or(exp, |end| end.min(exp));
            if now < until {
                self.0.insert(hash, Entry { claims: Arc::new(claims.clone()), until });
            }
        }
        Ok(claims)
    }

    #[cfg(test)]
    pub(super) fn holds(&self, token: &str) -> bool {
        self.0.contains_key(&hash(token))
    }
}

fn hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}
