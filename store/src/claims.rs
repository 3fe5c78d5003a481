//! Unique values, by their HMAC; and values that several streams wait for, found by the same HMAC.

use crate::{error::StoreError, server_keys::IndexKey, store::Store, submission::ClaimChange};
use domain::aggregate::ClaimKind;
use sqlx::Row;
use uuid::Uuid;

/// A claim as the table knows it.
pub(crate) struct Claim {
    pub kind: ClaimKind,
    pub key: Vec<u8>,
    pub owner: Uuid,
    pub take: bool,
}

impl Claim {
    pub(crate) fn of(change: &ClaimChange, index: &IndexKey) -> Self {
        let ClaimChange { kind, value, owner, take } = change;
        let mut key = index.claim(*kind, value);
        if kind.is_shared() {
            // Each holder has a row of its own behind the value: no two of them meet, and all are found by the beginning.
            key.extend_from_slice(owner.as_bytes());
        }
        Self { kind: *kind, key, owner: *owner, take: *take }
    }
}

/// Each once: the append does not expect what it inserts itself. Of what is taken and given back within one append, a
/// value that is shared is left as it was last.
pub(crate) fn each_once(claims: impl Iterator<Item = Claim>) -> Vec<Claim> {
    let mut kept: Vec<Claim> = Vec::new();
    for claim in claims {
        if claim.kind.is_shared() {
            kept.retain(|known| known.key != claim.key);
        }
        if !kept.iter().any(|known| known.take == claim.take && known.key == claim.key) {
            kept.push(claim);
        }
    }
    kept
}

/// Beyond every key that begins with a value's HMAC.
const BEYOND: [u8; 17] = [0xff; 17];

impl Store {
    /// Who holds a shared value: the newest `each` and the oldest `each`, where ids tell the time, the newest first.
    /// Whoever adds holders before or after somebody cannot alone keep them from being found.
    ///
    /// # Errors
    /// If the log cannot be reached.
    pub async fn claim_owners(
        &self,
        kind: ClaimKind,
        value: &str,
        each: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        let from = self.index().claim(kind, value);
        let to = [&from[..], &BEYOND].concat();
        let rows = sqlx::query(
            "(SELECT key, owner FROM es.claims WHERE key > $1 AND key < $2 ORDER BY key DESC LIMIT $3)
             UNION
             (SELECT key, owner FROM es.claims WHERE key > $1 AND key < $2 ORDER BY key LIMIT $3)
             ORDER BY key DESC",
        )
        .bind(from)
        .bind(to)
        .bind(each)
        .fetch_all(self.pool())
        .await?;
        Ok(rows.iter().map(|row| row.get("owner")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(kind: ClaimKind, key: u8, take: bool) -> Claim {
        Claim { kind, key: vec![key], owner: Uuid::nil(), take }
    }

    fn left(claims: Vec<Claim>) -> Vec<(u8, bool)> {
        each_once(claims.into_iter()).iter().map(|claim| (claim.key[0], claim.take)).collect()
    }

    #[test]
    fn shared_value_is_left_as_it_was_last() {
        let shared = |key, take| claim(ClaimKind::AwaitedEmail, key, take);

        assert_eq!(left(vec![shared(1, true), shared(1, true), shared(2, true)]), [(1, true), (2, true)]);
        assert_eq!(left(vec![shared(1, true), shared(1, false)]), [(1, false)]);
        assert_eq!(left(vec![shared(1, false), shared(1, true)]), [(1, true)]);
    }

    #[test]
    fn unique_value_that_is_given_back_at_once_must_have_been_free() {
        let unique = |take| claim(ClaimKind::Username, 1, take);

        assert_eq!(left(vec![unique(true), unique(false), unique(true)]), [(1, true), (1, false)]);
    }
}
