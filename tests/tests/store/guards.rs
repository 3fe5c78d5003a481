//! What the database itself refuses, whoever asks.

use annals_tests::{Lab, samples::*};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use store::StoreError;

const EMPTY_APPEND: &str = "SELECT base FROM es.append('{}','{}','{}','{}','{}','{}','{}','{}','{}',
    '{}','{}','{}','{}', '{}','{}','{}','{}','{}', '{}','{}','{}','{}', '{}','{}','{}','{}')";

#[tokio::test]
async fn no_event_is_edited_or_deleted() {
    let db = Lab::db().await;
    let (store, user) = (db.store().await, new_user());
    store.submit(submission(profile_stream(user), 0, vec![event(&profile_created(user))])).await.unwrap();

    for sql in ["UPDATE es.events SET event_type = 'x'", "DELETE FROM es.events", "TRUNCATE es.events"] {
        let refused = sqlx::query(sql).execute(&db.pool().await).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
    }
}

#[tokio::test]
async fn append_refuses_isolation_levels_whose_snapshot_is_older_than_the_lock() {
    let mut session = PgConnection::connect(&Lab::db().await.url).await.unwrap();
    for level in ["REPEATABLE READ", "SERIALIZABLE"] {
        sqlx::raw_sql(&format!("BEGIN ISOLATION LEVEL {level}")).execute(&mut session).await.unwrap();
        let refused = sqlx::raw_sql(EMPTY_APPEND).execute(&mut session).await.unwrap_err();
        assert!(refused.to_string().contains("READ COMMITTED"), "{refused}");
        sqlx::raw_sql("ROLLBACK").execute(&mut session).await.unwrap();
    }
}

/// Somebody opens a transaction, appends, and goes to lunch.
#[tokio::test]
async fn an_append_held_open_delays_others_only_until_the_server_ends_it() {
    let db = Lab::db().await;
    let (store, user) = (db.store().await, new_user());
    let mut holder = PgConnection::connect(&db.url).await.unwrap();
    sqlx::raw_sql(&format!("BEGIN; {EMPTY_APPEND}")).execute(&mut holder).await.unwrap();

    let append = store.submit(submission(profile_stream(user), 0, vec![event(&profile_created(user))]));

    let appended = tokio::time::timeout(Duration::from_secs(10), append).await.unwrap().unwrap();
    assert_eq!(appended.position, 1);
    assert!(sqlx::raw_sql("COMMIT").execute(&mut holder).await.is_err());
}

#[tokio::test]
async fn a_hole_stops_the_reader_loudly() {
    let db = Lab::db().await;
    let (store, user) = (db.store().await, new_user());
    let events = vec![event(&profile_created(user)), event(&bio(user, "a")), event(&bio(user, "b"))];
    store.submit(submission(profile_stream(user), 0, events)).await.unwrap();
    sqlx::raw_sql(
        "ALTER TABLE es.events DISABLE TRIGGER append_only; DELETE FROM es.events WHERE position = 2",
    )
    .execute(&db.pool().await)
    .await
    .unwrap();

    let read = store.reader().after(0, 10).await;

    assert!(matches!(&read, Err(StoreError::Corrupt(why)) if why.contains("position 2")), "{read:?}");
    assert!(store.load_fresh::<domain::profile::Profile>(user).await.is_err());
}
