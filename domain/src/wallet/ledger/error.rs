//! Why an entry is refused.

use super::{MAX_OPEN_HOLDS, REFUNDABLE_FOR};
use crate::{
    refusal::BusinessError,
    values::{Account, MAX_AMOUNT},
};
use thiserror::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    #[error("the balance of the account {0} is too low")]
    InsufficientFunds(Account),
    #[error("the account {0} does not have enough credits")]
    InsufficientCredits(Account),
    #[error("an account can receive at most {MAX_AMOUNT}")]
    AccountFull,
    #[error("this entry id was used for another entry")]
    EntryReused,
    #[error("the amount is larger than what was granted")]
    RevocationTooLarge,
    #[error("there are already {MAX_OPEN_HOLDS} open holds; capture or refund one first")]
    TooManyHolds,
    #[error("this hold was not found, or it was closed more than {} days ago", REFUNDABLE_FOR.num_days())]
    HoldNotFound,
    #[error("this hold was already captured or refunded")]
    HoldClosed,
    #[error("capture at most the amount of the hold, on the same account")]
    CaptureTooLarge,
}

impl LedgerError {
    pub(super) const fn insufficient(account: Account) -> Self {
        match account {
            Account::Balance | Account::Points => Self::InsufficientFunds(account),
            Account::AiText | Account::AiImage => Self::InsufficientCredits(account),
        }
    }
}

impl BusinessError for LedgerError {
    fn code(&self) -> &'static str {
        match self {
            Self::InsufficientFunds(_) => "insufficient-funds",
            Self::InsufficientCredits(_) => "insufficient-credits",
            Self::AccountFull => "account-full",
            Self::EntryReused => "entry-reused",
            Self::RevocationTooLarge => "revocation-too-large",
            Self::TooManyHolds => "too-many-holds",
            Self::HoldNotFound => "hold-not-found",
            Self::HoldClosed => "hold-closed",
            Self::CaptureTooLarge => "capture-too-large",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::InsufficientFunds(_)
            | Self::InsufficientCredits(_)
            | Self::AccountFull
            | Self::RevocationTooLarge
            | Self::CaptureTooLarge => Some("amount"),
            Self::EntryReused | Self::TooManyHolds | Self::HoldNotFound | Self::HoldClosed => None,
        }
    }
}
