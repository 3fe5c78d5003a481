//! A ledger entry, and how a repeated entry is recognized.

use crate::{
    ids::{EntryId, SourceId, UserId, derive},
    values::{Account, Amount},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How much of which account, why, and what it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting<R> {
    #[serde(flatten)]
    pub amount: Amount,
    pub reason: R,
    /// The award, the generation, the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceId>,
}

impl<R> Posting<R> {
    pub const fn account(&self) -> Account {
        self.amount.account()
    }

    pub const fn value(&self) -> Decimal {
        self.amount.value()
    }
}

/// Why an entry is made. The names are on the wire and in digests: **frozen**.
pub trait Reason {
    fn name(&self) -> &'static str;
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident { $($(#[$why:meta])* $reason:ident = $wire:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$why])* #[serde(rename = $wire)] $reason),* }

        impl Reason for $name {
            fn name(&self) -> &'static str {
                match self { $(Self::$reason => $wire),* }
            }
        }
    )*};
}

reasons! {
    /// Why an account receives something.
    GrantReason {
        /// A badge was awarded.
        BadgeAward = "badge_award",
        /// The credits of the month, by tier (C-28).
        MonthlyGrant = "monthly_grant",
        /// It was paid for outside.
        TopUp = "top_up",
    }
    /// Why a grant is taken back.
    RevocationReason {
        /// An award was revoked.
        BadgeRevocation = "badge_revocation",
    }
    /// What is paid for.
    UseReason {
        /// A text or an image is made (AI-10).
        Generation = "generation",
        /// Something is bought.
        Purchase = "purchase",
    }
}

/// An entry by its caller's name, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: EntryId,
    pub digest: EntryDigest,
}

/// What an entry says, in 64 bits: enough to tell apart two that carry the same id. **Frozen**: claims hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryDigest(u64);

impl EntryDigest {
    /// Of what a claim of [`entry_claim`] names as its owner.
    pub fn of_claim(owner: Uuid) -> Self {
        Self(owner.as_u64_pair().0)
    }

    /// The owner of the claim of an entry: of the same entry at another place of the stream it is another.
    pub(super) fn claim(self, sequence: u64) -> Uuid {
        Uuid::from_u64_pair(self.0, sequence)
    }
}

/// The value of the claim that an entry takes for ever. **Frozen**.
pub fn entry_claim(user: UserId, entry: EntryId) -> String {
    format!("{user}\n{entry}")
}

impl Entry {
    pub(super) fn of<R: Reason>(id: EntryId, act: &str, posting: &Posting<R>) -> Self {
        let source = posting.source.map(|source| source.to_string()).unwrap_or_default();
        Self::digested(id, act, posting.account(), posting.value(), &[posting.reason.name(), &source])
    }

    pub(super) fn digested(id: EntryId, act: &str, account: Account, amount: Decimal, more: &[&str]) -> Self {
        let amount = account.text(amount);
        let parts = [&[act, account.name(), &amount], more].concat();
        Self { id, digest: EntryDigest(derive("ledger:digest", &parts).as_u64_pair().0) }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixtures::*, *};
    use crate::fixtures::*;

    #[test]
    fn entries_of_one_id_are_told_apart_by_what_they_say() {
        let posting = points(10, GrantReason::BadgeAward);
        let said = |act, posting: &Posting<GrantReason>| Entry::of(entry(1), act, posting).digest;
        let first = said("grant", &posting);

        assert_eq!(said("grant", &posting), first);
        for other in [
            said("spend", &posting),
            said("grant", &points(11, GrantReason::BadgeAward)),
            said("grant", &points(10, GrantReason::TopUp)),
            said("grant", &Posting { source: Some(source(1)), ..posting }),
        ] {
            assert_ne!(other, first);
        }
    }

    /// Frozen: what stored claims hold.
    #[test]
    fn claim_names_the_person_and_holds_the_digest() {
        let said = Entry::of(entry(1), "grant", &points(10, GrantReason::BadgeAward));
        let owner = said.digest.claim(7);

        assert_eq!(entry_claim(jane(), said.id), format!("{}\n{}", jane(), entry(1)));
        assert_eq!(owner.to_string(), "48f6005f-8a64-58ae-0000-000000000007");
        assert_eq!(EntryDigest::of_claim(owner), said.digest);
        assert_ne!(said.digest.claim(8), owner);
    }
}
