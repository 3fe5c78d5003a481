//! Looks at the schedules again and again, and queues the runs that are due.

use super::{Cron, Schedule, Schedules, Task};
use commands::Clock;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// Between two looks: an edit takes effect within this time, a run begins at most so much late.
const LOOK: Duration = Duration::from_millis(500);

/// Any number of processes may run one; a run is queued once.
pub struct Scheduler {
    schedules: Schedules,
    clock: Arc<dyn Clock>,
    tasks: &'static [Task],
    wake: Arc<Notify>,
}

impl Scheduler {
    /// `wake` is rung when a run was queued.
    pub fn new(
        schedules: Schedules,
        clock: Arc<dyn Clock>,
        tasks: &'static [Task],
        wake: Arc<Notify>,
    ) -> Self {
        Self { schedules, clock, tasks, wake }
    }

    /// Until told to stop.
    pub async fn run(self, stop: CancellationToken) {
        let mut seeded = false;
        loop {
            if let Err(error) = self.look(&mut seeded).await {
                tracing::warn!(%error, "the schedules cannot be read");
            }
            tokio::select! { () = stop.cancelled() => return, () = sleep(LOOK) => {} }
        }
    }

    async fn look(&self, seeded: &mut bool) -> Result<(), sqlx::Error> {
        if !*seeded {
            self.schedules.seed(self.tasks, self.clock.now()).await?;
            *seeded = true;
        }
        for schedule in self.schedules.list().await? {
            self.queue_if_due(&schedule).await?;
        }
        Ok(())
    }

    /// Of several due times that were missed the last one counts.
    async fn queue_if_due(&self, schedule: &Schedule) -> Result<(), sqlx::Error> {
        // A pattern of a newer program is that program's.
        let Ok(cron) = Cron::kept(&schedule.cron) else { return Ok(()) };
        let now = self.clock.now();
        if schedule.next_run.is_none_or(|next| next > now) {
            return Ok(());
        }
        let Some(due) = cron.latest(now).filter(|due| *due > schedule.since) else { return Ok(()) };
        if self.schedules.queue(schedule, due).await? {
            tracing::info!(schedule = schedule.name, %due, "queued a run");
            self.wake.notify_one();
        }
        Ok(())
    }
}
