//! The relay: publishes the log to NATS, each position once and in order, and nothing else publishes.
//!
//! The stream's own tail is its checkpoint. Every message says which stream sequence must be the last one when it
//! arrives, so of two relays that both believe to be the active one, one fails: they cannot interleave. Whatever
//! fails, the answer is the same: read the tail again and go on from there.

use crate::{
    connection::Bus,
    error::BusError,
    source::Source,
    stream::{self, Start},
    wire,
};
use async_nats::jetstream::{context::PublishAckFuture, message::PublishMessage};
use std::{convert::Infallible, time::Duration};
use store::{Lease, Recorded, Store, StoreError};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

/// Leaves one relay of several active; a holder that lost it without noticing is stopped by NATS.
/// `annals` and a number, as one of PostgreSQL's 64-bit lock keys.
const LOCK: i64 = 0x616e_6e61_6c73_0001;

/// How the relay works.
#[derive(Clone, Debug)]
pub struct RelayOptions {
    /// Events that are published again when the stream was lost.
    pub backlog: i64,
    /// Messages that may be unacknowledged at a time.
    pub window: usize,
    /// How often the log is looked at for commits of other processes.
    pub poll: Duration,
    /// Bytes that a stream made by the relay keeps; then the oldest messages go.
    pub max_bytes: i64,
    /// Whether to take the advisory lock. Without it several relays are still correct, only wasteful.
    pub exclusive: bool,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            backlog: 100_000,
            window: 256,
            poll: Duration::from_millis(50),
            max_bytes: 1 << 30,
            exclusive: true,
        }
    }
}

/// One relay. Any number may run; one is active.
pub struct Relay {
    store: Store,
    bus: Bus,
    options: RelayOptions,
}

/// A message on its way.
struct Sent {
    position: i64,
    sequence: u64,
    lag: i64,
    ack: PublishAckFuture,
}

impl Relay {
    /// `bus` must have the relay user's rights.
    pub fn new(store: Store, bus: Bus, options: RelayOptions) -> Self {
        Self { store, bus, options }
    }

    /// Publishes until told to stop. What is unpublished then, the next relay publishes.
    pub async fn run(self, stop: CancellationToken) {
        let active = metrics::gauge!("annals_relay_active");
        active.set(0.0);
        stop.run_until_cancelled(self.serve()).await;
        active.set(0.0);
    }

    async fn serve(&self) -> Infallible {
        let mut pause = Pause::default();
        loop {
            // Without NATS the lock would only keep away a relay that can reach it.
            self.bus.connected().await;
            let started = Instant::now();
            let Err(error) = self.hold_and_publish(&mut pause).await;
            metrics::gauge!("annals_relay_active").set(0.0);
            pause.after(started, &error).await;
        }
    }

    async fn hold_and_publish(&self, pause: &mut Pause) -> Result<Infallible, BusError> {
        if !self.options.exclusive {
            return self.publish_while_connected(pause).await;
        }
        let lease = Lease::take(self.store.pool(), LOCK).await?;
        tokio::select! {
            ended = self.publish_while_connected(pause) => ended,
            () = lease.lost() => Err(StoreError::Unavailable(sqlx::Error::PoolTimedOut).into()),
        }
    }

    async fn publish_while_connected(&self, pause: &mut Pause) -> Result<Infallible, BusError> {
        loop {
            let started = Instant::now();
            let Err(error) = self.publish_from_tail().await;
            if !self.bus.is_connected() {
                return Err(error);
            }
            pause.after(started, &error).await;
        }
    }

    /// Ends with the first thing that goes wrong.
    async fn publish_from_tail(&self) -> Result<Infallible, BusError> {
        let mut link = self.bus.link();
        // Listening starts before the tail is read, so that what is committed meanwhile is already at hand.
        let source = Source::new(&self.store, self.options.poll);
        let start = stream::open(&self.bus, &self.store.reader(), &self.options).await?;
        tracing::info!(position = start.next, sequence = start.sequence, "publishing");
        metrics::gauge!("annals_relay_active").set(1.0);
        let (sent, acks) = mpsc::channel(self.options.window);
        tokio::select! {
            ended = self.publish(start, source, sent) => ended,
            ended = confirm(acks) => ended,
            // What was under way may or may not have arrived: only the tail can tell.
            _ = link.changed() => Err(BusError::Reconnected),
        }
    }

    async fn publish(
        &self,
        start: Start,
        mut source: Source,
        sent: mpsc::Sender<Sent>,
    ) -> Result<Infallible, BusError> {
        source.start_at(start.next);
        let mut link = Link::first(start.sequence)?;
        loop {
            let chunk = source.next().await?;
            for event in chunk.events() {
                let ack = self.send(event, &link).await?;
                let first = link.former.is_none();
                link = link.next(event.position);
                let lag = source.lag(event.position);
                let on_its_way = Sent { position: event.position, sequence: link.sequence, lag, ack };
                if first {
                    // Nothing holds the first one to its place but the sequence: more would be too soon.
                    on_its_way.confirmed().await?;
                } else {
                    sent.send(on_its_way).await.map_err(|_| BusError::Reconnected)?;
                }
            }
        }
    }

    async fn send(&self, event: &Recorded, link: &Link) -> Result<PublishAckFuture, BusError> {
        let names = self.bus.names();
        let message = wire::encode(event, names, self.bus.key(), self.bus.body_limit());
        let mut publish = PublishMessage::build()
            .headers(message.headers)
            .payload(message.body)
            .expected_stream(&names.stream)
            .expected_last_sequence(link.sequence)
            .message_id(link.id(event.position));
        if let Some(former) = &link.former {
            publish = publish.expected_last_message_id(former);
        }
        let sent = self.bus.jetstream().send_publish(message.subject, publish).await;
        sent.map_err(BusError::nats("publish"))
    }
}

/// The required end of the stream for the next message to be accepted.
///
/// The sequence alone is not enough: a message of somebody else takes the place of one of ours, and the one after it
/// finds exactly the sequence that it expects. So each message also names the one before it by an id that nobody else
/// can know (ADR 3).
struct Link {
    sequence: u64,
    /// None for the first message of an activation.
    former: Option<String>,
    nonce: String,
}

impl Link {
    fn first(sequence: u64) -> Result<Self, BusError> {
        let mut nonce = [0; 8];
        aws_lc_rs::rand::fill(&mut nonce).map_err(|_| BusError::Refused("no randomness".into()))?;
        Ok(Self { sequence, former: None, nonce: format!("{:016x}", u64::from_be_bytes(nonce)) })
    }

    /// Never used twice, so that the stream's own deduplication never swallows a message.
    fn id(&self, position: i64) -> String {
        format!("{position}:{}", self.nonce)
    }

    fn next(self, position: i64) -> Self {
        Self { sequence: self.sequence + 1, former: Some(self.id(position)), ..self }
    }
}

impl Sent {
    async fn confirmed(self) -> Result<(), BusError> {
        let ack = self.ack.await.map_err(BusError::nats("publish"))?;
        if ack.sequence != self.sequence || ack.duplicate {
            let (position, found) = (self.position, ack.sequence);
            return Err(BusError::Refused(format!("{position} went to sequence {found} of the stream")));
        }
        metrics::counter!("annals_relay_published_total").increment(1);
        metrics::gauge!("annals_relay_position").set(self.position as f64);
        metrics::gauge!("annals_relay_lag").set(self.lag as f64);
        Ok(())
    }
}

async fn confirm(mut sent: mpsc::Receiver<Sent>) -> Result<Infallible, BusError> {
    while let Some(message) = sent.recv().await {
        message.confirmed().await?;
    }
    Err(BusError::Reconnected)
}

/// Waits between attempts: at first hardly, then longer, and from the start again after a time that went well.
#[derive(Default)]
struct Pause(Duration);

impl Pause {
    const LEAST: Duration = Duration::from_millis(5);
    const MOST: Duration = Duration::from_secs(1);

    async fn after(&mut self, started: Instant, error: &BusError) {
        metrics::counter!("annals_relay_restarts_total").increment(1);
        let went_well = started.elapsed() > Self::MOST;
        self.0 = if went_well { Self::LEAST } else { (self.0 * 2).clamp(Self::LEAST, Self::MOST) };
        let cause = std::error::Error::source(error).map(ToString::to_string);
        tracing::warn!(%error, cause, pause = ?self.0, "the relay starts again from the stream's tail");
        tokio::time::sleep(self.0).await;
    }
}
