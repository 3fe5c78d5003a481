//! Schedules as staff see and change them. The composition root implements it (ADM-05, C-35).

use crate::problem::{FieldError, Problem, catalogue as kind};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something that is done at certain times.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScheduleView {
    #[schema(example = "update-user-counters")]
    pub name: String,
    /// The kind of job that a run is.
    #[schema(example = "update_user_counters")]
    pub task: String,
    /// Five fields of cron, in UTC.
    #[schema(example = "*/30 * * * *")]
    pub cron: String,
    pub enabled: bool,
    /// When the last run was due or asked for.
    pub last_run: Option<DateTime<Utc>>,
    /// `queued`, `running`, how it ended, or `parked: <why>`; null of a run of more than 30 days ago.
    #[schema(example = "equal")]
    pub last_outcome: Option<String>,
    /// Null while it is not enabled.
    pub next_run: Option<DateTime<Utc>>,
}

/// What is to be changed; absent: it stays.
#[derive(Clone, Debug, Default)]
pub struct ScheduleEdit {
    pub cron: Option<String>,
    pub enabled: Option<bool>,
}

/// Why it can not be told or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleFault {
    NotFound,
    /// No pattern; why, for people.
    Cron(String),
    /// For the log.
    Unavailable(String),
}

/// The schedules of the installation.
#[async_trait]
pub trait Schedules: Send + Sync + 'static {
    /// By name.
    async fn list(&self) -> Result<Vec<ScheduleView>, ScheduleFault>;

    async fn find(&self, name: &str) -> Result<ScheduleView, ScheduleFault>;

    /// The pattern as it would be kept.
    fn check(&self, cron: &str) -> Result<String, ScheduleFault>;

    /// At once: from `now` on.
    async fn change(
        &self,
        name: &str,
        edit: &ScheduleEdit,
        now: DateTime<Utc>,
    ) -> Result<ScheduleView, ScheduleFault>;

    /// Queues a run and says which job it is; an unfinished one is meant if there is one.
    async fn run(&self, name: &str, now: DateTime<Utc>) -> Result<Uuid, ScheduleFault>;
}

impl From<ScheduleFault> for Problem {
    fn from(fault: ScheduleFault) -> Self {
        match fault {
            ScheduleFault::NotFound => Self::of(&kind::NOT_FOUND),
            ScheduleFault::Cron(why) => Self::invalid(vec![FieldError::new("/cron", "cron-invalid", why)]),
            ScheduleFault::Unavailable(cause) => Self::of(&kind::UNAVAILABLE).retry_after(1).cause(cause),
        }
    }
}
