//! Events of an account. They are stored for ever: a changed form is a new version with an upcaster.

use super::disk::DiskPurge;
use crate::{
    ids::{ChallengeId, SecretId, SessionId},
    personal::Personal,
    values::{AccountStatus, Role},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The username is claimed; the e-mail address is not, until it is verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// As typed; unique case-folded.
    pub username: Personal<String>,
    /// As typed; unverified.
    pub email: Personal<String>,
    /// Absent on accounts without a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretId>,
    pub role: Role,
    pub registered_at: DateTime<Utc>,
}

/// A code for this address was asked for; an older one no longer counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerificationRequested {
    pub contact: ContactKind,
    pub address: Personal<String>,
    pub challenge: ChallengeId,
    pub requested_at: DateTime<Utc>,
}

/// An address that nobody had verified was mistyped. Whatever was sent to it no longer counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddressCorrected {
    pub contact: ContactKind,
    /// As typed; unverified.
    pub address: Personal<String>,
    pub corrected_at: DateTime<Utc>,
}

/// Possession was proved. The address is claimed and replaces the former one of its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContactVerified {
    pub contact: ContactKind,
    pub address: Personal<String>,
    /// Absent where an operator vouched for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<ChallengeId>,
    pub verified_at: DateTime<Utc>,
}

/// A change of address that was pending is over, and its code counts no more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmailChangeCancelled {
    /// The challenge of its first request, by which the change is named.
    pub change: ChallengeId,
    pub cause: EmailChangeCause,
    pub cancelled_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordResetRequested {
    pub challenge: ChallengeId,
    pub requested_at: DateTime<Utc>,
}

/// The former secret is deleted in the same append.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PasswordChanged {
    pub password: SecretId,
    pub cause: PasswordCause,
    pub changed_at: DateTime<Utc>,
}

/// All sessions of older epochs end at once, but for the one kept, which is carried over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionsInvalidated {
    /// Sessions started under an epoch below this one are dead.
    pub epoch: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<SessionId>,
    pub cause: InvalidationCause,
    pub invalidated_at: DateTime<Utc>,
}

/// The account is to be erased (C-39): its sessions end and it is hidden at once, its data goes when the grace is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserDeletionRequested {
    /// Not before this time.
    pub erase_after: DateTime<Utc>,
    pub by: DeletionBy,
    pub requested_at: DateTime<Utc>,
}

/// Within the grace its owner, or staff, thought better of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserDeletionCancelled {
    pub cancelled_at: DateTime<Utc>,
}

/// From here on there is nobody: username and addresses are free, the password is gone, read models forget.
/// The data key is destroyed next, see [`ErasureCertified`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserErased {
    pub requested_at: DateTime<Utc>,
    pub erased_at: DateTime<Utc>,
}

/// The certificate: what the log holds about the person can be read by nobody any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErasureCertified {
    /// When the data key was destroyed, by the key store's clock.
    pub destroyed_at: DateTime<Utc>,
    /// First horizon: no running node holds the key in memory after it.
    pub live_until: DateTime<Utc>,
    /// Second horizon: no backup of the key store holds the key after it.
    pub backups_until: DateTime<Utc>,
    pub certified_at: DateTime<Utc>,
    /// Absent in certificates of programs that looked at the key only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<DiskPurge>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeletionBy {
    /// The person whose account it is.
    Owner,
    /// Staff, or the operator at the command line.
    Staff,
    /// Nobody: a registration that nobody verified in time.
    Expiry,
}

/// By staff, whom the metadata names. All sessions end with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleChanged {
    pub role: Role,
    pub changed_at: DateTime<Utc>,
}

/// By staff. All sessions end with it; a later one of a suspended account replaces reason and end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserSuspended {
    pub status: AccountStatus,
    /// For staff; written about the person.
    pub reason: Personal<String>,
    /// Its end by itself; absent: until somebody reinstates the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    pub suspended_at: DateTime<Utc>,
}

/// By staff, before the suspension's own end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserReinstated {
    pub status: AccountStatus,
    pub reinstated_at: DateTime<Utc>,
}

/// Staff made the account without a password; whoever receives the challenge's token sets the first one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserInvited {
    pub challenge: ChallengeId,
    pub invited_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactKind {
    Email,
    Phone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordCause {
    /// By its owner, who knew the former one.
    Changed,
    /// By a reset token.
    Reset,
    /// Same password, stronger hash.
    Rehashed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailChangeCause {
    /// Its person asked for the present address.
    Requested,
    /// Its person ended another session, which may have asked for it.
    SessionEnded,
    /// By the link that was mailed to the present address: API keys sleep from then on.
    Stopped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvalidationCause {
    PasswordChanged,
    PasswordReset,
    Requested,
    DeletionRequested,
    RoleChanged,
    /// By the link that was mailed to the present address.
    EmailChangeStopped,
}
