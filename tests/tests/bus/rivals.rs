//! Several relays: one is active; of two that both believe to be it, neither can spoil the stream.

use crate::rig::*;
use bus::RelayOptions;
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::sleep;

/// Ends the session that holds the relay's lock, once one holds it.
async fn kill_the_holder(pool: &PgPool) {
    let killed = "SELECT pg_terminate_backend(pid) FROM pg_locks
                   WHERE locktype = 'advisory' AND granted AND objid = 1819475969
                     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while sqlx::query_scalar::<_, bool>(killed).fetch_optional(pool).await.unwrap() != Some(true) {
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_without_the_lock_cannot_interleave() {
    let rig = Rig::new().await;
    let other = rig.db.store().await;
    let options = RelayOptions { exclusive: false, ..RelayOptions::default() };
    let first = rig.relay_with(rig.store.clone(), options.clone()).await;
    let second = rig.relay_with(other.clone(), options).await;

    for _ in 0..20 {
        tokio::join!(rig.append(25), append(&other, 25));
    }
    rig.published(1000).await;

    rig.assert_stored(1, 1000).await;
    first.stop().await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn standby_takes_over() {
    let rig = Rig::new().await;
    let first = rig.relay().await;
    rig.published(rig.append(5).await).await;
    let second = rig.relay_with(rig.db.store().await, RelayOptions::default()).await;

    first.stop().await;
    rig.published(rig.append(5).await).await;

    rig.assert_stored(1, 10).await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_whose_lock_is_lost_is_replaced_or_takes_it_again() {
    let rig = Rig::new().await;
    let relays = [rig.relay().await, rig.relay_with(rig.db.store().await, RelayOptions::default()).await];
    let pool = rig.db.pool().await;

    for _ in 0..3 {
        rig.published(rig.append(10).await).await;
        within(kill_the_holder(&pool)).await;
    }
    rig.published(rig.append(10).await).await;

    rig.assert_stored(1, 40).await;
    for relay in relays {
        relay.stop().await;
    }
}
