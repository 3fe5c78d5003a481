//! Activity that other services publish over NATS (C-41), and the messages that were rejected.
//!
//! There are two streams. The first is a work queue: a message stays until it is acknowledged, so its consumer can be
//! deleted and created again at any time. The second keeps rejected messages with the reason, for their sender.
//! Unlike the event stream, these hold data that exists nowhere else. See [`Inbox`] for reading, [`keep`] for streams.

mod inbox;

pub use inbox::{DETAIL, ID, Inbox, Message, PROBLEM};

use crate::{
    connection::{self, Bus},
    error::BusError,
};
use async_nats::jetstream::{
    self, Context, ErrorCode,
    context::GetStreamErrorKind,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// The longest message, headers included: 64 KiB, as a body over HTTP.
const MESSAGE_BYTES: i32 = 64 * 1024;
/// Then senders are refused.
const WAITING_BYTES: i64 = 1 << 30;
/// Then the oldest go.
const REJECTED_BYTES: i64 = 256 << 20;
const REJECTED_DAYS: u64 = 14;
/// A refusal whose acknowledgement was lost comes again within this time, and is the same.
const SAME_REJECTION: Duration = Duration::from_secs(3600);
/// Between two looks at the streams.
const LOOK: Duration = Duration::from_secs(5);
/// How long the command line waits for NATS.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Names of the streams and subjects of activity from services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The JetStream stream of what waits; the other one has `_REJECTED` behind it.
    pub stream: String,
    /// `<prefix>.activity.<service>` and `<prefix>.rejected.<service>`.
    pub prefix: String,
}

impl Default for Names {
    fn default() -> Self {
        Self { stream: "ANNALS_INGEST".into(), prefix: "annals.ingest".into() }
    }
}

impl Names {
    /// The stream of what was refused.
    pub fn rejected_stream(&self) -> String {
        format!("{}_REJECTED", self.stream)
    }

    /// The subject to which a service publishes what people do.
    pub fn activity(&self, service: &str) -> String {
        format!("{}.activity.{service}", self.prefix)
    }

    /// The subject of what was refused of a service.
    pub fn rejected(&self, service: &str) -> String {
        format!("{}.rejected.{service}", self.prefix)
    }
}

/// How many messages there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub waiting: u64,
    /// Of the last 14 days.
    pub rejected: u64,
}

impl Counts {
    /// For the command line: by a connection of its own.
    ///
    /// # Errors
    /// When NATS cannot be reached, or the streams are not there.
    pub async fn ask(url: &str, names: &Names) -> Result<Self, BusError> {
        let silent = |_| BusError::Refused("NATS does not answer".into());
        timeout(ANSWER_WITHIN, Self::count(url, names)).await.map_err(silent)?
    }

    async fn count(url: &str, names: &Names) -> Result<Self, BusError> {
        let servers = connection::servers(url)?;
        let client = connection::credentials(&servers).connect(servers).await;
        let jetstream = jetstream::new(client.map_err(BusError::nats("connect"))?);
        let count = async |stream: String| {
            let stream = jetstream.get_stream(stream).await.map_err(BusError::nats("read the stream"))?;
            Ok::<_, BusError>(stream.cached_info().state.messages)
        };
        Ok(Self {
            waiting: count(names.stream.clone()).await?,
            rejected: count(names.rejected_stream()).await?,
        })
    }
}

/// Makes the streams, and again whenever they are gone, until told to stop. `bus` must have the relay user's rights.
pub async fn keep(bus: Bus, names: Names, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            bus.connected().await;
            let mut link = bus.link();
            if let Err(error) = make(&bus, &names).await {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "the streams of the way in cannot be made");
            }
            tokio::select! { () = sleep(LOOK) => {}, _ = link.changed() => {} }
        }
    })
    .await;
}

async fn make(bus: &Bus, names: &Names) -> Result<(), BusError> {
    for config in [waiting(names), rejected(names)] {
        ensure(bus.jetstream(), config).await?;
    }
    Ok(())
}

/// A stream that is there may have other limits, set by an operator; but it must take what is sent.
async fn ensure(jetstream: &Context, config: Config) -> Result<(), BusError> {
    let found = match jetstream.get_stream(&config.name).await {
        Ok(stream) => stream.cached_info().config.clone(),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(e) if e.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                tracing::info!(stream = config.name, "making the stream");
                let made = jetstream.create_stream(config).await;
                return made.map(drop).map_err(BusError::nats("create the stream"));
            }
            _ => return Err(BusError::nats("read the stream")(error)),
        },
    };
    if found.subjects == config.subjects && found.retention == config.retention {
        return Ok(());
    }
    Err(BusError::Refused(format!(
        "the NATS stream {} is not made for {} as {:?}",
        config.name,
        config.subjects.join(", "),
        config.retention
    )))
}

/// A sender whose message does not fit learns it at once, and keeps it.
fn waiting(names: &Names) -> Config {
    Config {
        name: names.stream.clone(),
        subjects: vec![names.activity(">")],
        description: Some(
            "What services tell Annals; a message stays until it is recorded or refused.".into(),
        ),
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        max_bytes: WAITING_BYTES,
        max_message_size: MESSAGE_BYTES,
        storage: StorageType::File,
        num_replicas: 1,
        // Repeats are recognised by the log, for ever and for each service; here the ids of all services would be one
        // set, and one of two equal ones be lost. The least that a server accepts.
        duplicate_window: Duration::from_millis(100),
        ..Config::default()
    }
}

fn rejected(names: &Names) -> Config {
    Config {
        name: names.rejected_stream(),
        subjects: vec![names.rejected(">")],
        description: Some(
            "What services told Annals and was refused, with the reason in the headers.".into(),
        ),
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        max_bytes: REJECTED_BYTES,
        max_age: Duration::from_secs(REJECTED_DAYS * 24 * 3600),
        storage: StorageType::File,
        num_replicas: 1,
        duplicate_window: SAME_REJECTION,
        ..Config::default()
    }
}
