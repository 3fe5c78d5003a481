//! The queue under many workers: one holder at a time, and no job that is lost with its worker.

use crate::rig::{QUICK, Rig, until};
use async_trait::async_trait;
use sqlx::PgPool;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, Semaphore},
    time::sleep,
};
use tokio_util::sync::CancellationToken;
use workers::{
    JobId,
    jobs::{Handler, Job, JobError, Queue, Worker},
};

async fn queue_jobs(pool: &PgPool, count: i32) {
    sqlx::query(
        "INSERT INTO workers.jobs (id, kind, reactor, source, target, payload)
         SELECT gen_random_uuid(), 'test', 'test', n::text, 'target', '{}' FROM generate_series(1, $1) AS n",
    )
    .bind(count)
    .execute(pool)
    .await
    .unwrap();
}

fn worker(pool: &PgPool, handler: Arc<dyn Handler>) -> Worker {
    Worker::new(Queue::new(pool), vec![handler], QUICK, 8, Arc::new(Notify::new()))
}

/// Notes who holds what.
#[derive(Default)]
struct Witness {
    held: Mutex<HashSet<JobId>>,
    runs: Mutex<HashMap<JobId, u32>>,
}

#[async_trait]
impl Handler for Witness {
    fn kind(&self) -> &'static str {
        "test"
    }

    async fn run(&self, job: &Job) -> Result<&'static str, JobError> {
        let alone = self.held.lock().unwrap().insert(job.id);
        *self.runs.lock().unwrap().entry(job.id).or_default() += 1;
        sleep(Duration::from_millis(3)).await;
        self.held.lock().unwrap().remove(&job.id);
        if alone { Ok("witnessed") } else { Err(JobError::permanent("held-twice")) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_never_hold_one_job_at_once() {
    let rig = Rig::new().await;
    queue_jobs(&rig.pool, 400).await;
    let witness = Arc::new(Witness::default());
    let stop = CancellationToken::new();

    let other_node = rig.db.pool().await;
    let nodes: Vec<_> = [&rig.pool, &other_node]
        .map(|pool| tokio::spawn(worker(pool, witness.clone()).run(stop.clone())))
        .into();

    let rows = rig.settles(400).await;
    stop.cancel();
    for node in nodes {
        node.await.unwrap();
    }
    assert!(rows.iter().all(|row| row.outcome.as_deref() == Some("witnessed")));
    assert!(witness.runs.lock().unwrap().values().all(|runs| *runs == 1));
}

/// Works for longer than a lease.
struct Slow {
    runs: AtomicU32,
    gate: Semaphore,
}

#[async_trait]
impl Handler for Slow {
    fn kind(&self) -> &'static str {
        "test"
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.acquire().await);
        Ok("slow")
    }
}

#[tokio::test]
async fn lease_is_kept_while_the_job_runs() {
    let rig = Rig::new().await;
    queue_jobs(&rig.pool, 1).await;
    let slow = Arc::new(Slow { runs: AtomicU32::new(0), gate: Semaphore::new(0) });
    let stop = CancellationToken::new();
    let node = tokio::spawn(worker(&rig.pool, slow.clone()).run(stop.clone()));
    let other = tokio::spawn(worker(&rig.pool, slow.clone()).run(stop.clone()));

    let renewed = "SELECT next_at > created_at + interval '3500 milliseconds' FROM workers.jobs";
    until("the lease is renewed twice over", async || {
        sqlx::query_scalar(renewed).fetch_one(&rig.pool).await.unwrap()
    })
    .await;
    slow.gate.add_permits(1);

    assert_eq!(rig.settles(1).await[0].attempts, 1);
    stop.cancel();
    node.await.unwrap();
    other.await.unwrap();
    assert_eq!(slow.runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn stopped_worker_takes_no_more_and_finishes_what_it_runs() {
    let rig = Rig::new().await;
    queue_jobs(&rig.pool, 20).await;
    let slow = Arc::new(Slow { runs: AtomicU32::new(0), gate: Semaphore::new(0) });
    let stop = CancellationToken::new();
    let node = tokio::spawn(worker(&rig.pool, slow.clone()).run(stop.clone()));
    until("all hands are full", async || slow.runs.load(Ordering::SeqCst) == 8).await;

    stop.cancel();
    slow.gate.add_permits(20);
    node.await.unwrap();

    let done = rig.rows().await.iter().filter(|row| row.state == "done").count();
    assert_eq!((done, slow.runs.load(Ordering::SeqCst)), (8, 8));
}

struct Deadly(AtomicU32);

#[async_trait]
impl Handler for Deadly {
    fn kind(&self) -> &'static str {
        "test"
    }

    async fn run(&self, _job: &Job) -> Result<&'static str, JobError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("as a defect would")
    }
}

#[tokio::test]
async fn job_that_kills_its_worker_each_time_is_parked() {
    let rig = Rig::new().await;
    queue_jobs(&rig.pool, 1).await;
    let deadly = Arc::new(Deadly(AtomicU32::new(0)));
    let stop = CancellationToken::new();
    let node = tokio::spawn(worker(&rig.pool, deadly.clone()).run(stop.clone()));

    let rows = rig.settles(1).await;

    assert_eq!(rows[0].last_error.as_deref(), Some("abandoned"));
    assert_eq!(deadly.0.load(Ordering::SeqCst), QUICK.max_attempts);
    stop.cancel();
    node.await.unwrap();
}

#[tokio::test]
async fn job_of_an_unknown_kind_waits_for_a_node_that_knows_it() {
    let rig = Rig::new().await;
    queue_jobs(&rig.pool, 2).await;
    sqlx::query("UPDATE workers.jobs SET kind = 'newer' WHERE source = '1'")
        .execute(&rig.pool)
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let node = tokio::spawn(worker(&rig.pool, Arc::new(Witness::default())).run(stop.clone()));

    until("the known one is done", async || rig.rows().await.iter().any(|row| row.state == "done")).await;
    stop.cancel();
    node.await.unwrap();

    let waiting = rig.jobs().counts().await.unwrap();
    assert_eq!((waiting[0].kind.as_str(), waiting[0].queued), ("newer", 1));
}

/// A worker that was paused past its lease comes back and must not touch what another has taken since.
#[tokio::test]
async fn result_that_comes_after_the_lease_changes_nothing() {
    let rig = Rig::new().await;
    queue_jobs(&rig.pool, 1).await;
    let queue = Queue::new(&rig.pool);
    let paused = queue.take(&["test"], 1, Duration::ZERO).await.unwrap().remove(0);
    let present = queue.take(&["test"], 1, Duration::from_secs(60)).await.unwrap().remove(0);

    assert!(!queue.finish(&paused, "late").await.unwrap());
    assert!(!queue.put_back(&paused, Duration::ZERO, "late").await.unwrap());
    assert!(!queue.park(&paused, "late").await.unwrap());
    assert!(!queue.renew(&paused, Duration::from_secs(60)).await.unwrap());

    assert!(queue.finish(&present, "in-time").await.unwrap());
    assert_eq!(rig.rows().await[0].outcome.as_deref(), Some("in-time"));
}
