//! Puts the workers' schedules behind what staff ask for over HTTP.

use api::operations::timetable::{ScheduleEdit, ScheduleFault, ScheduleView};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;
use workers::schedules::{Change, Cron, Schedule, Schedules};

pub struct Desk(pub Schedules);

#[async_trait]
impl api::operations::timetable::Schedules for Desk {
    async fn list(&self) -> Result<Vec<ScheduleView>, ScheduleFault> {
        Ok(self.0.list().await.map_err(unavailable)?.into_iter().map(view).collect())
    }

    async fn find(&self, name: &str) -> Result<ScheduleView, ScheduleFault> {
        self.0.find(name).await.map_err(unavailable)?.map(view).ok_or(ScheduleFault::NotFound)
    }

    fn check(&self, cron: &str) -> Result<String, ScheduleFault> {
        let read = cron.parse::<Cron>().map_err(|error| ScheduleFault::Cron(error.to_string()))?;
        Ok(read.to_string())
    }

    async fn change(
        &self,
        name: &str,
        edit: &ScheduleEdit,
        now: DateTime<Utc>,
    ) -> Result<ScheduleView, ScheduleFault> {
        let cron = edit.cron.as_deref().map(str::parse::<Cron>).transpose();
        let cron = cron.map_err(|error| ScheduleFault::Cron(error.to_string()))?;
        let changed = self.0.change(name, &Change { cron, enabled: edit.enabled }, now).await;
        changed.map_err(unavailable)?.map(view).ok_or(ScheduleFault::NotFound)
    }

    async fn run(&self, name: &str, now: DateTime<Utc>) -> Result<Uuid, ScheduleFault> {
        let job = self.0.run(name, now).await.map_err(unavailable)?;
        job.map(workers::JobId::uuid).ok_or(ScheduleFault::NotFound)
    }
}

/// A change as the log is told of it.
pub fn told(change: &Change) -> BTreeMap<String, String> {
    let cron = change.cron.as_ref().map(|cron| ("cron".to_owned(), cron.to_string()));
    let enabled = change.enabled.map(|enabled| ("enabled".to_owned(), enabled.to_string()));
    cron.into_iter().chain(enabled).collect()
}

fn view(schedule: Schedule) -> ScheduleView {
    let Schedule { name, task, cron, enabled, last_run, last_outcome, next_run, .. } = schedule;
    ScheduleView { name, task, cron, enabled, last_run, last_outcome, next_run }
}

fn unavailable(error: sqlx::Error) -> ScheduleFault {
    ScheduleFault::Unavailable(error.to_string())
}
