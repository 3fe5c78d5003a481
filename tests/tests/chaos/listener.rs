//! Somebody else's program: reads the events with a plain NATS client, and none of our code but a header's name.

use crate::world::World;
use annals::embedded::User;
use async_nats::{
    Client, HeaderMap, jetstream,
    jetstream::consumer::{DeliverPolicy, pull},
};
use bus::{Names, wire};
use futures::StreamExt;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Every position ever seen, and what was said to stand there.
#[derive(Default)]
pub struct Seen {
    pub positions: BTreeMap<i64, String>,
    /// Positions that were seen with two different events.
    pub contradictions: Vec<i64>,
    pub live: usize,
    pub reread: usize,
    /// How often the stream began anew.
    pub wipes: usize,
}

pub struct Listener {
    seen: Arc<Mutex<Seen>>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Listener {
    pub async fn start(world: &World) -> Self {
        let client = world.lab.plain_nats(User::ReadOnly).await;
        let (seen, stop) = (Arc::default(), CancellationToken::new());
        let live = tokio::spawn(live(client.clone(), world.names.clone(), Arc::clone(&seen), stop.clone()));
        let reread = tokio::spawn(reread(client, world.names.clone(), Arc::clone(&seen), stop.clone()));
        Self { seen, stop, tasks: vec![live, reread] }
    }

    /// The last position without a gap before it.
    pub fn reached(&self) -> i64 {
        let seen = self.seen.lock().unwrap();
        (1..).zip(seen.positions.keys()).take_while(|(n, position)| n == *position).count() as i64
    }

    pub async fn stop(self) -> Seen {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

/// What is published, as it is published.
async fn live(client: Client, names: Names, seen: Arc<Mutex<Seen>>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let Ok(mut messages) = client.subscribe(names.all()).await else { continue };
        while let Some(Some(message)) = stop.run_until_cancelled(messages.next()).await {
            let mut seen = seen.lock().unwrap();
            seen.live += 1;
            seen.note(message.headers.as_ref());
        }
    }
}

/// The stream, read on from where it broke off, or from its beginning if it is another one.
async fn reread(client: Client, names: Names, seen: Arc<Mutex<Seen>>, stop: CancellationToken) {
    let mut jetstream = jetstream::new(client);
    jetstream.set_timeout(Duration::from_secs(2));
    let mut next = 1;
    let mut born = None;
    while !stop.is_cancelled() {
        let Ok(stream) = jetstream.get_stream(&names.stream).await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let info = stream.cached_info();
        if born != Some(info.created) {
            seen.lock().unwrap().wipes += usize::from(born.is_some());
            (born, next) = (Some(info.created), 1);
        }
        let deliver_policy = DeliverPolicy::ByStartSequence { start_sequence: next };
        let config = pull::OrderedConfig { deliver_policy, ..Default::default() };
        let Ok(consumer) = stream.create_consumer(config).await else { continue };
        let Ok(mut messages) = consumer.messages().await else { continue };
        while let Ok(Some(Ok(message))) = timeout(Duration::from_secs(1), messages.next()).await {
            let mut seen = seen.lock().unwrap();
            seen.reread += 1;
            seen.note(message.headers.as_ref());
            next = message.info().unwrap().stream_sequence + 1;
        }
    }
}

impl Seen {
    fn note(&mut self, headers: Option<&HeaderMap>) {
        let Some(position) = wire::position(headers) else { return };
        let id =
            headers.and_then(|headers| headers.get("ce-id")).map(ToString::to_string).unwrap_or_default();
        let known = self.positions.entry(position).or_insert_with(|| id.clone());
        if *known != id {
            self.contradictions.push(position);
        }
    }
}
