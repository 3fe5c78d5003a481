//! Unique values, by their HMAC.

use crate::{server_keys::IndexKey, submission::ClaimChange};
use domain::aggregate::ClaimKind;
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
        Self { kind: *kind, key: index.claim(*kind, value), owner: *owner, take: *take }
    }
}
