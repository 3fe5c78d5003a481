//! A log, a stream and what stands between them; each test has its own of all three.

use annals::embedded::{Embedded, User};
use annals_tests::{Db, Lab, samples::*};
use async_nats::{ConnectOptions, HeaderMap, ServerAddr, jetstream};
use bus::{Bus, Feed, Follower, Names, Options, Relay, RelayOptions, wire};
use domain::{EventId, EventKind};
use futures::future::join_all;
use secrecy::SecretBox;
use serde_json::{json, value::to_raw_value};
use std::{future::Future, time::Duration};
use store::{LogId, NewEvent, Recorded, Store};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub const CLUSTER_KEY: [u8; 32] = [9; 32];

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Rig {
    pub db: Db,
    pub store: Store,
    pub names: Names,
    relay_url: String,
    roles_url: String,
}

/// A message as it stands in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub sequence: u64,
    pub position: i64,
    pub log: String,
    pub event_id: String,
}

/// A relay at work.
pub struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub async fn stop(self) {
        self.stop.cancel();
        within(self.task).await.unwrap();
    }
}

impl Rig {
    /// On the servers that all tests share.
    pub async fn new() -> Self {
        Self::on(&Lab::get().await.servers, Lab::db().await).await
    }

    pub async fn on(servers: &Embedded, db: Db) -> Self {
        let names = Names { stream: format!("S_{}", db.name), prefix: format!("{}.events", db.name) };
        let (relay_url, roles_url) = (servers.nats_url(User::Relay), servers.nats_url(User::Roles));
        Self { store: db.store().await, db, names, relay_url, roles_url }
    }

    /// Appends so many events, by concurrent commands; returns the head.
    pub async fn append(&self, count: usize) -> i64 {
        append(&self.store, count).await
    }

    pub async fn bus(&self, user: User, log: LogId) -> Bus {
        let url = if user == User::Relay { &self.relay_url } else { &self.roles_url };
        connect(url, self.names.clone(), log).await
    }

    pub async fn relay(&self) -> Running {
        self.relay_with(self.store.clone(), RelayOptions::default()).await
    }

    pub async fn relay_with(&self, store: Store, options: RelayOptions) -> Running {
        let bus = self.bus(User::Relay, store.log_id()).await;
        let stop = CancellationToken::new();
        let task = tokio::spawn(Relay::new(store, bus, options).run(stop.clone()));
        Running { stop, task }
    }

    pub async fn feed(&self) -> Feed {
        let bus = self.bus(User::Roles, self.store.log_id()).await;
        within(bus.connected()).await;
        Feed::new(self.store.reader(), Some(bus))
    }

    /// A client with all rights and none of our code.
    pub async fn client(&self) -> async_nats::Client {
        let address: ServerAddr = self.relay_url.parse().unwrap();
        let (user, password) = (address.username().unwrap(), address.password().unwrap());
        let options = ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned());
        options.retry_on_initial_connect().connect(address).await.unwrap()
    }

    /// Everything in the stream; what is not an event of a log has position 0.
    pub async fn stored(&self) -> Vec<Stored> {
        let jetstream = jetstream::new(self.client().await);
        let stream = jetstream.get_stream(&self.names.stream).await.unwrap();
        let state = &stream.cached_info().state;
        let mut stored = Vec::new();
        for sequence in state.first_sequence..=state.last_sequence {
            let headers = stream.get_raw_message(sequence).await.unwrap().headers;
            stored.push(stored_as(sequence, &headers));
        }
        stored
    }

    /// Waits until the stream ends with this position.
    pub async fn published(&self, position: i64) {
        let jetstream = jetstream::new(self.client().await);
        within(async {
            while last_position(&jetstream, &self.names).await != Some(position) {
                sleep(Duration::from_millis(10)).await;
            }
        })
        .await;
    }

    /// Asserts that the stream holds `first..=last` of the log, each once, in order, each at its own sequence.
    pub async fn assert_stored(&self, first: i64, last: i64) {
        let found: Vec<_> = self.stored().await.iter().map(|m| (m.sequence, m.position)).collect();
        let expected: Vec<_> = (first..=last).map(|p| (p as u64, p)).collect();
        assert_eq!(found, expected);
    }

    /// Asserts that these are the log's events from the first on, each once, in order.
    pub async fn assert_whole(&self, events: &[Recorded]) {
        let log = self.store.reader().after(0, 1_000_000).await.unwrap();
        let ids = |events: &[Recorded]| events.iter().map(|e| (e.position, e.event_id)).collect::<Vec<_>>();
        assert_eq!(ids(events), ids(&log));
    }
}

pub async fn connect(url: &str, names: Names, log: LogId) -> Bus {
    let cluster_key = SecretBox::new(Box::new(CLUSTER_KEY));
    Bus::connect(Options { url: url.to_owned(), names, cluster_key, log }).await.unwrap()
}

pub async fn append(store: &Store, count: usize) -> i64 {
    let appended = join_all((0..count).map(|_| async {
        let user = new_user();
        let command = submission(profile_stream(user), 0, vec![event(&profile_created(user))]);
        store.submit(command).await.unwrap().position
    }));
    appended.await.into_iter().max().unwrap_or(0)
}

/// Appends one event whose body is too long for a message.
pub async fn append_oversized(store: &Store) -> i64 {
    let kind = EventKind { aggregate: "profile", event_type: "profile_created", version: "1" };
    let payload = to_raw_value(&json!({ "text": "x".repeat(wire::BODY_LIMIT) })).unwrap();
    let large = NewEvent { event_id: EventId::mint(noon(), random()), kind, payload };
    store.submit(submission(profile_stream(new_user()), 0, vec![large])).await.unwrap().position
}

/// Everything up to a position; errors are what a caller lives through.
pub async fn follow(follower: &mut Follower, to: i64) -> Vec<Recorded> {
    let mut events = Vec::new();
    within(async {
        while follower.position() < to {
            match follower.next(100).await {
                Ok(more) => events.extend(more),
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await;
    events
}

pub async fn within<F: Future>(work: F) -> F::Output {
    match timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("not done within {PATIENCE:?}"),
    }
}

fn stored_as(sequence: u64, headers: &HeaderMap) -> Stored {
    let text = |name: &str| headers.get(name).map(ToString::to_string).unwrap_or_default();
    let position = wire::position(Some(headers)).unwrap_or(0);
    Stored { sequence, position, log: text(wire::LOG), event_id: text("ce-id") }
}

async fn last_position(jetstream: &jetstream::Context, names: &Names) -> Option<i64> {
    let stream = jetstream.get_stream(&names.stream).await.ok()?;
    let last = stream.get_raw_message(stream.cached_info().state.last_sequence).await.ok()?;
    wire::position(Some(&last.headers))
}
