//! Group commit: what queued up during the last commit goes into the next one. No timer.

use crate::{
    batch::{Prepared, Touched, append},
    cache::{Entry, StateCache},
    connect::committer_session,
    error::{AppendError, StoreError},
    outcome::{Outcome, outcomes},
    recorded::Recorded,
    submission::Appended,
};
use futures::future::join;
use sqlx::PgConnection;
use std::{collections::VecDeque, sync::Arc, thread, time::Duration};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    time::Instant,
};

const BATCH_COMMANDS: usize = 512;
const BATCH_BYTES: usize = 4 << 20;
/// How long a batch is tried again over lost connections before its commands are told so.
const GIVE_UP_AFTER: Duration = Duration::from_secs(30);

pub(crate) struct Job {
    pub command: Prepared,
    pub reply: oneshot::Sender<Outcome>,
}

/// The queue before the log.
pub(crate) struct Committer {
    queue: mpsc::Receiver<Job>,
    /// Taken from the queue, but excluded from the last batch; in order.
    deferred: VecDeque<Job>,
    log: Log,
    told: Told,
}

/// One session to the log.
struct Log {
    url: String,
    /// Statements that take longer are warned of.
    slow: Duration,
    session: Option<PgConnection>,
}

/// The listeners of appended events.
struct Told {
    cache: StateCache,
    tail: broadcast::Sender<Arc<Vec<Recorded>>>,
}

/// A batch that the log has answered.
struct Answered {
    batch: Vec<Job>,
    outcomes: Vec<Outcome>,
    recorded: Vec<Recorded>,
}

impl Committer {
    pub(crate) fn new(
        (url, slow): (String, Duration),
        queue: mpsc::Receiver<Job>,
        cache: StateCache,
        tail: broadcast::Sender<Arc<Vec<Recorded>>>,
    ) -> Self {
        let log = Log { url, slow, session: None };
        Self { queue, deferred: VecDeque::new(), log, told: Told { cache, tail } }
    }

    /// Runs it on a thread of its own: what the log answers is what everybody waits for, and would lie behind all that
    /// is ready to run elsewhere. The thread ends as [`Self::run`] does.
    pub(crate) fn start(self) -> Result<(), StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let thread = thread::Builder::new().name("committer".to_owned());
        runtime
            .and_then(|runtime| thread.spawn(move || runtime.block_on(self.run())))
            .map(drop)
            .map_err(|error| StoreError::Unavailable(error.into()))
    }

    /// Runs until every sender is gone and everything queued is answered.
    ///
    /// Waiting commands are sent before the last batch gets its results, so that the log works while callers continue.
    async fn run(mut self) {
        let mut answered = None;
        loop {
            self.take_queued();
            if self.deferred.is_empty() {
                // Nothing waits that could be sent first, so the last batch gets its results now.
                self.told.settle(answered.take());
                let Some(first) = self.queue.recv().await else { return };
                self.deferred.push_back(first);
                self.take_queued();
            }
            let batch = self.select();
            metrics::histogram!("annals_append_batch_commands").record(batch.len() as f64);
            let started = Instant::now();
            answered = self.commit(batch, answered).await;
            metrics::histogram!("annals_append_seconds").record(started.elapsed().as_secs_f64());
        }
    }

    fn take_queued(&mut self) {
        while self.deferred.len() < BATCH_COMMANDS
            && let Ok(job) = self.queue.try_recv()
        {
            self.deferred.push_back(job);
        }
    }

    /// The longest admissible batch. What an excluded command touches excludes later ones too: order is kept.
    fn select(&mut self) -> Vec<Job> {
        let waiting = std::mem::take(&mut self.deferred);
        let mut touched = Touched::default();
        let mut size = 0;
        let mut admitted = Vec::with_capacity(waiting.len());
        for job in &waiting {
            let fits = size == 0 || size + job.command.size <= BATCH_BYTES;
            // `size == 0` above: a command larger than the limit must still go, alone.
            let goes = fits && !touched.excludes(&job.command);
            // Also for a command that stays behind: a later one on the same stream must not overtake it.
            touched.add(&job.command);
            size += if goes { job.command.size.max(1) } else { 0 };
            admitted.push(goes);
        }
        let mut batch = Vec::with_capacity(waiting.len());
        for (job, goes) in waiting.into_iter().zip(admitted) {
            if goes { batch.push(job) } else { self.deferred.push_back(job) }
        }
        batch
    }

    /// Sends a batch, tells those of the one before, and waits for the answer; none if the batch is told already.
    async fn commit(&mut self, batch: Vec<Job>, before: Option<Answered>) -> Option<Answered> {
        let deadline = Instant::now() + GIVE_UP_AFTER;
        let mut pause = Duration::from_millis(5);
        let Self { log, told, .. } = self;
        // `join` polls the append first: the batch is on its way before the former callers are woken.
        let (mut tried, ()) = join(log.append(&batch), async { told.settle(before) }).await;
        loop {
            match tried {
                Ok((outcomes, recorded)) => return Some(Answered { batch, outcomes, recorded }),
                // The connection may have been lost after the commit: the same event ids are submitted
                // again until the log says what became of them.
                Err(error) if is_transient(&error) && Instant::now() < deadline => {
                    tracing::warn!(%error, commands = batch.len(), "append interrupted, trying again");
                    // After a lost connection the session's state is unknown; a new one starts clean.
                    log.session = None;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(500));
                    tried = log.append(&batch).await;
                }
                Err(error) => {
                    self.fail(batch, error).await;
                    return None;
                }
            }
        }
    }

    /// A batch that cannot go through whole is tried command by command, so that one bad command fails alone.
    async fn fail(&mut self, batch: Vec<Job>, error: StoreError) {
        tracing::error!(%error, commands = batch.len(), "append failed");
        // After 30 s without a connection, single tries would only multiply the wait. A batch of one was
        // already tried alone.
        if batch.len() == 1 || is_transient(&error) {
            for job in batch {
                let _ = job.reply.send(Err(AppendError::Store(again(&error))));
            }
            return;
        }
        for job in batch {
            match self.log.append(std::slice::from_ref(&job)).await {
                Ok((outcomes, recorded)) => {
                    self.told.settle(Some(Answered { batch: vec![job], outcomes, recorded }));
                }
                Err(error) => {
                    tracing::error!(%error, "a command cannot be appended");
                    let _ = job.reply.send(Err(AppendError::Store(again(&error))));
                }
            }
        }
    }
}

impl Log {
    async fn append(&mut self, batch: &[Job]) -> Result<(Vec<Outcome>, Vec<Recorded>), StoreError> {
        let session = match &mut self.session {
            Some(session) => session,
            // Not from the pool: readers must never make the only writer wait for a connection.
            none => none.insert(committer_session(&self.url, self.slow).await?),
        };
        let commands: Vec<&Prepared> = batch.iter().map(|job| &job.command).collect();
        let answer = append(session, &commands).await?;
        outcomes(&commands, &answer)
    }
}

impl Told {
    fn settle(&self, answered: Option<Answered>) {
        let Some(Answered { batch, outcomes, recorded }) = answered else { return };
        metrics::counter!("annals_events_appended_total").increment(recorded.len() as u64);
        if !recorded.is_empty() {
            // Nobody listening is fine: the log itself is what others read.
            let _ = self.tail.send(Arc::new(recorded));
        }
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            // Before the reply: a caller that reads at once must not find its former state in the cache.
            self.remember(job.command, &outcome);
            let _ = job.reply.send(outcome);
        }
    }

    fn remember(&self, command: Prepared, outcome: &Outcome) {
        match outcome {
            Ok(Appended { replayed: None, .. }) => {
                for write in command.writes {
                    let version = write.version + write.events.len() as i64;
                    let grown: usize = write.events.iter().map(|e| e.payload.get().len()).sum();
                    let held = self.cache.get(write.stream).map_or(0, |entry| entry.weight);
                    if let Some(state) = write.state {
                        let entry = Entry::new(state, (write.version, version), held, grown);
                        self.cache.put(write.stream, entry);
                    }
                }
            }
            // What was decided on is behind the log.
            _ => command.writes.iter().for_each(|write| self.cache.remove(write.stream)),
        }
    }
}

/// An error for each of several commands.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(source) if is_lost(source) => {
            StoreError::Unavailable(sqlx::Error::PoolTimedOut)
        }
        other => StoreError::Corrupt(other.to_string()),
    }
}

fn is_transient(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(source) if is_lost(source))
}

/// The connection or the server went away; anything else is an answer.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_) => true,
        // 08: connection, 57P: operator intervention (shutdown, starting up), 53: no resources, 40: rolled back.
        sqlx::Error::Database(e) => e.code().is_some_and(|code| {
            ["08", "57P", "53", "40"].iter().any(|class| code.starts_with(class))
                || code == "57014"
                || code == "25P03"
        }),
        _ => false,
    }
}
