//! A submission is encrypted, hashed and serialized in its caller's task, so that the committer only sends.

use crate::{
    batch::{Prepared, PreparedEvent, PreparedKey, PreparedWrite},
    claims::{Claim, each_once},
    error::StoreError,
    keys::{DataKey, KeyRing},
    metadata::Metadata,
    seal, secrets,
    server_keys::IndexKey,
    submission::{IdempotencyKey, NewEvent, SecretChange, StreamWrite, Submission},
};
use domain::Subject;
use serde_json::{Value, value::to_raw_value};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

pub(crate) async fn prepare(
    submission: Submission,
    ring: &KeyRing,
    index: &IndexKey,
) -> Result<Prepared, StoreError> {
    let Submission { writes, reads, claims, secrets, idempotency, metadata } = submission;
    // All keys at once, before anything is sealed: one round trip, and a destroyed key refuses the whole
    // command.
    let keys = ring.ensure(&subjects_of(&writes, &metadata)).await?;
    let mut size = 0;
    let mut prepared = Vec::with_capacity(writes.len());
    for write in writes {
        prepared.push(prepare_write(write, &metadata, &keys, &mut size)?);
    }
    let mut sealed = Vec::with_capacity(secrets.len());
    for change in secrets {
        sealed.push(prepare_secret(change, ring).await?);
    }
    Ok(Prepared {
        writes: prepared,
        reads,
        claims: each_once(claims.iter().flat_map(|change| Claim::of(change, index))),
        secrets: sealed,
        idempotency: idempotency.map_or_else(Vec::new, |key| prepare_keys(&key, index)),
        size,
    })
}

/// One row for each index key.
fn prepare_keys(key: &IdempotencyKey, index: &IndexKey) -> Vec<PreparedKey> {
    let IdempotencyKey { principal, key, fingerprint, receipt } = key;
    let row = |key| PreparedKey { key, fingerprint: fingerprint.to_vec(), receipt: receipt.clone() };
    index.idempotency(principal, key).into_iter().map(row).collect()
}

async fn prepare_secret(
    change: SecretChange,
    ring: &KeyRing,
) -> Result<(Uuid, Uuid, Option<Vec<u8>>), StoreError> {
    Ok(match change {
        SecretChange::Put { id, owner, bytes } => {
            (id.uuid(), owner.uuid(), Some(secrets::seal(ring, id, owner, &bytes).await?))
        }
        SecretChange::Delete(id) => (id.uuid(), Uuid::nil(), None),
    })
}

fn subjects_of(writes: &[StreamWrite], metadata: &Metadata) -> HashSet<Subject> {
    let mut found = HashSet::new();
    let payloads = writes.iter().flat_map(|write| &write.events).map(|event| &event.payload);
    for payload in payloads.filter(|payload| seal::mentions_personal(payload.get())) {
        if let Ok(value) = serde_json::from_str::<Value>(payload.get()) {
            seal::subjects(&value, &mut found);
        }
    }
    // Without events there is no metadata to seal, and no key should be made for it.
    if writes.iter().any(|write| !write.events.is_empty()) {
        found.extend(metadata.personal.iter().map(|(subject, _)| *subject));
    }
    found
}

fn prepare_write(
    write: StreamWrite,
    metadata: &Metadata,
    keys: &HashMap<Subject, DataKey>,
    size: &mut usize,
) -> Result<PreparedWrite, StoreError> {
    let StreamWrite { stream, version, events, state } = write;
    let aggregate_id = stream.id.to_string();
    let mut prepared = Vec::with_capacity(events.len());
    for (sequence, event) in (version + 1..).zip(events) {
        let aad = seal::aad(stream.aggregate_type, &aggregate_id, sequence);
        let event = prepare_event(event, metadata, keys, &aad)?;
        *size += event.payload.get().len() + event.metadata.get().len();
        prepared.push(event);
    }
    Ok(PreparedWrite { stream, aggregate_id, version, events: prepared, state })
}

fn prepare_event(
    event: NewEvent,
    metadata: &Metadata,
    keys: &HashMap<Subject, DataKey>,
    aad: &[u8],
) -> Result<PreparedEvent, StoreError> {
    let NewEvent { event_id, kind, payload } = event;
    let not_json = |e: serde_json::Error| StoreError::Corrupt(format!("an event is not JSON: {e}"));
    // Most events hold nothing personal: a search in the text is cheaper than a parse.
    let payload = if seal::mentions_personal(payload.get()) {
        let mut value: Value = serde_json::from_str(payload.get()).map_err(not_json)?;
        seal::seal_value(&mut value, keys, aad)?;
        to_raw_value(&value).map_err(not_json)?
    } else {
        payload
    };
    let metadata = metadata.entries(event_id, |subject, clear| {
        let key = keys.get(&subject).ok_or(StoreError::Erased(subject))?;
        seal::seal_text(key, aad, clear)
    })?;
    Ok(PreparedEvent { event_id, kind, payload, metadata: to_raw_value(&metadata).map_err(not_json)? })
}
