//! Entries of Jane's ledger, at second 1.

use super::*;
use crate::{
    fixtures::*,
    ids::{EntryId, HoldId, SourceId},
    values::{Account, Amount, SignedAmount},
};
use cqrs_es::Aggregate;
use rust_decimal::{Decimal, prelude::ToPrimitive};
use uuid::Uuid;

pub const fn entry(n: u128) -> EntryId {
    EntryId::from_uuid(Uuid::from_u128(0xe000 + n))
}

pub const fn hold(n: u128) -> HoldId {
    HoldId::from_uuid(Uuid::from_u128(0x401d_0000 + n))
}

pub const fn source(n: u128) -> SourceId {
    SourceId::from_uuid(Uuid::from_u128(0x50c0 + n))
}

pub fn posting<R>(account: Account, amount: u64, reason: R) -> Posting<R> {
    Posting { amount: Amount::try_new(account, amount).unwrap(), reason, source: None }
}

pub fn points<R>(amount: u64, reason: R) -> Posting<R> {
    posting(Account::Points, amount, reason)
}

pub fn credits(amount: u64) -> Posting<UseReason> {
    posting(Account::AiText, amount, UseReason::Generation)
}

pub fn revocation(amount: u64) -> Posting<RevocationReason> {
    points(amount, RevocationReason::BadgeRevocation)
}

fn granted(n: u128, posting: Posting<GrantReason>) -> LedgerEvent {
    FundsGranted { user: jane(), entry: entry(n), posting, repaid: Decimal::ZERO, granted_at: at(1) }.into()
}

/// Points for a badge.
pub fn awarded(n: u128, amount: u64) -> LedgerEvent {
    granted(n, points(amount, GrantReason::BadgeAward))
}

/// Credits for texts.
pub fn monthly(n: u128, amount: u64) -> LedgerEvent {
    granted(n, posting(Account::AiText, amount, GrantReason::MonthlyGrant))
}

/// Points of a badge.
pub fn revoked(n: u128, amount: u64, owed: u64) -> LedgerEvent {
    let (posting, owed) = (revocation(amount), Decimal::from(owed));
    let corrected = Decimal::ZERO;
    GrantRevoked { user: jane(), entry: entry(n), posting, corrected, owed, revoked_at: at(1) }.into()
}

/// Points.
pub fn spent(n: u128, amount: u64) -> LedgerEvent {
    let posting = points(amount, UseReason::Purchase);
    FundsSpent { user: jane(), entry: entry(n), posting, spent_at: at(1) }.into()
}

/// Points.
pub fn adjusted(n: u128, amount: &str) -> LedgerEvent {
    AccountAdjusted {
        user: jane(),
        entry: entry(n),
        amount: SignedAmount::parse(Account::Points, amount).unwrap(),
        repaid: Decimal::ZERO,
        reason: janes("goodwill"),
        adjusted_at: at(1),
    }
    .into()
}

/// Credits for a text.
pub fn reserved(n: u128, amount: u64) -> LedgerEvent {
    FundsReserved { user: jane(), hold: hold(n), posting: credits(amount), reserved_at: at(1) }.into()
}

pub fn captured(n: u128, amount: u64, returned: u64) -> LedgerEvent {
    HoldCaptured {
        user: jane(),
        hold: hold(n),
        posting: credits(amount),
        returned: Decimal::from(returned),
        repaid: Decimal::ZERO,
        captured_at: at(1),
    }
    .into()
}

/// What was held.
pub fn refunded(n: u128, amount: u64) -> LedgerEvent {
    HoldRefunded {
        user: jane(),
        hold: hold(n),
        posting: credits(amount),
        from: RefundOf::Reserved,
        repaid: Decimal::ZERO,
        refunded_at: at(1),
    }
    .into()
}

pub fn folded(events: &[LedgerEvent]) -> Ledger {
    let mut ledger = Ledger::default();
    events.iter().for_each(|event| ledger.apply(event.clone()));
    ledger
}

/// Available, held, owed, total, of badges.
pub fn numbers(purse: Purse) -> [i64; 5] {
    [purse.available, purse.held, purse.owed, purse.total, purse.badges].map(|sum| sum.to_i64().unwrap())
}
