//! What one relay publishes.

use crate::rig::*;
use bus::RelayOptions;

#[tokio::test(flavor = "multi_thread")]
async fn publishes_every_position_once_and_in_order() {
    let rig = Rig::new().await;
    rig.append(300).await;

    let relay = rig.relay().await;
    let head = rig.append(700).await;
    rig.published(head).await;

    rig.assert_stored(1, 1000).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishes_commits_of_other_processes_between_those_of_its_own() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    let other = rig.db.store().await;

    for _ in 0..20 {
        tokio::join!(rig.append(5), append(&other, 5));
    }
    rig.published(200).await;

    rig.assert_stored(1, 200).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn next_relay_goes_on_where_the_last_one_stopped() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    rig.published(rig.append(10).await).await;
    relay.stop().await;
    let head = rig.append(10).await;

    let relay = rig.relay().await;
    rig.published(head).await;

    rig.assert_stored(1, 20).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fresh_stream_starts_with_a_bounded_backlog_numbered_by_position() {
    let rig = Rig::new().await;
    let head = rig.append(50).await;

    let options = RelayOptions { backlog: 10, ..RelayOptions::default() };
    let relay = rig.relay_with(rig.store.clone(), options).await;
    rig.published(head).await;
    rig.published(rig.append(5).await).await;

    let stored = rig.stored().await;
    assert!(stored.iter().map(|message| message.position).eq(41..=55), "{stored:?}");
    // Older servers number every stream from 1.
    let client = rig.client().await;
    client.flush().await.unwrap();
    let first = if client.is_server_compatible(2, 10, 0) { 41 } else { 1 };
    assert!(stored.iter().map(|message| message.sequence).eq(first..first + 15), "{stored:?}");
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_stream_is_made_again_while_events_arrive() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    rig.published(rig.append(20).await).await;

    let jetstream = async_nats::jetstream::new(rig.client().await);
    jetstream.delete_stream(&rig.names.stream).await.unwrap();
    rig.published(rig.append(20).await).await;

    rig.assert_stored(1, 40).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn purged_stream_goes_on() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    rig.published(rig.append(20).await).await;

    let jetstream = async_nats::jetstream::new(rig.client().await);
    jetstream.get_stream(&rig.names.stream).await.unwrap().purge().await.unwrap();
    rig.published(rig.append(20).await).await;

    rig.assert_stored(21, 40).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_of_other_subjects_is_left_alone() {
    let rig = Rig::new().await;
    let jetstream = async_nats::jetstream::new(rig.client().await);
    let subjects = vec![format!("{}.other", rig.db.name)];
    let config = async_nats::jetstream::stream::Config {
        name: rig.names.stream.clone(),
        subjects: subjects.clone(),
        ..Default::default()
    };
    jetstream.create_stream(config).await.unwrap();

    let relay = rig.relay().await;
    let head = rig.append(3).await;
    let mut follower = bus::Follower::from(&rig.feed().await, 0);
    let events = follow(&mut follower, head).await;

    rig.assert_whole(&events).await;
    let stream = jetstream.get_stream(&rig.names.stream).await.unwrap();
    assert_eq!(stream.cached_info().config.subjects, subjects);
    assert_eq!(stream.cached_info().state.messages, 0);
    relay.stop().await;
}
