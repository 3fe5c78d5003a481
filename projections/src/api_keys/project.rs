//! Writes of `api_keys`.

use super::query::ApiKeyRow;
use crate::{
    batch::Batch,
    envelope::{Envelope, known},
    projection::{Name, Projection, ProjectionError},
    registry::API_KEYS,
};
use async_trait::async_trait;
use domain::{
    AnyEvent, ApiKeyId,
    api_key::{ApiKeyCreated, ApiKeyEvent},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const LOAD: &str = "SELECT row_to_json(k)::text FROM api_keys k WHERE key_id = ANY ($1)";
const PURGE: &str = "DELETE FROM api_keys WHERE user_id = ANY ($1)";
const STORE: &str = "
    INSERT INTO api_keys SELECT * FROM json_populate_recordset(NULL::api_keys, $1::json)
    ON CONFLICT (key_id) DO UPDATE SET
        (name, revoked_at, version) = ROW (excluded.name, excluded.revoked_at, excluded.version)";

pub(crate) struct ApiKeys;

#[async_trait]
impl Projection for ApiKeys {
    fn name(&self) -> Name {
        API_KEYS
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    fn key(&self, event: &Envelope) -> String {
        let user = concerns(&event.event).and_then(|event| match event {
            ApiKeyEvent::ApiKeyCreated(e) => e.holder.user(),
            ApiKeyEvent::ApiKeyRenamed(e) => Some(e.user),
            ApiKeyEvent::ApiKeyRevoked(e) => e.holder.user(),
        });
        user.map_or_else(|| event.recorded.aggregate_id.clone(), |user| user.to_string())
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[Envelope]) -> Result<(), ProjectionError> {
        let mut changed = BTreeSet::new();
        for envelope in events.iter().filter(|envelope| concerns(&envelope.event).is_some()) {
            changed.insert(envelope.stream_id()?);
        }
        let known: Vec<ApiKeyRow> = batch.load(LOAD, &changed).await?;
        let mut keys: BTreeMap<Uuid, ApiKeyRow> =
            known.into_iter().map(|row| (row.key_id.uuid(), row)).collect();
        for envelope in events {
            evolve(&mut keys, envelope)?;
        }
        batch.purge(PURGE, events).await?;
        batch.store(STORE, &keys.into_values().collect::<Vec<_>>())
    }
}

const fn concerns(event: &AnyEvent) -> Option<&ApiKeyEvent> {
    match event {
        AnyEvent::ApiKey(event) => Some(event),
        AnyEvent::User(_)
        | AnyEvent::Session(_)
        | AnyEvent::SignIn(_)
        | AnyEvent::Challenge(_)
        | AnyEvent::Profile(_)
        | AnyEvent::Follow(_)
        | AnyEvent::AccessLog(_)
        | AnyEvent::Settings(_)
        | AnyEvent::Activity(_)
        | AnyEvent::Calendar(_)
        | AnyEvent::Ledger(_)
        | AnyEvent::Inbox(_)
        | AnyEvent::Badge(_)
        | AnyEvent::Award(_) => None,
    }
}

fn evolve(keys: &mut BTreeMap<Uuid, ApiKeyRow>, envelope: &Envelope) -> Result<(), ProjectionError> {
    if let Some(erased) = envelope.erased() {
        keys.retain(|_, key| key.user_id.is_none_or(|user| user.uuid() != erased));
    }
    let Some(event) = concerns(&envelope.event) else { return Ok(()) };
    let id = envelope.stream_id()?;
    if let ApiKeyEvent::ApiKeyCreated(e) = event {
        keys.insert(id, created(id, e, envelope));
    }
    // The keys of an erased person are gone, and what comes after concerns nobody.
    let Some(key) = keys.get_mut(&id) else { return Ok(()) };
    key.version = envelope.recorded.sequence;
    match event {
        ApiKeyEvent::ApiKeyCreated(_) => {}
        ApiKeyEvent::ApiKeyRenamed(e) => key.name = known(&e.name),
        ApiKeyEvent::ApiKeyRevoked(e) => key.revoked_at = Some(e.revoked_at),
    }
    Ok(())
}

fn created(id: Uuid, e: &ApiKeyCreated, envelope: &Envelope) -> ApiKeyRow {
    ApiKeyRow {
        key_id: ApiKeyId::from_uuid(id),
        user_id: e.holder.user(),
        service: e.holder.service().map(str::to_owned),
        name: e.name.as_ref().and_then(known),
        scopes: e.scopes.clone(),
        created_by: envelope.metadata.get("actor").cloned(),
        created_at: e.created_at,
        expires_at: e.expires_at,
        revoked_at: None,
        version: 0,
    }
}
