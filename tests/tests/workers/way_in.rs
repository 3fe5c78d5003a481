//! A log and the way in to it, as services and readers see it.

use crate::{
    people::Person,
    rig::{Rig, until},
};
use annals::{
    embedded::{Embedded, User},
    ingest::DeedForm,
};
use annals_tests::{Lab, lab::connect_nats};
use async_nats::{
    HeaderMap,
    jetstream::{self, consumer::pull::Config},
};
use bus::{
    Bus,
    ingest::{Counts, Names},
};
use commands::Activities;
use domain::{AnyEvent, DeedId, UserId, activity::ActivityEvent};
use futures::StreamExt;
use secrecy::SecretBox;
use std::{collections::BTreeMap, future::pending, sync::Arc, time::Duration};
use tokio::time::sleep;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::AbortOnDropHandle,
};
use workers::ingest::{Ingest, IngestOptions};

/// A log, and the way in to it.
pub struct WayIn {
    pub rig: Rig,
    pub names: Names,
    relay_url: String,
    roles_url: String,
    /// As services publish.
    pub sender: jetstream::Context,
    _streams: DropGuard,
}

/// What is in the log of one person, in order: the deed, and whether it is done or taken back.
pub type Story = Vec<(DeedId, bool)>;

impl WayIn {
    pub async fn new() -> Self {
        Self::on(&Lab::get().await.servers, Rig::new().await).await
    }

    pub async fn on(servers: &Embedded, rig: Rig) -> Self {
        let names =
            Names { stream: format!("S_{}_INGEST", rig.db.name), prefix: format!("{}.ingest", rig.db.name) };
        let url = |user| servers.nats_url(user);
        let sender = jetstream::new(connect_nats(&url(User::Ingest)).await);
        let stop = CancellationToken::new();
        let (relay_url, roles_url) = (url(User::Relay), url(User::Roles));
        tokio::spawn(bus::ingest::keep(bus(&relay_url, &rig).await, names.clone(), stop.clone()));
        let way = Self { rig, names, relay_url, roles_url, sender, _streams: stop.drop_guard() };
        until("the streams are made", async || way.counts().await.is_some()).await;
        way
    }

    pub async fn counts(&self) -> Option<Counts> {
        Counts::ask(&self.roles_url, &self.names).await.ok()
    }

    /// A reader that ends, as if killed, when the value is dropped.
    pub async fn reader(&self) -> AbortOnDropHandle<()> {
        let ingest = Ingest::new(IngestOptions {
            bus: bus(&self.roles_url, &self.rig).await,
            names: self.names.clone(),
            pool: self.rig.db.pool().await,
            activities: Activities::new(self.rig.executor()),
            form: Arc::new(DeedForm),
        });
        AbortOnDropHandle::new(tokio::spawn(ingest.run(CancellationToken::new())))
    }

    /// One of the next two messages goes to somebody who does nothing with it: it is lost, as with a connection.
    pub async fn loses_one(&self) -> AbortOnDropHandle<()> {
        let jetstream = jetstream::new(connect_nats(&self.roles_url).await);
        let stream = jetstream.get_stream(&self.names.stream).await.unwrap();
        until("a reader reads", async || stream.get_consumer::<Config>("annals").await.is_ok()).await;
        let mut consumer = stream.get_consumer::<Config>("annals").await.unwrap();
        let pull = consumer.fetch().max_messages(1).expires(Duration::from_secs(30));
        let mut messages = pull.messages().await.unwrap();
        until("both ask", async || consumer.info().await.unwrap().num_waiting == 2).await;
        AbortOnDropHandle::new(tokio::spawn(async move {
            let _lost = messages.next().await;
            pending().await
        }))
    }

    pub async fn people(&self, count: usize) -> Vec<Person> {
        let mut people = Vec::new();
        for n in 0..count {
            let mut person = self.rig.registers(&format!("p{n}@example.com")).await;
            self.rig.verifies(&mut person, &format!("p{n}@example.com")).await;
            people.push(person);
        }
        people
    }

    /// Publishes until JetStream has it.
    pub async fn publish(&self, service: &str, body: impl ToString) {
        let body = body.to_string();
        loop {
            if let Ok(sent) = self.sender.publish(self.names.activity(service), body.clone().into()).await
                && sent.await.is_ok()
            {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn recorded(&self) -> BTreeMap<UserId, Story> {
        let mut stories: BTreeMap<UserId, Story> = BTreeMap::new();
        for event in self.rig.store.reader().after(0, 100_000).await.unwrap() {
            match event.decode().unwrap() {
                AnyEvent::Activity(ActivityEvent::ActivityRecorded(e)) => {
                    stories.entry(e.deed.user).or_default().push((e.deed.id, true));
                }
                AnyEvent::Activity(ActivityEvent::ActivityReversed(e)) => {
                    stories.entry(e.deed.user).or_default().push((e.deed.id, false));
                }
                _ => {}
            }
        }
        stories
    }

    pub async fn number_recorded(&self) -> usize {
        self.recorded().await.values().map(Vec::len).sum()
    }

    /// Waits until nothing waits.
    pub async fn empties(&self) {
        until("the queue is empty", async || self.counts().await.is_some_and(|counts| counts.waiting == 0))
            .await;
    }

    /// What was set aside: subject, headers, body.
    pub async fn rejected(&self) -> Vec<(String, HeaderMap, String)> {
        let client = connect_nats(&self.relay_url).await;
        let stream = jetstream::new(client).get_stream(self.names.rejected_stream()).await.unwrap();
        let mut rejected = Vec::new();
        for sequence in 1..=stream.cached_info().state.last_sequence {
            let message = stream.get_raw_message(sequence).await.unwrap();
            let body = String::from_utf8_lossy(&message.payload).into_owned();
            rejected.push((message.subject.to_string(), message.headers, body));
        }
        rejected
    }
}

async fn bus(url: &str, rig: &Rig) -> Bus {
    let names =
        bus::Names { stream: format!("S_{}", rig.db.name), prefix: format!("{}.events", rig.db.name) };
    let cluster_key = SecretBox::new(Box::new([9; 32]));
    let options = bus::Options { url: url.to_owned(), names, cluster_key, log: rig.store.log_id() };
    Bus::connect(options).await.unwrap()
}
