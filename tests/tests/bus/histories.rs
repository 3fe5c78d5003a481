//! Streams whose content belongs to another life of the log.

use crate::rig::*;
use annals_tests::Lab;

#[tokio::test(flavor = "multi_thread")]
async fn new_epoch_begins_a_stream_of_its_own_and_the_old_relay_stays_out() {
    let rig = Rig::new().await;
    let old_relay = rig.relay().await;
    rig.published(rig.append(5).await).await;

    sqlx::query("UPDATE es.log SET epoch = epoch + 1").execute(&rig.db.pool().await).await.unwrap();
    let store = rig.db.store().await;
    let mut options = bus::RelayOptions { exclusive: false, ..Default::default() };
    let new_relay = rig.relay_with(store.clone(), options.clone()).await;
    rig.published(append(&store, 5).await).await;
    old_relay.stop().await;
    options.backlog = 1;
    let left_over = rig.relay_with(rig.store.clone(), options).await;
    rig.published(append(&store, 5).await).await;

    let stored = rig.stored().await;
    let log = store.log_id().to_string();
    assert!(stored.iter().all(|message| message.log == log), "{stored:?}");
    rig.assert_stored(1, 15).await;
    left_over.stop().await;
    new_relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_from_a_log_that_lost_it_is_replaced() {
    let lost = Rig::new().await;
    let relay = lost.relay().await;
    lost.published(lost.append(8).await).await;
    relay.stop().await;

    let db = Lab::db().await;
    sqlx::query("UPDATE es.log SET log_id = $1")
        .bind(lost.store.log_id().id)
        .execute(&db.pool().await)
        .await
        .unwrap();
    let mut restored = Rig::on(&Lab::get().await.servers, db).await;
    restored.names = lost.names.clone();
    let head = restored.append(3).await;
    let relay = restored.relay().await;
    restored.published(head).await;

    let log = restored.store.reader().after(0, 10).await.unwrap();
    let stored = restored.stored().await;
    let ids: Vec<String> = log.iter().map(|event| event.event_id.to_string()).collect();
    assert_eq!(stored.iter().map(|message| message.event_id.clone()).collect::<Vec<_>>(), ids);
    relay.stop().await;
}
