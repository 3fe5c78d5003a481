//! From the acknowledged commit to whoever listens: the hand-over must not wait for a poll.

use crate::rig::*;
use bus::{Follower, wire};
use futures::StreamExt;
use std::time::{Duration, Instant};

/// Half of what polling alone would take on average.
const BOUND: Duration = Duration::from_millis(12);

fn report(what: &str, mut times: Vec<Duration>) -> Duration {
    times.sort();
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!("commit -> {what}: median {:?}, 90 % {:?}, 99 % {:?}", at(50), at(90), at(99));
    at(50)
}

#[tokio::test(flavor = "multi_thread")]
async fn event_reaches_a_subscriber_without_waiting_for_a_poll() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    let client = rig.client().await;
    let mut messages = client.subscribe(rig.names.all()).await.unwrap();
    client.flush().await.unwrap();
    rig.published(rig.append(1).await).await;

    let mut times = Vec::new();
    for _ in 0..200 {
        let head = rig.append(1).await;
        let committed = Instant::now();
        let arrives = async {
            while let Some(message) = messages.next().await {
                if wire::position(message.headers.as_ref()) == Some(head) {
                    break;
                }
            }
        };
        within(arrives).await;
        times.push(committed.elapsed());
    }

    assert!(report("core subscriber", times) < BOUND);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_reaches_a_follower_without_waiting_for_a_poll() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let head = rig.append(1).await;
    rig.published(head).await;
    follow(&mut follower, head).await;

    let mut times = Vec::new();
    for _ in 0..200 {
        let head = rig.append(1).await;
        let committed = Instant::now();
        follow(&mut follower, head).await;
        times.push(committed.elapsed());
    }

    assert!(report("follower", times) < BOUND);
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backlog_goes_through_in_batches() {
    let rig = Rig::new().await;
    for _ in 0..10 {
        rig.append(1000).await;
    }
    let began = Instant::now();
    let relay = rig.relay().await;
    rig.published(10_000).await;

    println!("10,000 events published in {:?}", began.elapsed());
    relay.stop().await;
}
