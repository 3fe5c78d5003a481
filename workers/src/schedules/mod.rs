//! What is done at certain times: rows that staff edit, a scheduler that queues their runs, and the tasks that there are
//! (C-35, TSK).
//!
//! A run is a job: unique on schedule and due time, so that any number of schedulers queue it once. A missed one runs
//! once and late; none is queued while the one before is unfinished. To add a task: a line in [`TASKS`], a handler of its
//! kind. Look next at [`scheduler`], then [`table`].

mod cron;
mod fields;
mod scheduler;
mod table;

pub use cron::{Cron, CronError};
pub use scheduler::Scheduler;
pub use table::{Change, Schedule, Schedules};

use crate::handlers::{
    CLEANUP_EXPIRED_SESSIONS, EVALUATE_USER_BADGES, EXPIRE_REGISTRATIONS, UPDATE_USER_COUNTERS,
    UPDATE_USER_ENGAGEMENT_SCORES,
};

/// Stands for the reactor of the jobs that are runs. **Stored.**
const REACTOR: &str = "schedules";

/// A schedule as it is before anybody edits it.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// As the seeds call it.
    pub name: &'static str,
    /// The kind of job that a run is.
    pub kind: &'static str,
    /// UTC.
    pub cron: &'static str,
}

/// Every task that this program can do at certain times.
pub const TASKS: &[Task] = &[
    Task { name: "cleanup-expired-sessions", kind: CLEANUP_EXPIRED_SESSIONS, cron: "0 4 * * *" },
    Task { name: "evaluate-user-badges", kind: EVALUATE_USER_BADGES, cron: "30 2 * * *" },
    Task { name: "expire-registrations", kind: EXPIRE_REGISTRATIONS, cron: "15 * * * *" },
    Task { name: "update-user-counters", kind: UPDATE_USER_COUNTERS, cron: "*/30 * * * *" },
    Task { name: "update-user-engagement-scores", kind: UPDATE_USER_ENGAGEMENT_SCORES, cron: "0 2 * * *" },
];
