//! Helpers of job handlers.
//!
//! A handler decides anew whether its effect is still wanted, at the moment of doing it.
//! It stands in the area of what it does, in `handler.rs` beside the reactor that asks for it.

use crate::jobs::JobError;
use commands::CommandError;
use projections::NotTold;

/// What a refused command means to its job: what may pass later is tried again.
pub(crate) fn refused(error: &CommandError) -> JobError {
    match error {
        CommandError::Forbidden | CommandError::Rejected(_) | CommandError::NotFound => {
            JobError::permanent("command-refused")
        }
        CommandError::Internal(_) => JobError::permanent("command-internal"),
        CommandError::Conflict { .. }
        | CommandError::Duplicate(_)
        | CommandError::IdempotencyMismatch
        | CommandError::PreconditionFailed { .. }
        | CommandError::Throttled { .. }
        | CommandError::Busy
        | CommandError::Unavailable(_) => JobError::retry("command-unavailable"),
    }
}

impl From<NotTold> for JobError {
    fn from(error: NotTold) -> Self {
        tracing::warn!(%error, "a job waits for the read models");
        Self::retry(match error {
            NotTold::Behind => "read-model-behind",
            NotTold::Unavailable(_) => "read-model-unavailable",
        })
    }
}
