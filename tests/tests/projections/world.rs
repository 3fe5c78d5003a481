//! A log of one test, and what reads it.

use annals_tests::{Db, Lab, samples};
use bus::Feed;
use domain::Subject;
use projections::{
    GateOptions, NAMES, Queries, RebuildOptions, Rebuilt, Runner, RunnerError, RunnerOptions, SessionGate,
    Watcher, watcher::Freshness,
};
use sqlx::PgPool;
use std::time::Duration;
use store::{Metadata, NewEvent, Store, StreamRef, StreamWrite, Submission};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Long enough for a busy machine, and no test waits for it unless it fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct World {
    pub store: Store,
    pub feed: Feed,
    pub watcher: Watcher,
    pub pool: PgPool,
}

pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<(), RunnerError>>,
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }

    /// What it said when it gave up.
    pub async fn gave_up(self) -> RunnerError {
        self.task.await.unwrap().unwrap_err()
    }
}

impl World {
    pub async fn new() -> Self {
        let db: Db = Lab::db().await;
        let store = db.store().await;
        let pool = db.pool().await;
        let feed = Feed::new(store.reader(), None);
        Self { feed, watcher: Watcher::new(pool.clone()), pool, store }
    }

    pub fn run(&self) -> Running {
        self.run_with(RunnerOptions::default())
    }

    pub fn run_with(&self, options: RunnerOptions) -> Running {
        let runner = Runner::new(&self.store, self.feed.clone(), self.watcher.clone(), options);
        let stop = CancellationToken::new();
        Running { task: tokio::spawn(runner.run(stop.clone())), stop }
    }

    pub fn gate(&self, options: GateOptions) -> SessionGate {
        SessionGate::start(&self.store, self.feed.clone(), self.watcher.clone(), options)
    }

    pub fn queries(&self) -> Queries {
        Queries::new(&self.store, 4, self.gate(GateOptions::default()), self.watcher.clone())
    }

    /// One append; returns the position of its last event.
    pub async fn append(&self, about: Subject, stream: StreamRef, events: Vec<NewEvent>) -> i64 {
        let version: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM es.events WHERE aggregate_type = $1 AND aggregate_id = $2",
        )
        .bind(stream.aggregate_type)
        .bind(stream.id.to_string())
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let submission = Submission {
            writes: vec![StreamWrite::new(stream, version, events)],
            metadata: metadata(about),
            ..Submission::default()
        };
        self.store.submit(submission).await.unwrap().position
    }

    pub async fn caught_up(&self) -> i64 {
        let head = self.watcher.head().await.unwrap();
        let freshness = self.watcher.wait_for(&NAMES, head, PATIENCE).await;
        let failed = "SELECT projection || ' at ' || position || ': ' || coalesce(failed, 'late')
            FROM projections.cursors WHERE position < $1";
        let failed: Vec<String> = sqlx::query_scalar(failed).bind(head).fetch_all(&self.pool).await.unwrap();
        assert_eq!(freshness, Freshness::Fresh, "{failed:?}");
        head
    }

    pub async fn rebuild(&self, name: &str, check: bool) -> Rebuilt {
        let options = RebuildOptions { check, ..RebuildOptions::default() };
        projections::rebuild(&self.store, name, options, |_| {}).await.unwrap()
    }

    /// Every live table equals what a replay of the log makes of it.
    pub async fn assert_equal_to_a_replay(&self) {
        let head = self.watcher.head().await.unwrap();
        for name in NAMES {
            let rebuilt = self.rebuild(name.as_str(), true).await;
            assert_eq!(rebuilt, Rebuilt::Same { position: head }, "{name}");
        }
    }

    pub async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    pub async fn execute(&self, sql: &str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }

    /// Why a projection stands still.
    pub async fn failure(&self, name: &str) -> Option<String> {
        sqlx::query_scalar("SELECT failed FROM projections.cursors WHERE projection = $1")
            .bind(name)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

pub const ADDRESS: &str = "203.0.113.77";
pub const AGENT: &str = "Planted-Agent/1.0";

fn metadata(about: Subject) -> Metadata {
    Metadata {
        occurred_at: samples::noon(),
        clear: vec![
            ("actor", format!("user:{about}")),
            ("request_id", "r-1".into()),
            ("correlation_id", "c-1".into()),
        ],
        personal: Some((about, vec![("ip", ADDRESS.into()), ("user_agent", AGENT.into())])),
    }
}

/// Asks until the answer is yes.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, asking).await.is_err() {
        panic!("in vain: {what}");
    }
}
