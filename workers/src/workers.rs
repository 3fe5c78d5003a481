//! The role as a whole: which reactors and handlers there are, started and stopped together.

use crate::{
    account::{
        cleanup_expired_sessions::CleanupExpiredSessions,
        erase_user::{self, handler::Disk},
        expire_registrations::ExpireRegistrations,
    },
    badges::{
        award_badge::{
            handler::{AwardBadge, Awarding},
            reactor::AwardBadges,
        },
        evaluate_badge::{handler::EvaluateBadge, reactor::EvaluateBadges},
        evaluate_user_badges::EvaluateUserBadges,
    },
    deeds::update_user_engagement_scores::UpdateUserEngagementScores,
    jobs::{Counts, Handler, Jobs, Queue, Tuning, Worker},
    mail::Mailer,
    notices::send_email,
    reactors::{Reactor, ReactorError, Runner},
    schedules::{Scheduler, Schedules, TASKS},
    social::{accept_follows, update_user_counters::UpdateUserCounters},
};
use bus::Feed;
use commands::{Clock, Codes, Commands};
use projections::JobQueries;
use sqlx::PgPool;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use store::Store;
use tokio::{sync::Notify, task::JoinSet, time::sleep};
use tokio_util::sync::CancellationToken;

/// Between two looks at the backlog for the metrics.
const COUNTING: Duration = Duration::from_secs(10);

/// What the role needs.
pub struct WorkersOptions {
    pub store: Store,
    pub feed: Feed,
    /// For the tables of `workers`; its sessions must commit synchronously.
    pub pool: PgPool,
    pub mailer: Mailer,
    /// Derives what the letters carry.
    pub codes: Codes,
    /// What handlers do: they erase people, accept requests to follow, award what was earned.
    pub commands: Commands,
    /// What handlers ask of read models.
    pub queries: JobQueries,
    /// What erasures purge.
    pub disk: Arc<dyn Disk>,
    pub clock: Arc<dyn Clock>,
    /// Jobs done at the same time by this node.
    pub concurrency: usize,
    pub tuning: Tuning,
}

/// Why the role did not start or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum WorkersError {
    #[error(transparent)]
    Reactor(#[from] ReactorError),
    #[error("the job queue cannot be reached")]
    Unavailable(#[from] sqlx::Error),
    #[error("PostgreSQL runs with synchronous_commit = off and could repeat or lose jobs: turn it on")]
    Asynchronous,
    #[error("a part of the workers panicked")]
    Panicked,
}

/// Reactors and workers of one node. Any number of nodes may run them.
pub struct Workers;

/// The role at work. Dropped, it stops where it stands, as if killed: running jobs are taken again later.
pub struct Running {
    tasks: JoinSet<Result<(), WorkersError>>,
    stop: CancellationToken,
    jobs: Jobs,
}

impl Workers {
    /// Starts every reactor and the workers. A reactor that is new starts at the head of the log.
    ///
    /// # Errors
    /// When the database cannot be reached or would acknowledge what it may lose.
    pub async fn start(options: WorkersOptions, stop: CancellationToken) -> Result<Running, WorkersError> {
        let queue = Queue::new(&options.pool);
        if queue.commits_asynchronously().await? {
            return Err(WorkersError::Asynchronous);
        }
        let handlers = handlers(&options);
        let WorkersOptions { feed, pool, concurrency, tuning, queries, clock, .. } = options;
        let wake = Arc::new(Notify::new());
        let stop = stop.child_token();
        let mut running = Running { tasks: JoinSet::new(), stop, jobs: Jobs::new(pool.clone()) };

        running.react(accept_follows::reactor::AcceptFollows, &feed, &queue, &wake);
        running.react(erase_user::reactor::EraseUser, &feed, &queue, &wake);
        running.react(EvaluateBadges, &feed, &queue, &wake);
        running.react(send_email::reactor::SendEmail, &feed, &queue, &wake);

        let award = AwardBadges::new(queries, feed.clone(), queue.clone(), Arc::clone(&wake));
        let until = running.stop.clone();
        running.tasks.spawn(async move {
            award.run(until).await;
            Ok(())
        });

        let schedules = Schedules::new(pool);
        let scheduler = Scheduler::new(schedules, clock, TASKS, Arc::clone(&wake));
        let stop = running.stop.clone();
        running.tasks.spawn(async move {
            scheduler.run(stop).await;
            Ok(())
        });
        let worker = Worker::new(queue, handlers, tuning, concurrency, wake);
        let stop = running.stop.clone();
        running.tasks.spawn(async move {
            worker.run(stop).await;
            Ok(())
        });
        running.tasks.spawn(keep_house(running.jobs.clone(), running.stop.clone()));
        Ok(running)
    }
}

fn handlers(options: &WorkersOptions) -> Vec<Arc<dyn Handler>> {
    let WorkersOptions { store, mailer, codes, commands, queries, disk, clock, .. } = options;
    let Commands { accounts, badges, executor, social, .. } = commands;
    let accept = accept_follows::handler::AcceptFollows::new(store.clone(), social.clone(), queries.clone());
    let erase = erase_user::handler::EraseUser {
        store: store.clone(),
        accounts: accounts.clone(),
        social: social.clone(),
        mailer: mailer.clone(),
        queries: queries.clone(),
        disk: Arc::clone(disk),
        clock: Arc::clone(clock),
        gather: options.tuning.gather,
    };
    let service_keys = send_email::service_keys::ServiceKeys {
        store: store.clone(),
        accounts: accounts.clone(),
        queries: queries.clone(),
        clock: Arc::clone(clock),
    };
    let send = send_email::handler::SendEmail::new(mailer.clone(), codes.clone(), service_keys);
    let awarding = Awarding { store: store.clone(), badges: badges.clone(), queries: queries.clone() };
    let award = AwardBadge::new(awarding.clone());
    let evaluate = EvaluateBadge::new(awarding.clone());
    let sweep = EvaluateUserBadges::new(awarding);
    let count = UpdateUserCounters::new(store.clone(), queries.clone());
    let expire = CleanupExpiredSessions::new(accounts.clone(), queries.clone(), Arc::clone(clock));
    let lapse = ExpireRegistrations::new(accounts.clone(), queries.clone());
    let score = UpdateUserEngagementScores::new(executor.clone());
    vec![
        Arc::new(accept),
        Arc::new(award),
        Arc::new(erase),
        Arc::new(evaluate),
        Arc::new(send),
        Arc::new(count),
        Arc::new(expire),
        Arc::new(lapse),
        Arc::new(score),
        Arc::new(sweep),
    ]
}

impl Running {
    fn react(&mut self, reactor: impl Reactor, feed: &Feed, queue: &Queue, wake: &Arc<Notify>) {
        let runner = Runner::new(reactor, feed.clone(), queue.clone(), Arc::clone(wake));
        let stop = self.stop.clone();
        self.tasks.spawn(async move { Ok(runner.run(stop).await?) });
    }

    /// The operators' side, for health, metrics and the command line.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Waits until the role has ended: by the token, after which running jobs are finished first, or by an error,
    /// which stops the rest of the role in the same way.
    ///
    /// # Errors
    /// The first reason for which the role was given up.
    pub async fn join(mut self) -> Result<(), WorkersError> {
        let mut result = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended.unwrap_or(Err(WorkersError::Panicked));
            if ended.is_err() {
                self.stop.cancel();
            }
            result = result.and(ended);
        }
        result
    }
}

/// Shows the backlog to the metrics and forgets old jobs.
async fn keep_house(jobs: Jobs, stop: CancellationToken) -> Result<(), WorkersError> {
    let mut kinds = BTreeSet::new();
    loop {
        if let Err(error) = look(&jobs, &mut kinds).await {
            tracing::warn!(%error, "the job queue cannot be reached");
        }
        tokio::select! { () = stop.cancelled() => return Ok(()), () = sleep(COUNTING) => {} }
    }
}

/// A kind once seen is shown as zero when its backlog is gone, not as what it was last.
async fn look(jobs: &Jobs, kinds: &mut BTreeSet<String>) -> Result<(), sqlx::Error> {
    let counts = jobs.counts().await?;
    kinds.extend(counts.iter().map(|counts| counts.kind.clone()));
    for kind in &*kinds {
        let none = Counts { kind: kind.clone(), ..Counts::default() };
        show(counts.iter().find(|counts| counts.kind == *kind).unwrap_or(&none));
    }
    jobs.forget_done().await?;
    Ok(())
}

fn show(Counts { kind, queued, running, parked, lag_seconds }: &Counts) {
    for (state, count) in [("queued", queued), ("running", running), ("parked", parked)] {
        metrics::gauge!("annals_jobs", "kind" => kind.clone(), "state" => state).set(*count as f64);
    }
    metrics::gauge!("annals_job_lag_seconds", "kind" => kind.clone()).set(*lag_seconds);
}
