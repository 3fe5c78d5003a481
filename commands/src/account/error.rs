//! Refusals that no single aggregate can make.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{BusinessError, UserId};
use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AccountError {
    /// Unknown account, wrong password, no password: nobody learns which.
    #[error("the account or the password is wrong")]
    WrongCredentials,
    /// The password was right.
    #[error("no contact of this account is verified")]
    ContactUnverified {
        /// Whose code may be asked for again.
        user: UserId,
    },
    /// The password was right.
    #[error("this account is suspended{}", until(.0.as_ref()))]
    Suspended(Option<DateTime<Utc>>),
    /// Whoever asks is not staff any more, or is suspended.
    #[error("only staff can do this")]
    StaffOnly,
    /// Staff, but no owner.
    #[error("only an owner can create or take over service keys")]
    OwnersKeys,
    /// Unknown account, nothing pending, wrong code: nobody learns which.
    #[error("the code is wrong")]
    WrongCode,
    /// A login that was done is asked for again by its idempotency key.
    #[error("this request was already answered; its tokens are shown only once")]
    SecretShownOnce,
    #[error("the current password is wrong")]
    WrongPassword,
    #[error("this reset token is invalid")]
    ResetTokenInvalid,
    #[error("this refresh token is invalid")]
    RefreshTokenInvalid,
    /// A copy of a spent token was presented; its session has ended.
    #[error("this refresh token was already used; its session was ended")]
    RefreshTokenReused,
    #[error("this session has ended")]
    SessionEnded,
    /// The password was right.
    #[error(
        "this account will be erased after {}; to keep it, log in with \"cancel_deletion\": true",
        .erase_after.format("%Y-%m-%dT%H:%M:%SZ")
    )]
    DeletionRequested { erase_after: DateTime<Utc> },
    /// The account changed between its check and the append.
    #[error("the account was changed at the same time; try again")]
    ChangedMeanwhile,
    /// No key of ours, or one that never came to be.
    #[error("this API key is invalid")]
    ApiKeyInvalid,
    #[error("this API key was revoked")]
    ApiKeyRevoked,
    #[error("this API key has expired")]
    ApiKeyExpired,
    /// Suspended, to be erased, or erased.
    #[error("the owner of this API key cannot log in")]
    ApiKeyDormant,
    /// The password was reset since it was made, or the address's owner stopped a change.
    #[error(
        "the password was reset, or a change of address was stopped; the key is disabled until its owner confirms it (a service key: or until an owner of the service takes it over)"
    )]
    ApiKeyUnconfirmed,
    /// Neither a password nor a login a moment ago.
    #[error("send current_password, or log in again and repeat the request within a few minutes")]
    PasswordNeeded,
    #[error("this link to stop a change of address is invalid")]
    StopTokenInvalid,
    /// Not even staff.
    #[error("you cannot adjust your own ledger; another member of staff must do it")]
    OwnLedger,
    /// A token was asked for a moment ago.
    #[error("a reset was requested a moment ago")]
    ResetTooSoon,
}

fn until(end: Option<&DateTime<Utc>>) -> String {
    end.map_or_else(String::new, |end| format!(" until {}", end.to_rfc3339_opts(SecondsFormat::Secs, true)))
}

impl BusinessError for AccountError {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "credentials-wrong",
            Self::ContactUnverified { .. } => "contact-unverified",
            Self::Suspended(_) => "account-suspended",
            Self::StaffOnly => "staff-only",
            Self::OwnersKeys => "owner-only",
            Self::WrongCode => "code-wrong",
            Self::SecretShownOnce => "secret-shown-once",
            Self::WrongPassword => "password-wrong",
            Self::ResetTokenInvalid => "reset-token-invalid",
            Self::RefreshTokenInvalid => "refresh-token-invalid",
            Self::RefreshTokenReused => "refresh-token-reused",
            Self::SessionEnded => "session-ended",
            Self::DeletionRequested { .. } => "deletion-requested",
            Self::ChangedMeanwhile => "changed-meanwhile",
            Self::ApiKeyInvalid => "api-key-invalid",
            Self::ApiKeyRevoked => "api-key-revoked",
            Self::ApiKeyExpired => "api-key-expired",
            Self::ApiKeyDormant => "api-key-dormant",
            Self::ApiKeyUnconfirmed => "api-key-unconfirmed",
            Self::PasswordNeeded => "password-needed",
            Self::StopTokenInvalid => "stop-token-invalid",
            Self::OwnLedger => "own-ledger",
            Self::ResetTooSoon => "reset-too-soon",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::WrongCode => Some("code"),
            Self::WrongPassword => Some("current_password"),
            Self::ResetTokenInvalid | Self::StopTokenInvalid => Some("token"),
            Self::RefreshTokenInvalid | Self::RefreshTokenReused => Some("refresh_token"),
            Self::WrongCredentials
            | Self::SecretShownOnce
            | Self::ContactUnverified { .. }
            | Self::Suspended(_)
            | Self::StaffOnly
            | Self::OwnersKeys
            | Self::SessionEnded
            | Self::DeletionRequested { .. }
            | Self::ChangedMeanwhile
            | Self::ApiKeyInvalid
            | Self::ApiKeyRevoked
            | Self::ApiKeyExpired
            | Self::ApiKeyDormant
            | Self::ApiKeyUnconfirmed
            | Self::PasswordNeeded
            | Self::OwnLedger
            | Self::ResetTooSoon => None,
        }
    }
}
