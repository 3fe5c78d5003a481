//! What the stock write path reports as a version conflict, and is none.

use std::collections::HashMap;

use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{AggregateError, EventStore};
use postgres_es::{PostgresEventRepository, postgres_cqrs};

use super::db;
use super::tally::{Add, Tally, TallyEvent, sequences};

/// The snapshot's own version is compared after the transaction was committed.
#[tokio::test]
async fn stock_reports_conflict_after_committing() {
    let pool = db::pool().await;
    let store =
        PersistedEventStore::<_, Tally>::new_aggregate_store(PostgresEventRepository::new(pool.clone()));
    let event = || vec![TallyEvent::Added { note: String::new() }];
    let context = store.load_aggregate("t").await.unwrap();
    store.commit(event(), context, HashMap::new()).await.unwrap();

    let context = store.load_aggregate("t").await.unwrap();
    sqlx::query("DELETE FROM snapshots").execute(&pool).await.unwrap();
    let outcome = store.commit(event(), context, HashMap::new()).await;

    assert!(matches!(outcome, Err(AggregateError::AggregateConflict)));
    assert_eq!(sequences(&pool, "t").await, [1, 2], "the refused event is stored");
}

#[tokio::test]
async fn stock_any_unique_violation_reads_as_version_conflict() {
    let pool = db::pool().await;
    sqlx::query("CREATE UNIQUE INDEX one_note ON events ((payload ->> 'note'))")
        .execute(&pool)
        .await
        .unwrap();
    let cqrs = postgres_cqrs::<Tally>(pool, vec![], ());
    cqrs.execute("first", Add { events: 1, note: "taken" }).await.unwrap();

    let outcome = cqrs.execute("second", Add { events: 1, note: "taken" }).await;

    assert!(
        matches!(outcome, Err(AggregateError::AggregateConflict)),
        "a new stream has no version to conflict"
    );
}
