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

use crate::{
    account::{cleanup_expired_sessions, expire_registrations},
    badges::evaluate_user_badges,
    deeds::update_user_engagement_scores,
    social::update_user_counters,
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
    Task { name: "cleanup-expired-sessions", kind: cleanup_expired_sessions::KIND, cron: "0 4 * * *" },
    Task { name: "evaluate-user-badges", kind: evaluate_user_badges::KIND, cron: "30 2 * * *" },
    Task { name: "expire-registrations", kind: expire_registrations::KIND, cron: "15 * * * *" },
    Task { name: "update-user-counters", kind: update_user_counters::KIND, cron: "*/30 * * * *" },
    Task {
        name: "update-user-engagement-scores",
        kind: update_user_engagement_scores::KIND,
        cron: "0 2 * * *",
    },
];
