//! A log, its workers, and a clock that stands still.

use annals::pending::Pending;
use annals_tests::{Db, Lab, samples::noon};
use bus::Feed;
use chrono::{DateTime, TimeDelta, Utc};
use commands::{Codes, Executor, FixedClock, Social, SystemMint};
use projections::{PendingRequests, Watcher};
use sqlx::{PgPool, Row};
use std::{sync::Arc, time::Duration};
use store::Store;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use workers::{Jobs, Mailer, Running, Tuning, Workers, WorkersOptions};

/// Leases and delays that a test can wait for.
pub const QUICK: Tuning = Tuning {
    lease: Duration::from_millis(1500),
    first_delay: Duration::from_millis(50),
    longest_delay: Duration::from_millis(200),
    max_attempts: 4,
    poll: Duration::from_millis(20),
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
    pub state: String,
    pub attempts: i32,
    pub outcome: Option<String>,
    pub last_error: Option<String>,
}

impl Rig {
    pub async fn new() -> Self {
        let db = Lab::db().await;
        let store = db.store().await;
        let pool = db.pool().await;
        Self { db, store, pool, codes: Codes::new(&[9; 32]), clock: FixedClock::new(noon()) }
    }

    pub fn social(&self) -> Social {
        let clock = Arc::new(self.clock.clone());
        Social::new(Executor::new(self.store.clone(), clock, Arc::new(SystemMint)))
    }

    pub fn feed(&self) -> Feed {
        Feed::new(self.store.reader(), None)
    }

    pub fn jobs(&self) -> Jobs {
        Jobs::new(self.pool.clone())
    }

    /// Workers that end, as if killed, when the value is dropped.
    pub async fn workers(&self, mailer: &Mailer) -> Running {
        let options = WorkersOptions {
            store: self.store.clone(),
            feed: self.feed(),
            pool: self.pool.clone(),
            mailer: mailer.clone(),
            codes: self.codes.clone(),
            social: self.social(),
            pending: Arc::new(Pending(PendingRequests::new(&self.store, Watcher::new(self.pool.clone())))),
            clock: Arc::new(self.clock.clone()),
            concurrency: 4,
            tuning: QUICK,
        };
        Workers::start(options, CancellationToken::new()).await.unwrap()
    }

    /// All jobs, oldest first.
    pub async fn rows(&self) -> Vec<JobRow> {
        let sql = "SELECT state, attempts, outcome, last_error FROM workers.jobs ORDER BY position, target";
        let rows = sqlx::query(sql).fetch_all(&self.pool).await.unwrap();
        let row = |row: &sqlx::postgres::PgRow| JobRow {
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
