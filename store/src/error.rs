//! Errors of the log, divided by what the caller can do about them.

use domain::{Subject, aggregate::ClaimKind};
use thiserror::Error;

/// Reading failed, or the store itself is at fault.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database did not answer; the same call may succeed later.
    #[error("the event log cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The subject's key was destroyed: nothing more is recorded about an erased person.
    #[error("the data key of {0} was destroyed")]
    Erased(Subject),
    /// An event of the log does not decode here.
    #[error(transparent)]
    Decode(#[from] domain::DecodeError),
    /// A defect, or tampering: positions with a hole, a seal that does not verify.
    #[error("the event log is inconsistent: {0}")]
    Corrupt(String),
    /// The server is set up in a way that could lose acknowledged commands.
    #[error("{0}")]
    Refused(String),
    /// Migrations did not apply.
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Unavailable(error)
    }
}

/// Why a submission was not appended; nothing of it was.
#[derive(Debug, Error)]
pub enum AppendError {
    /// A stream is not at the version that was decided on: load again and decide again.
    #[error("{aggregate_type} {aggregate_id} is at version {version} by now")]
    Version { aggregate_type: String, aggregate_id: String, version: i64 },
    /// Another stream holds the value.
    #[error("the {} is taken", .0.name())]
    Claimed(ClaimKind),
    /// The idempotency key was used with another request.
    #[error("the idempotency key belongs to another request")]
    KeyReused,
    /// The store is stopping; nothing was appended.
    #[error("the event log is shutting down")]
    Closed,
    #[error(transparent)]
    Store(#[from] StoreError),
}
