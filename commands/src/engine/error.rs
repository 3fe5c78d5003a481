//! Why a command was not carried out, told apart by what the caller can do about it.

use domain::{BusinessError, ClaimKind, DecodeError};
use std::{error::Error, fmt, time::Duration};
use store::{AppendError, StoreError};
use thiserror::Error;

/// A business rule says no. Keeps the typed error, and what every edge needs of it.
#[derive(Debug)]
pub struct Refusal {
    code: &'static str,
    field: Option<&'static str>,
    retry_after: Option<i64>,
    source: Box<dyn Error + Send + Sync>,
}

impl Refusal {
    pub fn new(error: impl BusinessError) -> Self {
        Self {
            code: error.code(),
            field: error.field(),
            retry_after: error.retry_after(),
            source: Box::new(error),
        }
    }

    /// Kebab case and stable; the tail of a problem document's `type`.
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The field of the request that it is about.
    pub const fn field(&self) -> Option<&'static str> {
        self.field
    }

    /// Seconds after which the same command may succeed.
    pub const fn retry_after(&self) -> Option<i64> {
        self.retry_after
    }

    /// The typed error, if it is an `E`.
    pub fn reason<E: BusinessError>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // Its sentence is already this one's.
        self.source.source()
    }
}

/// Nothing of the command happened, but for [`Self::Unavailable`], after which nobody knows.
#[derive(Debug, Error)]
pub enum CommandError {
    /// A business rule says no; the same command will be refused again until something else changes.
    #[error(transparent)]
    Rejected(Refusal),
    /// The authority table says no.
    #[error("the caller is not allowed to do this")]
    Forbidden,
    /// The stream does not exist, or its person was erased.
    #[error("the resource was not found")]
    NotFound,
    /// Others kept changing the same stream; it may be tried again.
    #[error("the resource was changed at the same time; try again")]
    Conflict {
        /// Where the stream stood last.
        version: i64,
    },
    /// A unique value belongs to another.
    #[error("this {} is taken", .0.name())]
    Duplicate(ClaimKind),
    /// The idempotency key was used with another request.
    #[error("this idempotency key was used for another request")]
    IdempotencyMismatch,
    /// `If-Match` named another version.
    #[error("the current version is {version}")]
    PreconditionFailed { version: i64 },
    /// This was tried too often (RL-01, RL-03, RL-04).
    #[error("too many attempts; try again in {retry_after} s")]
    Throttled {
        /// Seconds.
        retry_after: i64,
    },
    /// Too many are waiting for the same scarce thing; try again later.
    #[error("too busy; try again later")]
    Busy,
    /// The log did not answer. The command may or may not have happened; repeat it with its idempotency key.
    #[error("the event log is not available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A defect.
    #[error("internal error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl CommandError {
    pub fn rejected(error: impl BusinessError) -> Self {
        Self::Rejected(Refusal::new(error))
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into().into())
    }

    /// Whole seconds, rounded up: an earlier attempt would be refused again.
    pub(crate) fn throttled(wait: Duration) -> Self {
        Self::Throttled { retry_after: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1) }
    }

    /// The typed business error, if it is an `E`.
    pub fn reason<E: BusinessError>(&self) -> Option<&E> {
        match self {
            Self::Rejected(refusal) => refusal.reason(),
            _ => None,
        }
    }

    /// Says that the state is not as the command wants it, perhaps because the same request changed it before.
    pub(crate) const fn is_of_the_state(&self) -> bool {
        match self {
            Self::Rejected(_)
            | Self::Forbidden
            | Self::NotFound
            | Self::Conflict { .. }
            | Self::Duplicate(_)
            | Self::PreconditionFailed { .. } => true,
            Self::IdempotencyMismatch
            | Self::Throttled { .. }
            | Self::Busy
            | Self::Unavailable(_)
            | Self::Internal(_) => false,
        }
    }

    /// Says nothing about the command: the same one may succeed when it is sent again.
    pub const fn may_pass_later(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Internal(_) | Self::Busy | Self::Conflict { .. } => true,
            Self::Rejected(_)
            | Self::Forbidden
            | Self::NotFound
            | Self::Duplicate(_)
            | Self::IdempotencyMismatch
            | Self::PreconditionFailed { .. }
            | Self::Throttled { .. } => false,
        }
    }

    /// For counters: which kind it is.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "rejected",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Duplicate(_) => "duplicate",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::PreconditionFailed { .. } => "precondition_failed",
            Self::Throttled { .. } => "throttled",
            Self::Busy => "busy",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Refusal> for CommandError {
    fn from(refusal: Refusal) -> Self {
        Self::Rejected(refusal)
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(source) => Self::Unavailable(source.into()),
            // Nothing more is recorded about an erased person.
            StoreError::Erased(_) => Self::NotFound,
            // A newer program wrote it: this one decides nothing on it, and another node may.
            StoreError::Decode(error @ DecodeError::Unknown { .. }) => Self::Unavailable(error.into()),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<AppendError> for CommandError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Version { version, .. } => Self::Conflict { version },
            AppendError::Claimed(kind) => Self::Duplicate(kind),
            AppendError::KeyReused => Self::IdempotencyMismatch,
            AppendError::Store(error) => error.into(),
            error @ AppendError::Closed => Self::Unavailable(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::user::UserError;

    #[test]
    fn refusal_keeps_the_typed_error_and_its_code() {
        let error = CommandError::rejected(UserError::TooSoon { seconds: 12 });

        assert_eq!(error.reason::<UserError>(), Some(&UserError::TooSoon { seconds: 12 }));
        let CommandError::Rejected(refusal) = error else { panic!("not rejected") };
        assert_eq!((refusal.code(), refusal.retry_after()), ("code-requested-too-soon", Some(12)));
    }

    #[test]
    fn chain_of_causes_says_each_sentence_once() {
        let error = CommandError::rejected(UserError::TooSoon { seconds: 12 });

        assert!(error.source().is_none(), "{:?}", error.source().map(ToString::to_string));
    }

    #[test]
    fn lost_races_may_be_tried_again_and_taken_values_may_not() {
        assert!(matches!(
            AppendError::Claimed(ClaimKind::Email).into(),
            CommandError::Duplicate(ClaimKind::Email)
        ));
        assert!(matches!(AppendError::KeyReused.into(), CommandError::IdempotencyMismatch));
        assert!(matches!(AppendError::Closed.into(), CommandError::Unavailable(_)));
    }
}
