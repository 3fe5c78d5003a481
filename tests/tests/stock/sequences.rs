//! `event.sequence as i32`, although the column is a bigint.

use postgres_es::postgres_cqrs;

use super::db;
use super::tally::{Add, Tally, insert, sequences};

const PAYLOAD: &str = r#"{"type": "added", "note": ""}"#;

#[tokio::test]
async fn stock_truncates_sequence_to_i32() {
    let pool = db::pool().await;
    let two_to_the_32 = 1 << 32;
    insert(&pool, "t", two_to_the_32, PAYLOAD, "{}").await;

    postgres_cqrs::<Tally>(pool.clone(), vec![], ()).execute("t", Add::one()).await.unwrap();

    assert_eq!(sequences(&pool, "t").await, [1, two_to_the_32], "the newest event became the first");
}

#[tokio::test]
async fn stock_refuses_every_command_past_i32_max() {
    let pool = db::pool().await;
    insert(&pool, "t", i64::from(i32::MAX), PAYLOAD, "{}").await;

    let outcome = postgres_cqrs::<Tally>(pool.clone(), vec![], ()).execute("t", Add::one()).await;

    let error = outcome.unwrap_err().to_string();
    assert!(error.contains("events_sequence_check"), "{error}");
}
