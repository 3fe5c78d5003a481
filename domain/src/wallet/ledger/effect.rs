//! The effect of an event on an account: defined once, for the aggregate and for read models.

use super::{
    AccountAdjusted, FundsGranted, FundsReserved, FundsSpent, GrantReason, GrantRevoked, HoldCaptured,
    HoldRefunded, LedgerError, LedgerEvent, Posting, Reason, RefundOf, RevocationReason,
};
use crate::{
    ids::{HoldId, SourceId, UserId},
    personal::Personal,
    values::{Account, MAX_AMOUNT},
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One account. All sums are at least zero, and
/// `available + held - owed` is `total` less what was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purse {
    /// Can be spent.
    pub available: Decimal,
    /// Set aside by holds.
    pub held: Decimal,
    /// Was revoked when it was not there any more. While it is above zero, `available` is zero.
    pub owed: Decimal,
    /// Of a lifetime: what was granted, less what was revoked, and what staff adjusted. Spending does not lower it.
    pub total: Decimal,
    /// The part of `total` that awards gave, less what revoked awards took (`badge_points`).
    pub badges: Decimal,
}

/// What an event adds to the sums of a [`Purse`]; below zero: takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub available: Decimal,
    pub held: Decimal,
    pub owed: Decimal,
    pub total: Decimal,
    pub badges: Decimal,
}

/// An event as a line of a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Movement<'a> {
    pub user: UserId,
    pub account: Account,
    pub effect: Effect,
    /// One of the closed list; `adjustment` for what staff did.
    pub reason: &'static str,
    pub source: Option<SourceId>,
    pub hold: Option<HoldId>,
    /// What staff say about an adjustment.
    pub note: Option<&'a Personal<String>>,
    pub at: DateTime<Utc>,
}

impl Purse {
    // Saturating, because the plain operators panic: bounded amounts never come near it.
    pub fn apply(&mut self, effect: &Effect) {
        self.available = self.available.saturating_add(effect.available);
        self.held = self.held.saturating_add(effect.held);
        self.owed = self.owed.saturating_add(effect.owed);
        self.total = self.total.saturating_add(effect.total);
        self.badges = self.badges.saturating_add(effect.badges);
    }

    /// The part of an amount that pays what is owed.
    pub(super) fn repays(&self, amount: Decimal) -> Decimal {
        self.owed.min(amount)
    }

    /// An amount may still be granted.
    pub(super) fn has_room_for(&self, amount: Decimal) -> Result<(), LedgerError> {
        let fits = self.total.saturating_add(amount) <= MAX_AMOUNT;
        if fits { Ok(()) } else { Err(LedgerError::AccountFull) }
    }

    /// An amount can be spent.
    pub(super) fn has(&self, account: Account, amount: Decimal) -> Result<(), LedgerError> {
        if amount <= self.available { Ok(()) } else { Err(LedgerError::insufficient(account)) }
    }
}

impl Effect {
    /// An amount comes back or in, and pays what is owed first.
    fn credit(amount: Decimal, repaid: Decimal) -> Self {
        Self { available: amount.saturating_sub(repaid), owed: -repaid, ..Self::default() }
    }
}

impl LedgerEvent {
    pub fn movement(&self) -> Movement<'_> {
        match self {
            Self::FundsGranted(e) => of_grant(e),
            Self::GrantRevoked(e) => of_revocation(e),
            Self::FundsReserved(FundsReserved { user, hold, posting, reserved_at }) => {
                let effect =
                    Effect { available: -posting.value(), held: posting.value(), ..Effect::default() };
                line(*user, posting, effect, Some(*hold), *reserved_at)
            }
            Self::HoldCaptured(e) => of_capture(e),
            Self::HoldRefunded(e) => of_refund(e),
            Self::FundsSpent(FundsSpent { user, entry: _, posting, spent_at }) => {
                let effect = Effect { available: -posting.value(), ..Effect::default() };
                line(*user, posting, effect, None, *spent_at)
            }
            Self::AccountAdjusted(e) => of_adjustment(e),
        }
    }
}

fn line<R: Reason>(
    user: UserId,
    posting: &Posting<R>,
    effect: Effect,
    hold: Option<HoldId>,
    at: DateTime<Utc>,
) -> Movement<'static> {
    let (account, reason, source) = (posting.account(), posting.reason.name(), posting.source);
    Movement { user, account, effect, reason, source, hold, note: None, at }
}

fn of_grant(e: &FundsGranted) -> Movement<'static> {
    let amount = e.posting.value();
    let badges = match e.posting.reason {
        GrantReason::BadgeAward => amount,
        GrantReason::MonthlyGrant | GrantReason::TopUp => Decimal::ZERO,
    };
    let effect = Effect { total: amount, badges, ..Effect::credit(amount, e.repaid) };
    line(e.user, &e.posting, effect, None, e.granted_at)
}

fn of_revocation(e: &GrantRevoked) -> Movement<'static> {
    let amount = e.posting.value();
    let badges = match e.posting.reason {
        RevocationReason::BadgeRevocation => -amount,
    };
    let total = e.corrected.saturating_sub(amount);
    let available = total.saturating_add(e.owed);
    let effect = Effect { available, owed: e.owed, total, badges, ..Effect::default() };
    line(e.user, &e.posting, effect, None, e.revoked_at)
}

fn of_capture(e: &HoldCaptured) -> Movement<'static> {
    let held = -e.posting.value().saturating_add(e.returned);
    let effect = Effect { held, ..Effect::credit(e.returned, e.repaid) };
    line(e.user, &e.posting, effect, Some(e.hold), e.captured_at)
}

fn of_refund(e: &HoldRefunded) -> Movement<'static> {
    let amount = e.posting.value();
    let held = match e.from {
        RefundOf::Reserved => -amount,
        RefundOf::Captured => Decimal::ZERO,
    };
    let effect = Effect { held, ..Effect::credit(amount, e.repaid) };
    line(e.user, &e.posting, effect, Some(e.hold), e.refunded_at)
}

fn of_adjustment(e: &AccountAdjusted) -> Movement<'_> {
    let AccountAdjusted { user, entry: _, amount, repaid, reason, adjusted_at } = e;
    let effect = Effect { total: amount.value(), ..Effect::credit(amount.value(), *repaid) };
    Movement {
        user: *user,
        account: amount.account(),
        effect,
        reason: "adjustment",
        source: None,
        hold: None,
        note: Some(reason),
        at: *adjusted_at,
    }
}
