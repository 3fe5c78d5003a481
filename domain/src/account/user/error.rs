//! Why a command to an account is refused.

use crate::refusal::BusinessError;
use chrono::{DateTime, Utc};
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UserError {
    #[error("this account is already registered")]
    AlreadyRegistered,
    #[error("this account was not found")]
    NotRegistered,
    #[error("this address is already verified")]
    AlreadyVerified,
    #[error("a code was sent a moment ago; try again in {seconds} s")]
    TooSoon {
        /// Until the next request is accepted.
        seconds: i64,
    },
    #[error("this code is no longer valid: it was used, or a newer one was requested")]
    VerificationNotPending,
    #[error("no change of address is pending: it was stopped, cancelled, dropped or completed")]
    NoEmailChange,
    #[error("this reset is no longer valid: it was used, or a newer one was requested")]
    ResetNotPending,
    #[error("this account has no password")]
    NoPassword,
    #[error("the password was changed at the same time")]
    PasswordSuperseded,
    #[error("a password can only be reset with its token")]
    ResetWithoutToken,
    #[error("the account of an owner cannot be deleted; give it another role first")]
    OwnerStays,
    #[error("no deletion of this account was requested")]
    DeletionNotRequested,
    #[error("this account cannot be erased before {}", .0.format("%Y-%m-%dT%H:%M:%SZ"))]
    DeletionNotDue(DateTime<Utc>),
    #[error("this account is not erased")]
    NotErased,
    #[error("you cannot change your own role or status; another member of staff must do it")]
    OwnStanding,
    /// Whoever acts is an admin, and the account or the role is staff (C-18).
    #[error("only an owner can change staff accounts or grant a staff role")]
    OwnerOnly,
    #[error("the end of a suspension must be after its start")]
    SuspensionEnded,
    #[error("this account already has a password and needs no invitation")]
    HasPassword,
    #[error("this invitation is no longer valid: it was accepted, or the password was set another way")]
    InvitationNotPending,
}

impl BusinessError for UserError {
    fn code(&self) -> &'static str {
        match self {
            Self::AlreadyRegistered => "already-registered",
            Self::NotRegistered => "account-not-found",
            Self::AlreadyVerified => "contact-already-verified",
            Self::TooSoon { .. } => "code-requested-too-soon",
            Self::VerificationNotPending => "verification-not-pending",
            Self::NoEmailChange => "no-email-change",
            Self::ResetNotPending => "reset-not-pending",
            Self::NoPassword => "no-password",
            Self::PasswordSuperseded => "password-superseded",
            Self::ResetWithoutToken => "reset-without-token",
            Self::OwnerStays => "owner-stays",
            Self::DeletionNotRequested => "deletion-not-requested",
            Self::DeletionNotDue(_) => "deletion-not-due",
            Self::NotErased => "not-erased",
            Self::OwnStanding => "own-standing",
            Self::OwnerOnly => "owner-only",
            Self::SuspensionEnded => "suspension-ended",
            Self::HasPassword => "has-password",
            Self::InvitationNotPending => "invitation-not-pending",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::SuspensionEnded => Some("until"),
            _ => None,
        }
    }

    fn retry_after(&self) -> Option<i64> {
        match self {
            Self::TooSoon { seconds } => Some(*seconds),
            _ => None,
        }
    }
}
