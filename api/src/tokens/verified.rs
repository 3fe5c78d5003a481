//! EdDSA tokens whose signature was found right: verifying one costs some 30 µs, finding it here about one.
//!
//! Bounded in number and time, and never shared between two sets of keys: a key that is taken away takes with it what
//! it had vouched for.

use super::Claims;
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

    pub(super) fn find(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let entry = self.0.get(&hash(token))?;
        (now < entry.until).then(|| Claims::clone(&entry.claims))
    }

    /// Remembers it until it or its key ends; a token that is over already is not kept.
    pub(super) fn keep(
        &self,
        token: &str,
        claims: &Claims,
        key_until: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) {
        let Some(exp) = DateTime::from_timestamp(claims.exp, 0) else { return };
        let until = key_until.map_or(exp, |end| end.min(exp));
        if now < until {
            self.0.insert(hash(token), Entry { claims: Arc::new(claims.clone()), until });
        }
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
