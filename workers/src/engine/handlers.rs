//! Helpers of job handlers.
//!
//! A handler decides anew whether its effect is still wanted, at the moment of doing it.
//! It stands in the area of what it does, in `handler.rs` beside the reactor that asks for it.

use crate::jobs::JobError;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commands::CommandError;
use domain::{
    ApiKeyId, BadgeId, SessionId, UserId,
    badge::{
        Availability,
        criteria::{Criterion, Fact},
    },
};
use store::Recorded;

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

/// Why a read model does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    #[error("the read model is behind")]
    Behind,
    #[error("the read model cannot be reached")]
    Unavailable,
}

impl From<NotTold> for JobError {
    fn from(error: NotTold) -> Self {
        Self::retry(match error {
            NotTold::Behind => "read-model-behind",
            NotTold::Unavailable => "read-model-unavailable",
        })
    }
}

/// Somebody for whom the criterion of an active badge came to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eligible {
    /// Of the event after which it was asked.
    pub position: i64,
    pub user: UserId,
    pub badge: BadgeId,
    /// Of the criterion.
    pub version: u32,
}

/// People whose counters in a read model are not what a recount gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongCounters {
    pub read_model: &'static str,
    pub people: Vec<UserId>,
}

/// What handlers ask of read models and what lies beside the log. The composition root answers.
#[async_trait]
pub trait ReadModels: Send + Sync + 'static {
    /// Who waits for this person's answer by this position of the log or a later one, oldest first, at most `limit`.
    /// In bounded time.
    async fn pending_follows(
        &self,
        followed: UserId,
        position: i64,
        limit: i64,
    ) -> Result<Vec<UserId>, NotTold>;

    /// With whom anything stands between them and this person by this position or a later one, at most `limit`.
    /// In bounded time.
    async fn connected(&self, person: UserId, position: i64, limit: i64) -> Result<Vec<UserId>, NotTold>;

    /// Whether an event can change who is eligible for a badge.
    fn moves_badges(&self, event: &Recorded) -> bool;

    /// Waits, in bounded time, until the progress of badges may have moved past this position.
    async fn badge_progress_past(&self, position: i64);

    /// Who became eligible for a badge after this position, and up to which one that is all; about `limit`.
    async fn eligible(&self, after: i64, limit: i64) -> Result<(i64, Vec<Eligible>), NotTold>;

    /// All that criteria of badges see of a person, by this position or a later one. In bounded time.
    async fn facts(&self, user: UserId, position: i64) -> Result<Vec<Fact>, NotTold>;

    /// What can be earned by this position or a later one. In bounded time.
    async fn active_badges(&self, position: i64) -> Result<Vec<BadgeId>, NotTold>;

    /// Everybody who has earned such a badge by this position or a later one.
    async fn earners(&self, badge: (Criterion, Availability), position: i64) -> Result<Vec<UserId>, NotTold>;

    /// Forgets what is kept of a person outside the log and its read models.
    async fn forget_telemetry(&self, person: UserId) -> Result<(), NotTold>;

    /// Sessions that are over by this time though no event says so, by id, after this one, at most `limit`.
    async fn expired_sessions(
        &self,
        at: DateTime<Utc>,
        after: Option<SessionId>,
        limit: i64,
    ) -> Result<Vec<SessionId>, NotTold>;

    /// Accounts that were registered before this time and not verified, by id, after this one, at most `limit`.
    async fn unverified_accounts(
        &self,
        before: DateTime<Utc>,
        after: Option<UserId>,
        limit: i64,
    ) -> Result<Vec<UserId>, NotTold>;

    /// Keys of services that are live at this time, as of this position or a later one. In bounded time.
    async fn service_keys(&self, at: DateTime<Utc>, position: i64) -> Result<Vec<ApiKeyId>, NotTold>;

    /// Counters that are not what a recount gives; of each read model that has any at most `limit` people.
    async fn wrong_counters(&self, limit: i64) -> Result<Vec<WrongCounters>, NotTold>;

    /// Makes a read model anew from the log, which takes its time; it is read as it was until then.
    async fn rebuild(&self, read_model: &str) -> Result<(), NotTold>;
}
