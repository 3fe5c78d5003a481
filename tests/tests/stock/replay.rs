//! `stream_all_events` unwraps database errors in a task of its own, and sorts by the sequence inside each stream.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cqrs_es::persist::QueryReplay;
use cqrs_es::{EventEnvelope, Query};
use postgres_es::{PostgresEventRepository, postgres_cqrs};
use sqlx::PgPool;

use super::db;
use super::tally::{Add, Tally, insert};

/// Notes what a replay hands out; may cut the replay's connection at the third event.
#[derive(Clone)]
struct Seen {
    events: Arc<Mutex<Vec<(String, usize)>>>,
    cut: Option<PgPool>,
}

impl Seen {
    fn new(cut: Option<PgPool>) -> Self {
        Self { events: Arc::default(), cut }
    }

    fn events(&self) -> Vec<(String, usize)> {
        self.events.lock().unwrap().clone()
    }
}

#[async_trait]
impl Query<Tally> for Seen {
    async fn dispatch(&self, id: &str, events: &[EventEnvelope<Tally>]) {
        let count = {
            let mut seen = self.events.lock().unwrap();
            seen.extend(events.iter().map(|event| (id.to_owned(), event.sequence)));
            seen.len()
        };
        if let (3, Some(pool)) = (count, &self.cut) {
            sqlx::query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .execute(pool)
            .await
            .unwrap();
        }
    }
}

#[tokio::test]
async fn stock_replay_ends_as_if_complete_on_a_database_error() {
    // Given more than the socket's buffers hold, so that the server is still sending when the connection is cut.
    let pool = db::pool().await;
    let payload = format!(r#"{{"type": "added", "note": "{}"}}"#, "x".repeat(1 << 20));
    for sequence in 1..=40 {
        insert(&pool, "t", sequence, &payload, "{}").await;
    }
    let told = Arc::new(AtomicBool::new(false));
    let seen = Seen::new(Some(pool.clone()));
    let repository = PostgresEventRepository::new(pool).with_streaming_channel_size(1);
    let mut replay = QueryReplay::<_, _, Tally>::new(repository, seen.clone());
    let teller = Arc::clone(&told);
    replay.use_error_handler(Box::new(move |_| teller.store(true, Ordering::Relaxed)));

    let outcome = replay.replay_all().await;

    let replayed = seen.events().len();
    assert!((3..40).contains(&replayed), "{replayed} of 40 events");
    assert!(outcome.is_ok(), "the replay calls itself complete");
    assert!(!told.load(Ordering::Relaxed), "and the error handler heard nothing");
}

#[tokio::test]
async fn stock_has_no_global_order() {
    let pool = db::pool().await;
    let cqrs = postgres_cqrs::<Tally>(pool.clone(), vec![], ());
    cqrs.execute("earlier", Add { events: 2, note: "" }).await.unwrap();
    cqrs.execute("later", Add::one()).await.unwrap();

    let seen = Seen::new(None);
    QueryReplay::new(PostgresEventRepository::new(pool), seen.clone()).replay_all().await.unwrap();

    let place =
        |id: &str, sequence| seen.events().iter().position(|e| *e == (id.to_owned(), sequence)).unwrap();
    assert!(
        place("later", 1) < place("earlier", 2),
        "what was committed last comes before what was committed first"
    );
}
