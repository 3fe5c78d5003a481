//! What a row must look like for a stock repository to load it: `docs/adr/0006-metadata-is-a-flat-string-map.md`.

use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{AggregateError, EventStore};
use postgres_es::PostgresEventRepository;
use sqlx::PgPool;

use super::db;
use super::tally::{Refused, Tally, insert};

const TAGGED: &str = r#"{"type": "added", "note": ""}"#;

async fn load(pool: &PgPool, id: &str) -> Result<u32, AggregateError<Refused>> {
    let repository = PostgresEventRepository::new(pool.clone());
    let store = PersistedEventStore::<_, Tally>::new_event_store(repository);
    Ok(store.load_aggregate(id).await?.aggregate.total)
}

#[tokio::test]
async fn stock_loads_only_metadata_that_is_a_flat_string_map() {
    let pool = db::pool().await;
    let refused = [
        ("nested", r#"{"ip": {"~p": "subject", "sealed": "…"}}"#),
        ("number", r#"{"attempt": 1}"#),
        ("null", r#"{"session_id": null}"#),
    ];
    insert(&pool, "flat", 1, TAGGED, r#"{"actor": "user", "ip": "~p:subject:sealed"}"#).await;
    for (id, metadata) in refused {
        insert(&pool, id, 1, TAGGED, metadata).await;
    }

    assert_eq!(load(&pool, "flat").await.unwrap(), 1);
    for (id, _) in refused {
        assert!(matches!(load(&pool, id).await, Err(AggregateError::DeserializationError(_))), "{id}");
    }
}

/// The column `event_type` says "added" for both.
#[tokio::test]
async fn stock_decodes_a_payload_without_its_event_type() {
    let pool = db::pool().await;
    insert(&pool, "tagged", 1, TAGGED, "{}").await;
    insert(&pool, "untagged", 1, r#"{"note": ""}"#, "{}").await;

    assert_eq!(load(&pool, "tagged").await.unwrap(), 1);
    assert!(matches!(load(&pool, "untagged").await, Err(AggregateError::DeserializationError(_))));
}
