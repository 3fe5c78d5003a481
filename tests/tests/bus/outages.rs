//! Servers that are killed and lose their data. Each test has servers of its own.

use crate::rig::*;
use annals::embedded::{Embedded, Options};
use annals_tests::{Db, Lab};
use async_nats::jetstream::{self, consumer::pull};
use bus::{Follower, wire};
use futures::StreamExt;
use std::{collections::BTreeSet, path::PathBuf, time::Duration};
use tokio::time::{sleep, timeout};

struct Servers {
    embedded: Embedded,
    directory: PathBuf,
}

impl Servers {
    async fn start(name: &str) -> (Self, Rig) {
        // Below the directory of the shared ones, with which it is removed.
        Lab::get().await;
        let lab = format!("annals-lab-{}", std::process::id());
        let directory = std::env::temp_dir().join(lab).join(name);
        let options = Options { nats_open: true, ..Options::new(&directory) };
        let embedded = Embedded::start(options).await.unwrap();
        let rig = Rig::on(&embedded, Db::of(&embedded, name).await).await;
        (Self { embedded, directory }, rig)
    }

    /// NATS is killed and comes back without anything.
    async fn wipe_nats(&self) {
        self.embedded.suspend_supervision(true);
        self.embedded.kill_nats();
        within(async {
            while self.embedded.pids().1.is_some() {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        std::fs::remove_dir_all(self.directory.join("nats/store/jetstream")).unwrap();
        self.embedded.suspend_supervision(false);
    }
}

/// Somebody else's program: reads the stream, and starts over from its beginning whenever it hears nothing.
async fn plain_client(rig: &Rig, seen: &mut BTreeSet<i64>, until: i64) {
    let jetstream = jetstream::new(rig.client().await);
    while !seen.contains(&until) {
        let Ok(stream) = jetstream.get_stream(&rig.names.stream).await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let config = pull::OrderedConfig::default();
        let Ok(consumer) = stream.create_consumer(config).await else { continue };
        let Ok(mut messages) = consumer.messages().await else { continue };
        while let Ok(Some(Ok(message))) = timeout(Duration::from_secs(1), messages.next()).await {
            seen.extend(wire::position(message.headers.as_ref()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_nats_costs_neither_relay_nor_follower_an_event() {
    let (servers, rig) = Servers::start("killed").await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);

    let work = async {
        for round in 0..150 {
            rig.append(4).await;
            if round % 50 == 25 {
                servers.embedded.kill_nats();
            }
        }
    };
    let ((), events) = tokio::join!(work, follow(&mut follower, 600));
    rig.published(600).await;

    rig.assert_whole(&events).await;
    rig.assert_stored(1, 600).await;
    relay.stop().await;
    servers.embedded.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follower_goes_on_while_nats_is_down() {
    let (servers, rig) = Servers::start("down").await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let mut events = follow(&mut follower, rig.append(10).await).await;

    servers.embedded.suspend_supervision(true);
    servers.embedded.kill_nats();
    events.extend(follow(&mut follower, rig.append(10).await).await);
    servers.embedded.suspend_supervision(false);
    let head = rig.append(10).await;
    events.extend(follow(&mut follower, head).await);
    rig.published(head).await;

    rig.assert_whole(&events).await;
    rig.assert_stored(1, 30).await;
    relay.stop().await;
    servers.embedded.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wiped_nats_is_filled_again_and_nobody_misses_an_event() {
    let (servers, rig) = Servers::start("wiped").await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);
    let mut seen = BTreeSet::new();

    let work = async {
        for round in 0..90 {
            let head = rig.append(5).await;
            if round % 30 == 15 {
                rig.published(head).await;
                tokio::join!(rig.append(5), servers.wipe_nats());
            }
        }
    };
    let client = within(plain_client(&rig, &mut seen, 465));
    let ((), events, ()) = tokio::join!(work, follow(&mut follower, 465), client);
    rig.published(465).await;

    rig.assert_whole(&events).await;
    assert!(seen.into_iter().eq(1..=465), "the plain client missed events");
    rig.assert_stored(1, 465).await;
    relay.stop().await;
    servers.embedded.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_postgres_costs_neither_relay_nor_follower_an_event() {
    let (servers, rig) = Servers::start("postgres").await;
    let relay = rig.relay().await;
    let mut follower = Follower::from(&rig.feed().await, 0);

    let work = async {
        for round in 0..60 {
            rig.append(5).await;
            if round == 30 {
                servers.embedded.kill_postgres();
            }
        }
    };
    let ((), events) = tokio::join!(work, follow(&mut follower, 300));
    rig.published(300).await;

    rig.assert_whole(&events).await;
    rig.assert_stored(1, 300).await;
    relay.stop().await;
    servers.embedded.stop().await;
}
