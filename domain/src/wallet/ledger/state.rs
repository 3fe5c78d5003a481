//! A ledger as its events have made it. Its size does not depend on its age.

use super::{
    Entry, FundsReserved, HoldCaptured, HoldRefunded, HoldState, LedgerError, LedgerEvent, Purse,
    entry_claim, holds::Holds,
};
use crate::{
    aggregate::{ClaimKind, Consequence, EventSourced},
    ids::{EntryId, UserId},
    values::Account,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// So many of the newest entries are known without asking the claims.
pub const REMEMBERED_ENTRIES: usize = 64;

/// One person's accounts. Nothing opens it: before its first event all are empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    pub balance: Purse,
    pub points: Purse,
    pub ai_text: Purse,
    pub ai_image: Purse,
    pub(super) holds: Holds,
    /// The newest, oldest first.
    recent: Vec<Entry>,
    /// How many events there were.
    events: u64,
    /// Of the last change; none before the first.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Ledger {
    pub const fn purse(&self, account: Account) -> &Purse {
        match account {
            Account::Balance => &self.balance,
            Account::Points => &self.points,
            Account::AiText => &self.ai_text,
            Account::AiImage => &self.ai_image,
        }
    }

    const fn purse_mut(&mut self, account: Account) -> &mut Purse {
        match account {
            Account::Balance => &mut self.balance,
            Account::Points => &mut self.points,
            Account::AiText => &mut self.ai_text,
            Account::AiImage => &mut self.ai_image,
        }
    }

    /// True if this very entry was made a while ago; an old one only its claim knows.
    pub(super) fn has_made(&self, entry: Entry) -> Result<bool, LedgerError> {
        match self.recent.iter().find(|made| made.id == entry.id) {
            None => Ok(false),
            Some(made) if *made == entry => Ok(true),
            Some(_) => Err(LedgerError::EntryReused),
        }
    }

    pub(super) fn evolve(&mut self, event: &LedgerEvent) {
        let movement = event.movement();
        self.purse_mut(movement.account).apply(&movement.effect);
        self.updated_at = Some(movement.at);
        self.events = self.events.saturating_add(1);
        if let Some(entry) = event.entry() {
            if self.recent.len() >= REMEMBERED_ENTRIES {
                self.recent.remove(0);
            }
            self.recent.push(entry);
        }
        match event {
            LedgerEvent::FundsReserved(FundsReserved { hold, posting, .. }) => {
                self.holds.open(*hold, *posting);
            }
            LedgerEvent::HoldCaptured(HoldCaptured { hold, posting, captured_at, .. }) => {
                let state = HoldState::Captured { amount: posting.amount, at: *captured_at };
                self.holds.close(*hold, state);
            }
            LedgerEvent::HoldRefunded(HoldRefunded { hold, refunded_at, .. }) => {
                self.holds.close(*hold, HoldState::Refunded { at: *refunded_at });
            }
            LedgerEvent::FundsGranted(_)
            | LedgerEvent::GrantRevoked(_)
            | LedgerEvent::FundsSpent(_)
            | LedgerEvent::AccountAdjusted(_) => {}
        }
    }
}

impl LedgerEvent {
    /// The entry that it makes. What becomes of a hold is none: the hold knows it.
    pub(super) fn entry(&self) -> Option<Entry> {
        match self {
            Self::FundsGranted(e) => Some(Entry::of(e.entry, "grant", &e.posting)),
            Self::GrantRevoked(e) => Some(Entry::of(e.entry, "revoke", &e.posting)),
            Self::FundsReserved(e) => Some(Entry::of(EntryId::of_hold(e.hold), "reserve", &e.posting)),
            Self::FundsSpent(e) => Some(Entry::of(e.entry, "spend", &e.posting)),
            Self::AccountAdjusted(e) => {
                Some(Entry::digested(e.entry, "adjust", e.amount.account(), e.amount.value(), &[]))
            }
            Self::HoldCaptured(_) | Self::HoldRefunded(_) => None,
        }
    }
}

impl EventSourced for Ledger {
    type Id = UserId;

    const ALWAYS_THERE: bool = true;

    fn owner(&self, id: UserId) -> Option<UserId> {
        Some(id)
    }

    fn consequences(&self, event: &LedgerEvent) -> Vec<Consequence> {
        let claim = event.entry().map(|entry| {
            let value = entry_claim(event.movement().user, entry.id);
            Consequence::ClaimOnce(ClaimKind::LedgerEntry, value, entry.digest.claim(self.events))
        });
        claim.into_iter().collect()
    }
}
