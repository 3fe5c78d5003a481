//! Events of a ledger. Each has its effect on the account, so that one event is a line of a statement.

use super::{GrantReason, Posting, RevocationReason, UseReason};
use crate::{
    ids::{EntryId, HoldId, UserId},
    personal::Personal,
    values::SignedAmount,
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An account received something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundsGranted {
    pub user: UserId,
    pub entry: EntryId,
    #[serde(flatten)]
    pub posting: Posting<GrantReason>,
    /// The part of it that paid what was owed.
    #[serde(default, with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub repaid: Decimal,
    pub granted_at: DateTime<Utc>,
}

/// What was granted is taken back, also where it is spent by now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrantRevoked {
    pub user: UserId,
    pub entry: EntryId,
    #[serde(flatten)]
    pub posting: Posting<RevocationReason>,
    /// The part of it that staff had adjusted away before.
    #[serde(default, with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub corrected: Decimal,
    /// The part of it that was spent, or set aside.
    #[serde(default, with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub owed: Decimal,
    pub revoked_at: DateTime<Utc>,
}

/// A part of an account is set aside for something that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundsReserved {
    pub user: UserId,
    pub hold: HoldId,
    #[serde(flatten)]
    pub posting: Posting<UseReason>,
    pub reserved_at: DateTime<Utc>,
}

/// What was set aside is spent, or a part of it, and the rest is back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoldCaptured {
    pub user: UserId,
    pub hold: HoldId,
    /// Of what was spent.
    #[serde(flatten)]
    pub posting: Posting<UseReason>,
    /// The rest of the hold.
    #[serde(default, with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub returned: Decimal,
    /// The part of the rest that paid what was owed.
    #[serde(default, with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub repaid: Decimal,
    pub captured_at: DateTime<Utc>,
}

/// What was set aside is back, or what was spent of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HoldRefunded {
    pub user: UserId,
    pub hold: HoldId,
    /// Of what is back.
    #[serde(flatten)]
    pub posting: Posting<UseReason>,
    /// Where it was.
    pub from: RefundOf,
    /// The part of it that paid what was owed.
    #[serde(default, with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub repaid: Decimal,
    pub refunded_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundOf {
    /// It was set aside.
    Reserved,
    /// It was spent.
    Captured,
}

/// Something was paid at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundsSpent {
    pub user: UserId,
    pub entry: EntryId,
    #[serde(flatten)]
    pub posting: Posting<UseReason>,
    pub spent_at: DateTime<Utc>,
}

/// Staff corrected an account, up or down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountAdjusted {
    pub user: UserId,
    pub entry: EntryId,
    #[serde(flatten)]
    pub amount: SignedAmount,
    /// The part of it that paid what was owed.
    #[serde(default, with = "rust_decimal::serde::str", skip_serializing_if = "Decimal::is_zero")]
    pub repaid: Decimal,
    pub reason: Personal<String>,
    pub adjusted_at: DateTime<Utc>,
}
