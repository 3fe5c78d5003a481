//! How many statements one command costs.

use postgres_es::postgres_cqrs;

use super::db;
use super::tally::{Add, Tally};

/// Each statement is awaited before the next one is sent: as many round trips.
#[tokio::test]
async fn stock_inserts_one_event_per_round_trip() {
    let pool = db::pool().await;
    sqlx::raw_sql(
        "CREATE SEQUENCE statements;
         CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM nextval('statements'); RETURN NULL; END $$;
         CREATE TRIGGER counted AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION count_statement();",
    )
    .execute(&pool)
    .await
    .unwrap();

    let cqrs = postgres_cqrs::<Tally>(pool.clone(), vec![], ());
    cqrs.execute("t", Add { events: 20, note: "" }).await.unwrap();

    let statements: i64 =
        sqlx::query_scalar("SELECT last_value FROM statements").fetch_one(&pool).await.unwrap();
    assert_eq!(statements, 20);
}
