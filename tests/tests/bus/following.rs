//! What a follower yields when nobody is hostile.

use crate::rig::*;
use bus::{Feed, Follower};
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[tokio::test(flavor = "multi_thread")]
async fn follows_from_a_cursor_through_catching_up_into_the_live_tail() {
    let rig = Rig::new().await;
    rig.append(250).await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 100);

    let (_, events) = tokio::join!(rig.append(250), follow(&mut follower, 500));

    let positions: Vec<i64> = events.iter().map(|event| event.position).collect();
    assert_eq!(positions, (101..=500).collect::<Vec<_>>());
    assert_eq!((follower.position(), follower.lag()), (500, 0));
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yields_at_most_the_limit() {
    let rig = Rig::new().await;
    rig.append(25).await;
    let mut follower = Follower::from(&rig.feed().await, 0);

    let sizes = [follower.next(10).await, follower.next(10).await, follower.next(10).await];

    assert_eq!(sizes.map(|events| events.unwrap().len()), [10, 10, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn loses_nothing_when_dropped_at_any_await() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);

    let reading = async {
        let mut events = Vec::new();
        for n in 0_u64.. {
            let impatience = Duration::from_micros(50 + n * 37 % 2000);
            if let Ok(more) = timeout(impatience, follower.next(7)).await {
                events.extend(more.unwrap());
            }
            if follower.position() == 400 {
                break;
            }
        }
        events
    };
    let writing = async {
        for _ in 0..100 {
            rig.append(4).await;
        }
    };
    let (events, ()) = tokio::join!(within(reading), writing);

    rig.assert_whole(&events).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_from_the_log_what_is_too_large_for_a_message() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let mut events = follow(&mut follower, rig.append(3).await).await;

    append_oversized(&rig.store).await;
    let head = rig.append(3).await;
    events.extend(follow(&mut follower, head).await);
    rig.published(head).await;

    rig.assert_whole(&events).await;
    assert!(events[3].payload.get().len() > bus::wire::BODY_LIMIT);
    rig.assert_stored(1, head).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn works_without_nats_from_the_start() {
    let rig = Rig::new().await;
    // Port 9 (discard): nobody listens.
    let down = connect("nats://127.0.0.1:9", rig.names.clone(), rig.store.log_id()).await;
    for bus in [None, Some(down)] {
        assert!(bus.as_ref().is_none_or(|bus| !bus.is_connected()));
        let mut follower = Follower::from(&Feed::new(rig.store.reader(), bus), 0);

        let mut events = follow(&mut follower, rig.append(10).await).await;
        events.extend(follow(&mut follower, rig.append(10).await).await);

        rig.assert_whole(&events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn is_never_long_behind_when_nobody_publishes() {
    let rig = Rig::new().await;
    let mut follower = Follower::from(&rig.feed().await, 0);

    for _ in 0..5 {
        let head = rig.append(1).await;
        timeout(Duration::from_secs(5), follow(&mut follower, head)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn freshness_is_confirmed_again_and_again_while_idle_and_while_busy() {
    let rig = Rig::new().await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let freshness = follower.freshness();
    assert!(freshness.last_confirmed().is_none());

    let following = tokio::spawn(async move { while follower.next(100).await.is_ok() {} });
    let advances = async |times: usize| {
        for _ in 0..times {
            let before = freshness.last_confirmed();
            while freshness.last_confirmed() == before {
                sleep(Duration::from_millis(5)).await;
            }
        }
    };
    within(advances(4)).await;
    let busy = async {
        loop {
            rig.append(3).await;
        }
    };
    tokio::select! {
        () = within(advances(4)) => {}
        () = busy => {}
    }

    following.abort();
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn freshness_waits_until_what_was_returned_is_dealt_with() {
    let rig = Rig::new().await;
    rig.append(3).await;
    let mut follower = Follower::from(&Feed::new(rig.store.reader(), None), 0);
    let freshness = follower.freshness();

    follower.next(10).await.unwrap();
    assert!(freshness.last_confirmed().is_none());

    let idle = timeout(Duration::from_millis(1), follower.next(10)).await;
    assert!(idle.is_err());
    assert!(freshness.is_within(Duration::from_secs(60)));
}
