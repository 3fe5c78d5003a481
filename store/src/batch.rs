//! The columns of one `es.append` call.

use crate::{
    cache::Cached,
    claims::{Act, Claim},
    recorded::Recorded,
    submission::StreamRef,
};
use chrono::{DateTime, Utc};
use domain::{EventId, EventKind};
use serde_json::value::RawValue;
use sqlx::{PgConnection, Row};
use std::{collections::HashSet, sync::Arc};
use uuid::Uuid;

/// A submission whose personal values are sealed and whose values are hashed: what the committer appends.
pub(crate) struct Prepared {
    pub writes: Vec<PreparedWrite>,
    pub reads: Vec<(StreamRef, i64)>,
    pub claims: Vec<Claim>,
    pub secrets: Vec<(Uuid, Uuid, Option<Vec<u8>>)>,
    /// One row for each index key.
    pub idempotency: Vec<PreparedKey>,
    /// Bytes of payloads and metadata.
    pub size: usize,
}

pub(crate) struct PreparedWrite {
    pub stream: StreamRef,
    pub aggregate_id: String,
    pub version: i64,
    pub events: Vec<PreparedEvent>,
    pub state: Option<Arc<dyn Cached>>,
}

pub(crate) struct PreparedEvent {
    pub event_id: EventId,
    pub kind: EventKind,
    pub payload: Box<RawValue>,
    pub metadata: Box<RawValue>,
}

pub(crate) struct PreparedKey {
    pub key: Vec<u8>,
    pub fingerprint: Vec<u8>,
    pub receipt: String,
}

impl Prepared {
    pub(crate) fn events(&self) -> impl Iterator<Item = (&PreparedWrite, i64, &PreparedEvent)> {
        self.writes
            .iter()
            .flat_map(|w| (w.version + 1..).zip(&w.events).map(move |(sequence, event)| (w, sequence, event)))
    }

    /// The rows as they now stand in the log, given the first one's position.
    pub(crate) fn recorded(&self, first: i64, at: DateTime<Utc>, into: &mut Vec<Recorded>) {
        for (position, (write, sequence, event)) in (first..).zip(self.events()) {
            into.push(Recorded {
                position,
                event_id: event.event_id,
                aggregate_type: write.stream.aggregate_type.to_owned(),
                aggregate_id: write.aggregate_id.clone(),
                sequence,
                event_type: event.kind.event_type.to_owned(),
                event_version: event.kind.version.to_owned(),
                recorded_at: at,
                payload: event.payload.clone(),
                metadata: event.metadata.clone(),
            });
        }
    }
}

/// Streams, claims and keys that the commands of a batch use: at most one command may write each of them.
#[derive(Default)]
pub(crate) struct Touched<'a> {
    written: HashSet<StreamRef>,
    values: HashSet<&'a [u8]>,
}

impl<'a> Touched<'a> {
    /// True if the command cannot go into a batch after the commands added so far.
    /// Reading a stream that an earlier one writes is excluded too: its check would pass, but stand on the past.
    pub(crate) fn excludes(&self, command: &Prepared) -> bool {
        command.writes.iter().any(|w| self.written.contains(&w.stream))
            || command.reads.iter().any(|(stream, _)| self.written.contains(stream))
            || command.claims.iter().any(|c| self.values.contains(&c.key[..]))
            || command.idempotency.iter().any(|i| self.values.contains(&i.key[..]))
    }

    pub(crate) fn add(&mut self, command: &'a Prepared) {
        self.written.extend(command.writes.iter().map(|w| w.stream));
        // Claims and idempotency keys share one set: both are keyed hashes, so that they never meet by
        // chance.
        self.values.extend(command.claims.iter().map(|c| &c.key[..]));
        self.values.extend(command.idempotency.iter().map(|i| &i.key[..]));
    }
}

/// The answer of `es.append`.
pub(crate) struct Answer {
    /// The head before the batch.
    pub base: i64,
    pub at: DateTime<Utc>,
    pub losers: Option<String>,
}

const APPEND: &str = "SELECT base, at, losers::text AS losers FROM es.append(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
    $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)";

/// One round trip, one transaction. Command numbers are indices into `batch`.
pub(crate) async fn append(
    connection: &mut PgConnection,
    batch: &[&Prepared],
) -> Result<Answer, sqlx::Error> {
    let mut e = Events::default();
    let mut x = Expected::default();
    let mut c = Claims::default();
    let mut s = Secrets::default();
    let mut i = Keys::default();
    for (cmd, command) in (0..).zip(batch) {
        e.add(cmd, command);
        x.add(cmd, command);
        c.add(cmd, command);
        s.add(cmd, command);
        i.add(cmd, command);
    }
    let row = sqlx::query(APPEND)
        .bind(e.cmd)
        .bind(e.aggregate_type)
        .bind(e.aggregate_id)
        .bind(e.sequence)
        .bind(e.event_id)
        .bind(e.event_type)
        .bind(e.event_version)
        .bind(e.payload)
        .bind(e.metadata)
        .bind(x.cmd)
        .bind(x.aggregate_type)
        .bind(x.aggregate_id)
        .bind(x.version)
        .bind(given(c.cmd))
        .bind(given(c.key))
        .bind(given(c.kind))
        .bind(given(c.owner))
        .bind(given(c.take))
        .bind(given(s.cmd))
        .bind(given(s.id))
        .bind(given(s.owner))
        .bind(given(s.sealed))
        .bind(given(i.cmd))
        .bind(given(i.key))
        .bind(given(i.fingerprint))
        .bind(given(i.receipt))
        .fetch_one(connection)
        .await?;
    Ok(Answer { base: row.get("base"), at: row.get("at"), losers: row.get("losers") })
}

/// Null instead of an empty array, which PL/pgSQL would unfold all the same.
fn given<T>(column: Vec<T>) -> Option<Vec<T>> {
    (!column.is_empty()).then_some(column)
}

#[derive(Default)]
struct Events<'a> {
    cmd: Vec<i32>,
    aggregate_type: Vec<&'a str>,
    aggregate_id: Vec<&'a str>,
    sequence: Vec<i64>,
    event_id: Vec<Uuid>,
    event_type: Vec<&'a str>,
    event_version: Vec<&'a str>,
    payload: Vec<&'a str>,
    metadata: Vec<&'a str>,
}

impl<'a> Events<'a> {
    fn add(&mut self, cmd: i32, command: &'a Prepared) {
        for (write, sequence, event) in command.events() {
            self.cmd.push(cmd);
            self.aggregate_type.push(write.stream.aggregate_type);
            self.aggregate_id.push(&write.aggregate_id);
            self.sequence.push(sequence);
            self.event_id.push(event.event_id.uuid());
            self.event_type.push(event.kind.event_type);
            self.event_version.push(event.kind.version);
            self.payload.push(event.payload.get());
            self.metadata.push(event.metadata.get());
        }
    }
}

#[derive(Default)]
struct Expected {
    cmd: Vec<i32>,
    aggregate_type: Vec<&'static str>,
    aggregate_id: Vec<String>,
    version: Vec<i64>,
}

impl Expected {
    fn add(&mut self, cmd: i32, command: &Prepared) {
        let written = command.writes.iter().map(|w| (w.stream, w.version));
        for (stream, version) in written.chain(command.reads.iter().copied()) {
            self.cmd.push(cmd);
            self.aggregate_type.push(stream.aggregate_type);
            self.aggregate_id.push(stream.id.to_string());
            self.version.push(version);
        }
    }
}

#[derive(Default)]
struct Claims<'a> {
    cmd: Vec<i32>,
    key: Vec<&'a [u8]>,
    kind: Vec<&'static str>,
    owner: Vec<Uuid>,
    /// None: only guarded.
    take: Vec<Option<bool>>,
}

impl<'a> Claims<'a> {
    fn add(&mut self, cmd: i32, command: &'a Prepared) {
        for claim in &command.claims {
            self.cmd.push(cmd);
            self.key.push(&claim.key);
            self.kind.push(claim.kind.name());
            self.owner.push(claim.owner);
            self.take.push(match claim.act {
                Act::Take => Some(true),
                Act::Release => Some(false),
                Act::Guard => None,
            });
        }
    }
}

#[derive(Default)]
struct Secrets<'a> {
    cmd: Vec<i32>,
    id: Vec<Uuid>,
    owner: Vec<Uuid>,
    sealed: Vec<Option<&'a [u8]>>,
}

impl<'a> Secrets<'a> {
    fn add(&mut self, cmd: i32, command: &'a Prepared) {
        for (id, owner, sealed) in &command.secrets {
            self.cmd.push(cmd);
            self.id.push(*id);
            self.owner.push(*owner);
            self.sealed.push(sealed.as_deref());
        }
    }
}

#[derive(Default)]
struct Keys<'a> {
    cmd: Vec<i32>,
    key: Vec<&'a [u8]>,
    fingerprint: Vec<&'a [u8]>,
    receipt: Vec<&'a str>,
}

impl<'a> Keys<'a> {
    fn add(&mut self, cmd: i32, command: &'a Prepared) {
        for key in &command.idempotency {
            self.cmd.push(cmd);
            self.key.push(&key.key);
            self.fingerprint.push(&key.fingerprint);
            self.receipt.push(&key.receipt);
        }
    }
}
