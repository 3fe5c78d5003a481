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
    pub act: Act,
}

/// The action on a claim.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Take,
    Release,
    /// Nobody else may hold it, and nothing is written: under the key that is being replaced.
    Guard,
}

impl Claim {
    /// Under the present key, and what is to be done under the other one.
    pub(crate) fn of(change: &ClaimChange, index: &IndexKey) -> impl Iterator<Item = Self> {
        let ClaimChange { kind, value, owner, take } = change;
        let (kind, owner) = (*kind, *owner);
        let (act, beside) = if *take { (Act::Take, Act::Guard) } else { (Act::Release, Act::Release) };
        let present = Self { kind, key: key_of(kind, index.claim(kind, value), owner), owner, act };
        let other = index.other_claim(kind, value);
        let other = other.map(|key| Self { kind, key: key_of(kind, key, owner), owner, act: beside });
        [present].into_iter().chain(other)
    }
}

/// Of a shared value each holder has a row of its own behind the value: no two of them meet, and all are found by the
/// beginning.
pub(crate) fn key_of(kind: ClaimKind, mut key: Vec<u8>, owner: Uuid) -> Vec<u8> {
    if kind.is_shared() {
        key.extend_from_slice(owner.as_bytes());
    }
    key
}

/// Each once: the append does not expect what it inserts itself. Of what is taken and given back within one append, a
/// value that is shared is left as it was last.
pub(crate) fn each_once(claims: impl Iterator<Item = Claim>) -> Vec<Claim> {
    let mut kept: Vec<Claim> = Vec::new();
    for claim in claims {
        if claim.kind.is_shared() {
            kept.retain(|known| known.key != claim.key);
        }
        if !kept.iter().any(|known| known.act == claim.act && known.key == claim.key) {
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
        let names = [Some(self.index().claim(kind, value)), self.index().other_claim(kind, value)];
        let mut owners: Vec<Uuid> = Vec::new();
        for from in names.into_iter().flatten() {
            let to = [&from[..], &BEYOND].concat();
            let rows = sqlx::query(
                "(SELECT key, owner FROM es.claims WHERE key > $1 AND key < $2 ORDER BY key DESC LIMIT $3)
                 UNION
                 (SELECT key, owner FROM es.claims WHERE key > $1 AND key < $2 ORDER BY key LIMIT $3)",
            );
            let rows = rows.bind(from).bind(to).bind(each).fetch_all(self.pool()).await?;
            owners.extend(rows.iter().map(|row| row.get::<Uuid, _>("owner")));
        }
        owners.sort_unstable_by(|one, other| other.cmp(one));
        owners.dedup();
        // Under two names there may be twice as many.
        let each = usize::try_from(each).unwrap_or(usize::MAX);
        if owners.len() > each.saturating_mul(2) {
            let oldest = owners.split_off(owners.len() - each);
            owners.truncate(each);
            owners.extend(oldest);
        }
        Ok(owners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(kind: ClaimKind, key: u8, take: bool) -> Claim {
        let act = if take { Act::Take } else { Act::Release };
        Claim { kind, key: vec![key], owner: Uuid::nil(), act }
    }

    fn left(claims: Vec<Claim>) -> Vec<(u8, bool)> {
        each_once(claims.into_iter()).iter().map(|claim| (claim.key[0], claim.act == Act::Take)).collect()
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
