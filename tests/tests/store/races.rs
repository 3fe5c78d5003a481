//! Many writers, two processes' worth of committers, connections cut in the middle of it.

use annals_tests::{Db, Lab, samples::*};
use domain::{EventId, UserId};
use std::collections::{HashMap, HashSet};
use store::{AppendError, Store, StreamRef, StreamWrite, Submission};

/// Appends to a few shared streams until `count` commands are acknowledged; returns their event ids.
async fn write(store: Store, streams: Vec<UserId>, count: usize, seed: usize) -> Vec<EventId> {
    let mut acknowledged = Vec::new();
    let mut versions: HashMap<UserId, i64> = HashMap::new();
    while acknowledged.len() < count {
        let user = streams[(acknowledged.len() * 7 + seed) % streams.len()];
        let version = versions.entry(user).or_default();
        let written = event(&profile_created(user));
        let id = written.event_id;
        match store.submit(submission(profile_stream(user), *version, vec![written])).await {
            Ok(_) => {
                *version += 1;
                acknowledged.push(id);
            }
            Err(AppendError::Version { version: now, .. }) => *version = now,
            Err(error) => panic!("{error}"),
        }
    }
    acknowledged
}

/// Every acknowledged event is there once, positions are dense, every stream is contiguous.
async fn check(db: &Db, acknowledged: &[EventId]) {
    let reader = db.store().await.reader();
    let mut log = Vec::new();
    loop {
        let more = reader.after(log.len() as i64, 1000).await.unwrap();
        if more.is_empty() {
            break;
        }
        log.extend(more);
    }
    let ids: HashSet<EventId> = log.iter().map(|e| e.event_id).collect();
    assert_eq!(ids.len(), log.len(), "an event id twice");
    assert!(acknowledged.iter().all(|id| ids.contains(id)), "an acknowledged event is lost");
    let mut versions: HashMap<&str, i64> = HashMap::new();
    for event in &log {
        let version = versions.entry(&event.aggregate_id).or_default();
        *version += 1;
        assert_eq!(event.sequence, *version, "{}", event.aggregate_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_of_writers_lose_and_double_nothing() {
    let db = Lab::db().await;
    let stores = [db.store().await, db.store().await];
    let streams: Vec<UserId> = (0..10).map(|_| new_user()).collect();

    let writers = (0..32).map(|n| tokio::spawn(write(stores[n % 2].clone(), streams.clone(), 60, n)));
    let acknowledged: Vec<EventId> =
        futures::future::join_all(writers).await.into_iter().flat_map(Result::unwrap).collect();

    assert_eq!(acknowledged.len(), 32 * 60);
    check(&db, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_connections_lose_and_double_nothing() {
    let db = Lab::db().await;
    let store = db.store().await;
    let streams: Vec<UserId> = (0..40).map(|_| new_user()).collect();
    let cutter = tokio::spawn({
        let pool = db.pool().await;
        async move {
            for _ in 0..60 {
                sqlx::query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                      WHERE datname = current_database() AND application_name = 'annals committer'",
                )
                .execute(&pool)
                .await
                .unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        }
    });

    let writers = (0..16).map(|n| tokio::spawn(write(store.clone(), streams.clone(), 80, n)));
    let acknowledged: Vec<EventId> =
        futures::future::join_all(writers).await.into_iter().flat_map(Result::unwrap).collect();
    cutter.await.unwrap();

    check(&db, &acknowledged).await;
}

/// Each reads what the other writes: in any serial order the second one stands on the past and must lose.
#[tokio::test(flavor = "multi_thread")]
async fn commands_that_read_what_the_other_writes_never_both_win() {
    let db = Lab::db().await;
    let stores = [db.store().await, db.store().await];
    for round in 0..100 {
        let (a, b) = (profile_stream(new_user()), profile_stream(new_user()));
        let skew = |read: StreamRef, written: StreamRef| Submission {
            writes: vec![StreamWrite::new(written, 0, vec![event(&profile_created(new_user()))])],
            reads: vec![(read, 0)],
            metadata: metadata(),
            ..Submission::default()
        };

        let (one, two) = tokio::join!(stores[0].submit(skew(a, b)), stores[round % 2].submit(skew(b, a)));

        assert!(one.is_ok() != two.is_ok(), "round {round}: {one:?} {two:?}");
    }
}
