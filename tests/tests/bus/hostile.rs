//! Somebody who may publish on the subjects and does.

use crate::rig::*;
use annals::embedded::User;
use async_nats::{Client, HeaderMap};
use bus::{Feed, Follower, wire};
use domain::EventId;
use std::time::Duration;
use store::{LogId, Recorded};
use tokio::time::{sleep, timeout};

async fn publish(client: &Client, message: &wire::Outgoing) {
    let wire::Outgoing { subject, headers, body } = message.clone();
    client.publish_with_headers(subject, headers, body).await.unwrap();
}

/// An event that never was, at a position that may be.
fn invented(like: &Recorded, position: i64) -> Recorded {
    let event_id = EventId::mint(like.recorded_at, annals_tests::samples::random());
    Recorded { position, event_id, ..like.clone() }
}

/// Messages that a follower must not believe: of another key, another epoch, without headers, without sense.
fn lies(rig: &Rig, like: &Recorded, position: i64) -> Vec<wire::Outgoing> {
    let log = rig.store.log_id();
    let event = invented(like, position);
    let keys = [
        wire::LogKey::new(&[0; 32], log),
        wire::LogKey::new(&CLUSTER_KEY, LogId { epoch: log.epoch + 1, ..log }),
    ];
    let mut lies: Vec<_> = keys.iter().map(|key| wire::encode(&event, &rig.names, key, usize::MAX)).collect();
    let mut moved = true_message(rig, like);
    moved.headers.insert(wire::POSITION, position.to_string());
    lies.push(moved);
    let mut bare = true_message(rig, like);
    bare.headers = HeaderMap::new();
    lies.push(bare);
    lies
}

fn true_message(rig: &Rig, event: &Recorded) -> wire::Outgoing {
    let key = wire::LogKey::new(&CLUSTER_KEY, rig.store.log_id());
    wire::encode(event, &rig.names, &key, wire::BODY_LIMIT)
}

async fn log_of(rig: &Rig) -> Vec<Recorded> {
    rig.store.reader().after(0, 100_000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_yields_the_log_through_lies_and_repeats_while_the_relay_works() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    rig.published(rig.append(20).await).await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let client = rig.client().await;

    let attack = async {
        for round in 0..30 {
            let log = log_of(&rig).await;
            for (n, like) in log.iter().rev().take(5).enumerate() {
                for lie in lies(&rig, like, log.len() as i64 + n as i64 - 1) {
                    publish(&client, &lie).await;
                }
                publish(&client, &true_message(&rig, &log[(round * 7 + n) % log.len()])).await;
            }
            sleep(Duration::from_millis(10)).await;
        }
    };
    let work = async {
        for _ in 0..60 {
            rig.append(5).await;
            sleep(Duration::from_millis(5)).await;
        }
    };
    let ((), (), events) = tokio::join!(attack, work, follow(&mut follower, 320));

    rig.assert_whole(&events).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_without_a_relay_puts_scattered_messages_in_order() {
    let rig = Rig::new().await;
    let client = rig.client().await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let mut events = follow(&mut follower, rig.append(1).await).await;

    let head = rig.append(100).await;
    let mut messages: Vec<_> = log_of(&rig).await.iter().map(|event| true_message(&rig, event)).collect();
    messages.rotate_left(40);
    messages.chunks_mut(7).for_each(<[_]>::reverse);
    for message in messages.iter().chain(&messages) {
        publish(&client, message).await;
    }
    events.extend(follow(&mut follower, head).await);

    rig.assert_whole(&events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_next_event_is_never_yielded() {
    let rig = Rig::new().await;
    let client = rig.client().await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let head = rig.append(3).await;
    let mut events = follow(&mut follower, head).await;

    for lie in lies(&rig, &events[0], head + 1) {
        publish(&client, &lie).await;
    }
    client.flush().await.unwrap();
    let fooled = timeout(Duration::from_millis(700), follower.next(10)).await;

    assert!(fooled.is_err(), "{fooled:?}");
    events.extend(follow(&mut follower, rig.append(2).await).await);
    rig.assert_whole(&events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_goes_on_behind_foreign_messages() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    rig.published(rig.append(5).await).await;
    let like = log_of(&rig).await.remove(0);

    for lie in lies(&rig, &like, 6) {
        publish(&rig.client().await, &lie).await;
    }
    rig.published(rig.append(5).await).await;

    let feed = Feed::new(rig.store.reader(), Some(rig.bus(User::Roles, rig.store.log_id()).await));
    let events = follow(&mut Follower::from(&feed, 0), 10).await;
    rig.assert_whole(&events).await;
    let log: Vec<_> = events.iter().map(|event| (event.position, event.event_id.to_string())).collect();
    let stored = rig.stored().await.into_iter().map(|message| (message.position, message.event_id));
    let own: Vec<_> = stored.filter(|message| log.contains(message)).collect();
    assert_eq!(own, log);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_publishes_its_backlog_again_behind_a_flood_of_foreign_messages() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    rig.published(rig.append(5).await).await;
    relay.stop().await;
    let client = rig.client().await;
    for _ in 0..300 {
        client.publish(rig.names.subject(&log_of(&rig).await[0]), "flood".into()).await.unwrap();
    }
    client.flush().await.unwrap();

    let options = bus::RelayOptions { backlog: 2, ..Default::default() };
    let relay = rig.relay_with(rig.store.clone(), options).await;
    rig.published(rig.append(1).await).await;

    let positions: Vec<i64> = rig.stored().await.iter().map(|m| m.position).filter(|p| *p > 0).collect();
    assert!(positions == [1, 2, 3, 4, 5, 4, 5, 6] || positions == [1, 2, 3, 4, 5, 5, 6], "{positions:?}");
    relay.stop().await;
}

/// A message in the middle of a window takes the place of one of ours. Without the chain of message ids the one after it
/// would find the sequence that it expects, and the displaced position would be missing for ever.
#[tokio::test(flavor = "multi_thread")]
async fn foreign_messages_within_a_window_displace_nothing_for_good() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    let client = rig.client().await;
    rig.published(rig.append(1).await).await;

    let attack = async {
        for _ in 0..40 {
            client.publish(format!("{}.foreign.message", rig.names.prefix), "x".into()).await.unwrap();
            client.flush().await.unwrap();
            sleep(Duration::from_millis(3)).await;
        }
    };
    let work = async {
        for _ in 0..20 {
            rig.append(100).await;
        }
    };
    tokio::join!(attack, work);

    let head = rig.append(1).await;
    rig.published(head).await;
    let stored = rig.stored().await;
    let positions: Vec<i64> = stored.iter().map(|message| message.position).filter(|p| *p > 0).collect();
    assert_eq!(positions, (1..=head).collect::<Vec<_>>());
    relay.stop().await;
}
