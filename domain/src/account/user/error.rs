//! Why a command to an account is refused.

use crate::refusal::BusinessError;
use chrono::{DateTime, Utc};
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UserError {
    #[error("this account is already registered")]
    AlreadyRegistered,
    #[error("there is no such account")]
    NotRegistered,
    #[error("this address is already verified")]
    AlreadyVerified,
    #[error("a code was sent a moment ago; ask again in {seconds} s")]
    TooSoon {
        /// Until the next request is accepted.
        seconds: i64,
    },
    #[error("this code no longer counts: it was used, or a newer one was asked for")]
    VerificationNotPending,
    #[error("no change of the address is pending: it was stopped, cancelled, dropped or done")]
    NoEmailChange,
    #[error("this reset no longer counts: it was used, or a newer one was asked for")]
    ResetNotPending,
    #[error("this account has no password")]
    NoPassword,
    #[error("the password was changed in the meantime")]
    PasswordSuperseded,
    #[error("a password is reset by its token only")]
    ResetWithoutToken,
    #[error("an owner's account is given another role before it is deleted")]
    OwnerStays,
    #[error("nobody asked for the deletion of this account")]
    DeletionNotRequested,
    #[error("this account may not be erased before {}", .0.format("%Y-%m-%dT%H:%M:%SZ"))]
    DeletionNotDue(DateTime<Utc>),
    #[error("this account is not erased")]
    NotErased,
    #[error("nobody changes their own role or status; another member of staff does")]
    OwnStanding,
    /// Whoever acts is an admin, and the account or the role is staff (C-18).
    #[error("only an owner may do this to staff, or make somebody staff")]
    OwnerOnly,
    #[error("a suspension ends after it begins")]
    SuspensionEnded,
    #[error("this account has a password: its person needs no invitation")]
    HasPassword,
    #[error("this invitation no longer counts: it was accepted, or the password was set otherwise")]
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
