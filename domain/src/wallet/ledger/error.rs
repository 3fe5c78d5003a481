//! Why an entry is refused.

use super::{MAX_OPEN_HOLDS, REFUNDABLE_FOR};
use crate::{
    refusal::BusinessError,
    values::{Account, MAX_AMOUNT},
};
use thiserror::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    #[error("there is not enough on the account {0}")]
    InsufficientFunds(Account),
    #[error("there are not enough credits on the account {0}")]
    InsufficientCredits(Account),
    #[error("an account receives at most {MAX_AMOUNT}")]
    AccountFull,
    #[error("this entry was made already, and said something else")]
    EntryReused,
    #[error("no more can be taken back than was granted")]
    RevocationTooLarge,
    #[error("there are {MAX_OPEN_HOLDS} holds already; capture or refund one first")]
    TooManyHolds,
    #[error("there is no such hold, or it was closed more than {} days ago", REFUNDABLE_FOR.num_days())]
    HoldNotFound,
    #[error("this hold was captured or refunded already")]
    HoldClosed,
    #[error("no more can be captured than is held, and of the same account")]
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
