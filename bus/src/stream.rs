//! The JetStream stream: how it is made, and where its tail says that publishing goes on.
//!
//! Where the server can (from 2.10 on), a fresh stream is numbered so that a message's stream sequence is its event's
//! position: not even what a paused relay sends after the stream was lost and filled again can land at another place
//! than its own, and other people's consumers can start at a position.

use crate::{
    connection::Bus,
    error::BusError,
    relay::RelayOptions,
    wire::{self, LogKey},
};
use async_nats::jetstream::{
    ErrorCode,
    context::GetStreamErrorKind,
    message::StreamMessage,
    response::Response,
    stream::{Config, DiscardPolicy, Info, RawMessageErrorKind, RetentionPolicy, StorageType, Stream},
};
use serde::Serialize;
use std::time::Duration;
use store::{LogId, Reader};

/// Messages that are not ours and are passed over in search of the last one that is; more count as a lost tail.
const FOREIGN_AT_TAIL: usize = 256;

/// Where publishing goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// The position to publish next.
    pub next: i64,
    /// The stream sequence of what must still be the last message then.
    pub sequence: u64,
}

/// The last message of the stream.
enum Tail {
    At(i64),
    /// Nothing that is ours.
    Lost,
    /// True messages of another log, or of another life of this one.
    Other,
}

/// Makes the stream if need be and reads its tail, the relay's only checkpoint.
///
/// # Errors
/// [`BusError::Refused`] if the stream is not made for these subjects, or a newer epoch of this log is in it.
pub(crate) async fn open(bus: &Bus, reader: &Reader, options: &RelayOptions) -> Result<Start, BusError> {
    let Some(stream) = find(bus).await? else { return begin(bus, reader, options).await };
    let info = stream.cached_info();
    refuse_other_subjects(bus, info)?;
    let sequence = info.state.last_sequence;
    match read_tail(bus, reader, &stream).await? {
        Tail::At(position) => Ok(Start { next: position + 1, sequence }),
        Tail::Lost => Ok(Start { next: backlog(reader, options).await? + 1, sequence }),
        Tail::Other => {
            tracing::error!(stream = info.config.name, "the stream holds another history: it is made anew");
            let done = bus.jetstream().delete_stream(&bus.names().stream).await;
            done.map_err(BusError::nats("delete the stream"))?;
            begin(bus, reader, options).await
        }
    }
}

async fn find(bus: &Bus) -> Result<Option<Stream<Info>>, BusError> {
    match bus.jetstream().get_stream(&bus.names().stream).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(e) if e.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            _ => Err(BusError::nats("read the stream")(error)),
        },
    }
}

/// Starts over with a bounded backlog: a follower reads from PostgreSQL what is older.
async fn begin(bus: &Bus, reader: &Reader, options: &RelayOptions) -> Result<Start, BusError> {
    let next = backlog(reader, options).await? + 1;
    tracing::info!(stream = bus.names().stream, position = next, "making the stream");
    create(bus, &Creation { config: config(bus, options), first_seq: next }).await?;
    let Some(stream) = find(bus).await? else {
        return Err(BusError::Refused("the stream vanished as soon as it was made".into()));
    };
    Ok(Start { next, sequence: stream.cached_info().state.last_sequence })
}

/// The position before the first event to publish when nothing tells what was published.
async fn backlog(reader: &Reader, options: &RelayOptions) -> Result<i64, BusError> {
    Ok((reader.head().await? - options.backlog).max(0))
}

/// The request is made by hand because the client library is built without the fields of newer servers: an older one
/// must not be asked for what it does not know. It ignores this one, and then numbers the stream from 1.
#[derive(Serialize)]
struct Creation {
    #[serde(flatten)]
    config: Config,
    first_seq: i64,
}

async fn create(bus: &Bus, creation: &Creation) -> Result<(), BusError> {
    let subject = format!("STREAM.CREATE.{}", creation.config.name);
    let answer: Result<Response<serde_json::Value>, _> = bus.jetstream().request(subject, creation).await;
    match answer.map_err(BusError::nats("create the stream"))? {
        Response::Ok(_) => Ok(()),
        Response::Err { error } => Err(BusError::nats("create the stream")(error)),
    }
}

fn config(bus: &Bus, options: &RelayOptions) -> Config {
    let description =
        "The event log of Annals, published again by its relay. A cache: the log is in PostgreSQL.";
    Config {
        name: bus.names().stream.clone(),
        subjects: vec![bus.names().all()],
        description: Some(description.into()),
        max_bytes: options.max_bytes,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        storage: StorageType::File,
        num_replicas: 1,
        // No message carries an id to recognise it by; the least that a server accepts.
        duplicate_window: Duration::from_millis(100),
        deny_delete: true,
        ..Config::default()
    }
}

/// An operator may have made the stream, with other limits; but it must take our messages.
fn refuse_other_subjects(bus: &Bus, info: &Info) -> Result<(), BusError> {
    let all = bus.names().all();
    if info.config.subjects.contains(&all) {
        return Ok(());
    }
    Err(BusError::Refused(format!("the NATS stream {} does not take {all}", info.config.name)))
}

async fn read_tail(bus: &Bus, reader: &Reader, stream: &Stream<Info>) -> Result<Tail, BusError> {
    let state = &stream.cached_info().state;
    if state.messages == 0 {
        return Ok(Tail::Lost);
    }
    for sequence in (state.first_sequence..=state.last_sequence).rev().take(FOREIGN_AT_TAIL) {
        let message = match stream.get_raw_message(sequence).await {
            Ok(message) => message,
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => continue,
            Err(error) => return Err(BusError::nats("read the stream's tail")(error)),
        };
        if let Some(tail) = judge(bus, reader, &message).await? {
            return Ok(tail);
        }
    }
    tracing::error!(
        stream = bus.names().stream,
        "the end of the stream is not ours: publishing the backlog again"
    );
    Ok(Tail::Lost)
}

/// None: whoever wrote this message, it was no relay.
async fn judge(bus: &Bus, reader: &Reader, message: &StreamMessage) -> Result<Option<Tail>, BusError> {
    let Some(log) = wire::log(Some(&message.headers)) else { return Ok(None) };
    let Ok(received) = decode(message, &bus.key_of(log)) else { return Ok(None) };
    if log != bus.key().log() {
        return refuse_newer_epoch(bus.key().log(), log).map(|()| Some(Tail::Other));
    }
    // A log that was restored without a new epoch does not hold what was published from it.
    let held = reader.after(received.position() - 1, 1).await?;
    let same = held.first().is_some_and(|event| event.event_id == received.event_id());
    Ok(Some(if same { Tail::At(received.position()) } else { Tail::Other }))
}

fn decode(message: &StreamMessage, key: &LogKey) -> Result<wire::Received, wire::Rejected> {
    wire::decode(Some(&message.headers), &message.payload, key)
}

/// A process that was left over from before a restore must not undo what its successor published.
fn refuse_newer_epoch(ours: LogId, theirs: LogId) -> Result<(), BusError> {
    if theirs.id == ours.id && theirs.epoch > ours.epoch {
        return Err(BusError::Refused(format!(
            "the stream is of log {theirs}, this relay of {ours}: restart it"
        )));
    }
    Ok(())
}
