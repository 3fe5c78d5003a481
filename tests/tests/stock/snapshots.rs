//! `EventSink::write` has applied the events to the aggregate that `commit` then applies them to once more.

use cqrs_es::EventStore;
use cqrs_es::persist::PersistedEventStore;
use postgres_es::{PostgresEventRepository, postgres_aggregate_cqrs, postgres_snapshot_cqrs};

use super::db;
use super::tally::{Add, Tally, sequences};

#[tokio::test]
async fn stock_snapshot_mode_applies_events_twice() {
    let pool = db::pool().await;
    let cqrs = postgres_snapshot_cqrs::<Tally>(pool.clone(), vec![], 2, ());

    cqrs.execute("t", Add::one()).await.unwrap();
    cqrs.execute("t", Add::one()).await.unwrap();

    let store =
        PersistedEventStore::<_, Tally>::new_snapshot_store(PostgresEventRepository::new(pool.clone()), 2);
    let loaded = store.load_aggregate("t").await.unwrap();
    assert_eq!(sequences(&pool, "t").await, [1, 2]);
    assert_eq!(loaded.aggregate.total, 3, "two events, the second counted twice");
}

#[tokio::test]
async fn stock_aggregate_mode_applies_events_twice() {
    let pool = db::pool().await;
    let cqrs = postgres_aggregate_cqrs::<Tally>(pool.clone(), vec![], ());

    cqrs.execute("t", Add { events: 5, note: "" }).await.unwrap();

    let store =
        PersistedEventStore::<_, Tally>::new_aggregate_store(PostgresEventRepository::new(pool.clone()));
    let loaded = store.load_aggregate("t").await.unwrap();
    assert_eq!(sequences(&pool, "t").await.len(), 5);
    assert_eq!(loaded.aggregate.total, 10);
}
