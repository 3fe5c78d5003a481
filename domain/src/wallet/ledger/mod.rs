//! What a person has of money, points and credits: one stream per person, of the user's id, with four accounts
//! (C-19, WAL-01, WAL-02).
//!
//! Nothing opens the stream: before the first entry every account is empty.
//! What can be spent of an account is never below zero. The one thing that may ask for more than there is is a
//! revocation of what was spent by then: it takes what is there, and the rest is *owed*, and paid by what comes next.
//! An entry is made once for ever: a repeat is known by the newest entries that the state keeps, and later by a claim
//! ([`entry_claim`]).

mod adjust;
mod effect;
mod entry;
mod error;
mod events;
mod grant;
mod holds;
mod reserve;
mod revoke_grant;
mod settle;
mod spend;
mod state;

pub use adjust::Adjust;
pub use effect::{Effect, Movement, Purse};
pub use entry::{Entry, EntryDigest, GrantReason, Posting, Reason, RevocationReason, UseReason, entry_claim};
pub use error::LedgerError;
pub use events::*;
pub use grant::Grant;
pub use holds::{Hold, HoldState, MAX_OPEN_HOLDS, REFUNDABLE_FOR, REFUNDABLE_HOLDS};
pub use reserve::Reserve;
pub use revoke_grant::RevokeGrant;
pub use settle::{Capture, Refund};
pub use spend::Spend;
pub use state::{Ledger, REMEMBERED_ENTRIES};

use crate::{aggregate::aggregate, ids::UserId};

aggregate! {
    Ledger = "ledger", id UserId, error LedgerError;
    commands LedgerCommand { Grant, RevokeGrant, Reserve, Capture, Refund, Spend, Adjust }
    events LedgerEvent {
        FundsGranted = "funds_granted" "1",
        GrantRevoked = "grant_revoked" "1",
        FundsReserved = "funds_reserved" "1",
        HoldCaptured = "hold_captured" "1",
        HoldRefunded = "hold_refunded" "1",
        FundsSpent = "funds_spent" "1",
        AccountAdjusted = "account_adjusted" "1",
    }
}

#[cfg(test)]
mod fixtures;
#[cfg(test)]
pub(crate) mod properties;
