//! The lock that leaves one process at a piece of work.

use annals_tests::Lab;
use std::time::Duration;
use store::Lease;
use tokio::time::timeout;

const KEY: i64 = 42;
const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_lease_has_one_holder_and_passes_on_when_dropped() {
    let pool = Lab::db().await.pool().await;
    let first = Lease::try_take(&pool, KEY).await.unwrap().expect("nobody had it");
    assert!(Lease::try_take(&pool, KEY).await.unwrap().is_none());
    assert!(Lease::try_take(&pool, KEY + 1).await.unwrap().is_some());

    drop(first);

    timeout(SOON, Lease::take(&pool, KEY)).await.expect("it is free").unwrap();
}

#[tokio::test]
async fn a_holder_learns_that_its_session_is_gone() {
    let pool = Lab::db().await.pool().await;
    let lease = Lease::try_take(&pool, KEY).await.unwrap().expect("nobody had it");
    let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE application_name = 'annals lease' AND datname = current_database()";

    sqlx::query(ended).execute(&pool).await.unwrap();

    timeout(SOON, lease.lost()).await.expect("it is told");
    timeout(SOON, Lease::take(&pool, KEY)).await.expect("it is free").unwrap();
}

#[tokio::test]
async fn the_server_ends_a_holder_that_says_nothing() {
    let pool = Lab::db().await.pool().await;
    let _lease = Lease::try_take(&pool, KEY).await.unwrap().expect("nobody had it");
    let limit = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'annals lease'
                  AND datname = current_database()";
    assert_eq!(sqlx::query_scalar::<_, i64>(limit).fetch_one(&pool).await.unwrap(), 1);

    // The keeper's word is what keeps it: this thread, which runs it, stands still for longer than the server waits.
    std::thread::sleep(Duration::from_secs(5));

    timeout(SOON, Lease::take(&pool, KEY)).await.expect("it is free").unwrap();
}
