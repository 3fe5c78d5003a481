//! A log, its workers, and a clock that stands still.

use annals::disk::{Disk, Mails, Maintenance};
use annals_tests::{Db, Lab, samples::noon};
use bus::Feed;
use chrono::{DateTime, TimeDelta, Utc};
use commands::{
    AccountSettings, Accounts, Badges, Codes, Commands, Executor, FixedClock, Passwords, Social, SystemMint,
};
use projections::{JobQueries, Runner, RunnerOptions, Watcher};
use sqlx::{PgPool, Row};
use std::{sync::Arc, time::Duration};
use store::Store;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use workers::{Backend, Jobs, MailSettings, Mailer, Running, Tuning, Workers, WorkersOptions};

/// Leases and delays that a test can wait for.
pub const QUICK: Tuning = Tuning {
    lease: Duration::from_millis(1500),
    first_delay: Duration::from_millis(50),
    longest_delay: Duration::from_millis(200),
    max_attempts: 4,
    poll: Duration::from_millis(20),
    gather: Duration::from_secs(2),
};

pub struct Rig {
    pub db: Db,
    pub store: Store,
    pub pool: PgPool,
    pub codes: Codes,
    pub clock: FixedClock,
}

/// A row of the queue, as operators would see it.
#[derive(Debug)]
pub struct JobRow {
    pub kind: String,
    pub state: String,
    pub attempts: i32,
    pub outcome: Option<String>,
    pub last_error: Option<String>,
}

impl Rig {
    pub async fn new() -> Self {
        Self::on(Lab::db().await).await
    }

    pub async fn on(db: Db) -> Self {
        let store = db.store().await;
        let pool = db.pool().await;
        Self { db, store, pool, codes: Codes::new(&[9; 32]), clock: FixedClock::new(noon()) }
    }

    pub fn executor(&self) -> Executor {
        Executor::new(self.store.clone(), Arc::new(self.clock.clone()), Arc::new(SystemMint))
    }

    pub fn commands(&self) -> Commands {
        Commands::new(self.executor(), self.accounts())
    }

    pub fn social(&self) -> Social {
        self.commands().social
    }

    pub fn badges(&self) -> Badges {
        self.commands().badges
    }

    pub fn accounts(&self) -> Accounts {
        let passwords = Passwords::new(1, Arc::new(SystemMint));
        Accounts::new(self.executor(), passwords, self.codes.clone(), AccountSettings::default())
    }

    pub fn feed(&self) -> Feed {
        Feed::new(self.store.reader(), None)
    }

    pub fn jobs(&self) -> Jobs {
        Jobs::new(self.pool.clone())
    }

    /// For jobs that send nothing.
    pub fn no_mail(&self) -> Mailer {
        Mailer::new(&MailSettings { backend: Backend::Console, ..MailSettings::default() }).unwrap()
    }

    /// Workers that end, as if killed, when the value is dropped.
    pub async fn workers(&self, mailer: &Mailer) -> Running {
        let options = WorkersOptions {
            store: self.store.clone(),
            feed: self.feed(),
            pool: self.pool.clone(),
            mailer: mailer.clone(),
            codes: self.codes.clone(),
            commands: self.commands(),
            queries: JobQueries::new(&self.store, Watcher::new(self.pool.clone())),
            disk: Arc::new(self.disk()),
            clock: Arc::new(self.clock.clone()),
            concurrency: 4,
            tuning: QUICK,
        };
        Workers::start(options, CancellationToken::new()).await.unwrap()
    }

    /// As far as the program's own roles may purge it.
    pub fn disk(&self) -> Disk {
        let roles = Maintenance::by(self.db.log_role_url.clone(), self.db.keys_role_url.clone());
        let watcher = Watcher::new(self.pool.clone());
        Disk::new(self.store.clone(), watcher, roles, Mails::Sent, Arc::new(self.clock.clone()))
    }

    /// Keeps the read models, until the value is dropped.
    pub fn projections(&self) -> DropGuard {
        let stop = CancellationToken::new();
        let watcher = Watcher::new(self.pool.clone());
        let runner = Runner::new(&self.store, self.feed(), watcher, RunnerOptions::default());
        tokio::spawn(runner.run(stop.clone()));
        stop.drop_guard()
    }

    /// All jobs that events asked for, oldest first.
    pub async fn rows(&self) -> Vec<JobRow> {
        let sql = "SELECT kind, state, attempts, outcome, last_error FROM workers.jobs
                    WHERE reactor <> 'schedules' ORDER BY position, target, kind";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.unwrap();
        let row = |row: &sqlx::postgres::PgRow| JobRow {
            kind: row.get("kind"),
            state: row.get("state"),
            attempts: row.get("attempts"),
            outcome: row.get("outcome"),
            last_error: row.get("last_error"),
        };
        rows.iter().map(row).collect()
    }

    /// Waits until so many jobs are done or parked, and none is left.
    pub async fn settles(&self, count: usize) -> Vec<JobRow> {
        let settled = |row: &JobRow| row.state == "done" || row.state == "parked";
        until("the jobs end", async || {
            let rows = self.rows().await;
            rows.len() == count && rows.iter().all(settled)
        })
        .await;
        self.rows().await
    }

    /// Waits until a reactor has passed everything that is in the log now.
    pub async fn reaches_the_head(&self, reactor: &str) {
        let head = self.store.reader().head().await.unwrap();
        until("the reactor reaches the head", async || self.position(reactor).await == Some(head)).await;
    }

    pub async fn position(&self, reactor: &str) -> Option<i64> {
        let positions = self.jobs().positions().await.unwrap();
        positions.into_iter().find(|(name, _)| name == reactor).map(|(_, position)| position)
    }
}

/// So many seconds after noon.
pub fn at(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

/// Waits for a condition, for at most 30 s.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "in vain: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
