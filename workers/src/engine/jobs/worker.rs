//! The loop that takes due jobs, runs them side by side, and records how each ended.

use super::{Handler, Job, JobError, Queue, Tuning};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// How long the result of a job is offered to a database that does not answer. After that its lease runs out.
const RECORDING: Duration = Duration::from_secs(20);
const RECORDING_PAUSE: Duration = Duration::from_millis(250);

/// Does the jobs of the kinds that its handlers know, a bounded number at a time.
#[derive(Clone)]
pub struct Worker {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Queue,
    handlers: Vec<Arc<dyn Handler>>,
    tuning: Tuning,
    concurrency: usize,
    wake: Arc<Notify>,
}

impl Worker {
    /// `wake` is rung by reactors of this process, so that their jobs do not wait for the next look at the table.
    pub fn new(
        queue: Queue,
        handlers: Vec<Arc<dyn Handler>>,
        tuning: Tuning,
        concurrency: usize,
        wake: Arc<Notify>,
    ) -> Self {
        let concurrency = concurrency.max(1);
        Self { inner: Arc::new(Inner { queue, handlers, tuning, concurrency, wake }) }
    }

    /// Works until `stop`, then finishes what is running and returns. Dropped, it drops what is running: those jobs
    /// are taken again when their leases have run out.
    pub async fn run(self, stop: CancellationToken) {
        let mut running = JoinSet::new();
        // What ends makes room, which is of use only where there was more than room for.
        let (mut more, mut looked) = (true, Instant::now());
        while !stop.is_cancelled() {
            let room = self.inner.concurrency.saturating_sub(running.len());
            if more && room > 0 {
                let jobs = self.take(room).await;
                (more, looked) = (jobs.len() == room, Instant::now());
                for job in jobs {
                    let inner = Arc::clone(&self.inner);
                    running.spawn(async move { inner.work(job).await });
                }
            }
            more |= self.wait(&mut running, looked + self.inner.tuning.poll, &stop).await;
        }
        while let Some(ended) = running.join_next().await {
            note_panic(ended);
        }
    }

    async fn take(&self, room: usize) -> Vec<Job> {
        let Inner { queue, handlers, tuning, .. } = &*self.inner;
        let kinds: Vec<_> = handlers.iter().map(|handler| handler.kind()).collect();
        queue.take(&kinds, room, tuning.lease).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the job queue cannot be reached");
            Vec::new()
        })
    }

    /// Until a job ends, or, where there is room, until there may be new ones: then it is true.
    async fn wait(&self, running: &mut JoinSet<()>, until: Instant, stop: &CancellationToken) -> bool {
        let has_room = running.len() < self.inner.concurrency;
        tokio::select! {
            () = stop.cancelled() => false,
            Some(ended) = running.join_next() => {
                note_panic(ended);
                false
            }
            () = self.inner.wake.notified(), if has_room => true,
            () = sleep_until(until), if has_room => true,
        }
    }
}

/// A handler that panicked leaves its job to the end of the lease; too many such ends park it.
fn note_panic(ended: Result<(), tokio::task::JoinError>) {
    if ended.is_err_and(|error| error.is_panic()) {
        tracing::error!("a job's handler panicked");
    }
}

impl Inner {
    async fn work(&self, job: Job) {
        let started = Instant::now();
        let result = tokio::select! {
            result = self.attempt(&job) => result,
            () = self.keep_lease(&job) => return tracing::warn!(job = %job.id, "lost the lease of a job"),
        };
        metrics::histogram!("annals_job_seconds", "kind" => job.kind.clone()).record(started.elapsed());
        self.record(&job, &result).await;
    }

    async fn attempt(&self, job: &Job) -> Result<&'static str, JobError> {
        if job.attempt > self.tuning.max_attempts {
            // Its workers died or hung each time: it may well be the cause.
            return Err(JobError::permanent("abandoned"));
        }
        match self.handlers.iter().find(|handler| handler.kind() == job.kind) {
            Some(handler) => handler.run(job).await,
            None => Err(JobError::retry("kind-unknown")),
        }
    }

    /// Returns when the lease is lost. While the database is away nobody else can take the job either.
    async fn keep_lease(&self, job: &Job) {
        loop {
            sleep(self.tuning.lease / 3).await;
            if matches!(self.queue.renew(job, self.tuning.lease).await, Ok(false)) {
                return;
            }
        }
    }

    /// Offers the result again and again: what is not recorded is done twice.
    async fn record(&self, job: &Job, result: &Result<&'static str, JobError>) {
        let started = Instant::now();
        loop {
            match self.settle(job, result).await {
                Ok(true) => return,
                Ok(false) => return tracing::warn!(job = %job.id, "a job ended after its lease"),
                Err(error) if started.elapsed() > RECORDING => {
                    return tracing::error!(job = %job.id, %error, "the end of a job could not be recorded");
                }
                Err(_) => sleep(RECORDING_PAUSE).await,
            }
        }
    }

    async fn settle(&self, job: &Job, result: &Result<&'static str, JobError>) -> Result<bool, sqlx::Error> {
        let (end, code, settled) = match result {
            Ok(outcome) => ("done", *outcome, self.queue.finish(job, outcome).await?),
            Err(JobError::Retry { after, code }) if job.attempt < self.tuning.max_attempts => {
                let delay = after.unwrap_or_else(|| self.tuning.delay(job.attempt));
                ("retry", &**code, self.queue.put_back(job, delay, code).await?)
            }
            Err(JobError::Retry { code, .. } | JobError::Permanent { code }) => {
                ("parked", &**code, self.queue.park(job, code).await?)
            }
        };
        self.note(job, end, code);
        Ok(settled)
    }

    fn note(&self, job: &Job, end: &'static str, code: &str) {
        let labels = [("kind", job.kind.clone()), ("end", end.to_owned()), ("code", code.to_owned())];
        metrics::counter!("annals_jobs_total", &labels).increment(1);
        let Job { id, kind, attempt, .. } = job;
        match end {
            "parked" => tracing::error!(job = %id, kind, attempt, code, "parked a job"),
            "retry" => tracing::warn!(job = %id, kind, attempt, code, "a job failed and will be tried again"),
            _ => tracing::info!(job = %id, kind, attempt, code, "a job is done"),
        }
    }
}
