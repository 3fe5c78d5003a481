//! Activity that other services publish is recorded in the log (C-41, EVT-01).
//!
//! One process reads at a time, so that the deeds of a person are recorded in the order in which they were published;
//! another takes over when it is gone. A message is taken off the queue when its deeds are in the log, so that a deed is
//! told at least once; its name makes it one. What is refused for good is set aside with the reason, and the next goes on.
//! Look next at [`round`], which does the messages at hand.

mod round;

use bus::{
    Bus, BusError,
    ingest::{Inbox, Names},
};
use commands::{Activities, CommandError, Said};
use round::Round;
use sqlx::PgPool;
use std::{convert::Infallible, sync::Arc, time::Duration};
use store::Lease;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Leaves one process of several reading. `annals` and a number, as one of PostgreSQL's 64-bit lock keys.
const LOCK: i64 = 0x616e_6e61_6c73_0002;
/// Messages at hand at once.
const WINDOW: usize = 64;
/// Before the next try after NATS or the log failed.
const PAUSE: Duration = Duration::from_millis(500);

/// What the reader needs.
#[derive(Clone)]
pub struct IngestOptions {
    /// With the roles' rights: reads the stream, publishes what was refused.
    pub bus: Bus,
    pub names: Names,
    /// For the lock that leaves one process reading.
    pub pool: PgPool,
    pub activities: Activities,
    pub form: Arc<dyn Form>,
}

/// Why something was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Kebab case, stable; that of the first thing that is wrong.
    pub code: String,
    /// All that is wrong, with pointers into the body, and no value of it.
    pub detail: String,
}

/// A deed of a message.
#[derive(Clone, Debug)]
pub struct Told {
    /// Where it stands in the body: a JSON pointer (RFC 6901).
    pub pointer: String,
    pub said: Result<Said, Fault>,
}

/// The form of messages, which is that of requests over HTTP. The composition root answers.
pub trait Form: Send + Sync + 'static {
    /// The deeds of a message, each readable or not for itself. `name` is that of a single deed whose body has none.
    ///
    /// # Errors
    /// When nothing of it can be read.
    fn read(&self, body: &[u8], name: Option<&str>) -> Result<Vec<Told>, Fault>;

    /// Why the deed at this pointer was refused, as a request would be told.
    fn fault(&self, pointer: &str, error: CommandError) -> Fault;
}

/// Reads what services publish. Any number of processes may run it; one reads.
pub struct Ingest {
    options: IngestOptions,
}

impl Ingest {
    pub const fn new(options: IngestOptions) -> Self {
        Self { options }
    }

    /// Until told to stop, or dropped: what is at hand then comes again.
    pub async fn run(self, stop: CancellationToken) {
        stop.run_until_cancelled(self.serve()).await;
    }

    async fn serve(&self) -> Infallible {
        loop {
            self.options.bus.connected().await;
            let Err(error) = self.hold_and_read().await;
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "the way in starts again");
            sleep(PAUSE).await;
        }
    }

    async fn hold_and_read(&self) -> Result<Infallible, BusError> {
        let lease = Lease::take(&self.options.pool, LOCK).await?;
        tokio::select! {
            ended = self.read() => ended,
            () = lease.lost() => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    async fn read(&self) -> Result<Infallible, BusError> {
        let mut inbox = self.open().await?;
        tracing::info!(stream = self.options.names.stream, "reading what services publish");
        loop {
            let messages = inbox.next(WINDOW).await?;
            Round::new(&self.options, &inbox, &messages).finish().await?;
            let waiting = messages.last().map_or(0, bus::ingest::Message::waiting);
            metrics::gauge!("annals_ingest_waiting").set(waiting as f64);
        }
    }

    /// The streams are made by the relay, perhaps only now.
    async fn open(&self) -> Result<Inbox, BusError> {
        let IngestOptions { bus, names, .. } = &self.options;
        loop {
            match Inbox::open(bus, names).await {
                Ok(inbox) => return Ok(inbox),
                Err(error) if !bus.is_connected() => return Err(error),
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::debug!(%error, cause, "the way in is not open yet");
                    sleep(PAUSE).await;
                }
            }
        }
    }
}
