//! Deletions are carried out when they are due, also by a worker that takes up what a killed one left.

use crate::rig::{JobRow, Rig, at, until};
use annals::forgetting::Restored;
use async_trait::async_trait;
use chrono::TimeDelta;
use commands::{Caller, CommandError, Erasing, Principal};
use domain::{
    PairId, SessionId, Subject, UserId,
    follow::Follow,
    user::{DiskPurge, Erased, RequestDeletion, User},
    values::Role,
};
use projections::{JobQueries, Watcher};
use sqlx::PgPool;
use std::{
    collections::{BTreeSet, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use workers::{Disk, NotPurged};

const DAY: i64 = 86_400;

fn caller(user: UserId) -> Caller {
    let session = SessionId::from_uuid(uuid::Uuid::from_u128(7));
    Caller {
        principal: Principal::User { id: user, session, role: Role::Normal, verified: true },
        ..Caller::default()
    }
}

impl Rig {
    /// Whether the person's data key is destroyed.
    async fn has_no_key(&self, user: UserId) -> bool {
        let found = self.store.keys().find(&HashSet::from([Subject::of(user)])).await.unwrap();
        found[&Subject::of(user)].is_none()
    }

    /// As its person does who has shown that they are there.
    pub async fn asks_for_deletion(&self, user: UserId) -> Result<(), CommandError> {
        let executor = self.executor();
        let ask = RequestDeletion { by: None, grace: TimeDelta::days(14), at: executor.now() };
        executor.run::<User>(user, ask, &caller(user)).await.map(drop)
    }

    async fn erased(&self, user: UserId) -> Option<Erased> {
        self.store.load_fresh::<User>(user).await.unwrap().state.erased
    }

    /// The job that carries a deletion out, once it is queued; another one tells the person.
    async fn erasing(&self) -> Option<JobRow> {
        self.rows().await.into_iter().find(|job| job.kind == "erase_user")
    }

    /// What became of it.
    async fn settled(&self) -> Option<String> {
        let ended = self.settles(2).await.into_iter().find(|job| job.kind == "erase_user");
        ended.and_then(|job| job.outcome.or(job.last_error))
    }

    async fn due_in_days(&self) -> f64 {
        sqlx::query_scalar(
            "SELECT (extract(epoch FROM next_at - clock_timestamp()) / 86400)::float8 FROM workers.jobs
             WHERE kind = 'erase_user'",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn deletion_waits_for_its_time_and_is_forgotten_if_taken_back() {
    let rig = Rig::new().await;
    let jane = rig.registers("jane@example.com").await.id;
    let now = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&rig.pool).await.unwrap();
    rig.clock.set(now);
    rig.asks_for_deletion(jane).await.unwrap();
    let workers = rig.workers(&rig.no_mail()).await;
    until("the job is queued", async || rig.erasing().await.is_some()).await;
    assert!((13.9..=14.0).contains(&rig.due_in_days().await));
    rig.takes_the_deletion_back(jane).await;

    sqlx::query("UPDATE workers.jobs SET next_at = clock_timestamp()").execute(&rig.pool).await.unwrap();

    assert_eq!(rig.settled().await.as_deref(), Some("cancelled"));
    assert_eq!((rig.erased(jane).await, rig.has_no_key(jane).await), (None, false));
    drop(workers);
}

#[tokio::test]
async fn worker_whose_clock_is_behind_comes_back_later() {
    let rig = Rig::new().await;
    let jane = rig.registers("jane@example.com").await.id;
    rig.asks_for_deletion(jane).await.unwrap();
    let _projections = rig.projections();

    let _workers = rig.workers(&rig.no_mail()).await;

    // Due by the clock of the database, years after the one that stands still.
    until("it is too early", async || {
        rig.erasing().await.is_some_and(|job| job.last_error.as_deref() == Some("not-due"))
    })
    .await;
    assert_eq!(rig.erased(jane).await, None);
    rig.clock.set(at(15 * DAY));
    sqlx::query("UPDATE workers.jobs SET next_at = clock_timestamp()").execute(&rig.pool).await.unwrap();
    assert_eq!(rig.settled().await.as_deref(), Some("erased"));
    assert!(rig.erased(jane).await.unwrap().is_certified && rig.has_no_key(jane).await);
}

#[tokio::test]
async fn what_a_killed_worker_began_is_finished_and_happens_once() {
    let rig = Rig::new().await;
    let (jane, john) =
        (rig.registers("jane@example.com").await.id, rig.registers("john@example.com").await.id);
    rig.social().mute(jane, &caller(john)).await.unwrap();
    rig.asks_for_deletion(jane).await.unwrap();
    rig.clock.set(at(15 * DAY));
    let worker = Caller::system("erase_user");
    assert_eq!(rig.accounts().erase(jane, &worker).await.unwrap(), Erasing::Erased);
    rig.store.keys().destroy(Subject::of(jane)).await.unwrap();

    let _projections = rig.projections();
    let _workers = rig.workers(&rig.no_mail()).await;

    assert_eq!(rig.settled().await.as_deref(), Some("erased"));
    let pair = rig.store.load_fresh::<Follow>(PairId::of(jane, john)).await.unwrap().state;
    assert!(!pair.mutes(john));
    let kinds: Vec<String> = sqlx::query_scalar(
        "SELECT event_type FROM es.events WHERE event_type ~ '^(user_erased|user_unmuted|erasure)' ORDER BY position",
    )
    .fetch_all(&rig.pool)
    .await
    .unwrap();
    assert_eq!(kinds, ["user_erased", "user_unmuted", "erasure_certified"]);
    let again = rig.accounts().certify_erasure(jane, None, &worker).await.unwrap();
    assert!(again.events.is_empty());
    assert!(rig.asks_for_deletion(jane).await.is_err());
    let late = rig.social().mute(jane, &caller(john)).await.unwrap_err();
    assert_eq!(late.reason(), Some(&domain::follow::FollowError::PersonNotFound));
}

#[tokio::test]
async fn key_that_an_old_backup_brought_back_is_destroyed_again() {
    let rig = Rig::new().await;
    let (jane, john) =
        (rig.registers("jane@example.com").await.id, rig.registers("john@example.com").await.id);
    let keys = PgPool::connect(&rig.db.keys_url).await.unwrap();
    sqlx::query("CREATE TABLE keys.backup AS SELECT * FROM keys.subjects").execute(&keys).await.unwrap();
    rig.asks_for_deletion(jane).await.unwrap();
    rig.clock.set(at(15 * DAY));
    let _projections = rig.projections();
    let worker = Caller::system("erase_user");
    rig.accounts().erase(jane, &worker).await.unwrap();
    rig.accounts().certify_erasure(jane, None, &worker).await.unwrap();
    let queries = JobQueries::new(&rig.store, Watcher::new(rig.pool.clone()));
    until("the certificate is known", async || {
        !queries.list_certified_erasures().await.unwrap_or_default().is_empty()
    })
    .await;

    sqlx::query("DELETE FROM keys.subjects").execute(&keys).await.unwrap();
    sqlx::query("INSERT INTO keys.subjects SELECT * FROM keys.backup").execute(&keys).await.unwrap();
    rig.store.forget_person(Subject::of(jane));
    assert!(!rig.has_no_key(jane).await);

    let disk = Arc::new(HeldOnce::default());
    let mut restored = Restored::new(rig.store.clone(), queries, disk.clone());
    assert!(restored.destroy_again().await.is_err(), "the disk is held");
    assert!(rig.has_no_key(jane).await && !rig.has_no_key(john).await);
    for _ in 0..2 {
        assert_eq!(restored.destroy_again().await.unwrap(), 0);
    }
    assert_eq!(disk.purges.load(Ordering::Relaxed), 2, "the one that failed is made up for, once");

    // As the program's roles may: what was destroyed is in no page of the table.
    sqlx::query("DELETE FROM keys.subjects").execute(&keys).await.unwrap();
    sqlx::query("INSERT INTO keys.subjects SELECT * FROM keys.backup").execute(&keys).await.unwrap();
    let file = "SELECT pg_relation_filenode('keys.subjects')::bigint";
    let before: i64 = sqlx::query_scalar(file).fetch_one(&keys).await.unwrap();
    let queries = JobQueries::new(&rig.store, Watcher::new(rig.pool.clone()));
    let mut restored = Restored::new(rig.store.clone(), queries, Arc::new(rig.disk()));
    assert_eq!(restored.destroy_again().await.unwrap(), 1);
    assert_ne!(sqlx::query_scalar::<_, i64>(file).fetch_one(&keys).await.unwrap(), before);
}

/// Disks that something keeps hold of at the first purge.
#[derive(Default)]
struct HeldOnce {
    purges: AtomicUsize,
}

#[async_trait]
impl Disk for HeldOnce {
    async fn purge(&self, _position: i64) -> Result<DiskPurge, NotPurged> {
        match self.purges.fetch_add(1, Ordering::Relaxed) {
            0 => Err(NotPurged::Held),
            _ => Ok(DiskPurge { purged_at: at(0), clean: BTreeSet::new(), remaining: BTreeSet::new() }),
        }
    }

    async fn purge_since(&self, position: i64, _ago: Duration) -> Result<DiskPurge, NotPurged> {
        self.purge(position).await
    }
}
