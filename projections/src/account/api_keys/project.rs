//! Writes of `api_keys`.

use super::query::ApiKeyRow;
use crate::{
    batch::Batch,
    columns::columns,
    envelope::{Envelope, known},
    projection::{Name, Projection, ProjectionError},
    registry::API_KEYS,
    rows::Rows,
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::{
    ApiKeyId, UserId,
    api_key::{ApiKeyCreated, ApiKeyEvent},
    user::{EmailChangeCause, PasswordCause, UserEvent},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const TABLE: Rows<ApiKeyRow> = Rows::of("api_keys", &["key_id"]);

columns! {
    ApiKeyRow: key_id, user_id, service, name, scopes, created_by, created_at, expires_at, revoked_at,
        dormant_since, version;
}

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
        let user = event.event.api_key().and_then(|event| match event {
            ApiKeyEvent::ApiKeyCreated(e) => e.holder.user(),
            ApiKeyEvent::ApiKeyRenamed(e) => Some(e.user),
            ApiKeyEvent::ApiKeyConfirmed(e) => Some(e.user),
            ApiKeyEvent::ApiKeyRevoked(e) => e.holder.user(),
            ApiKeyEvent::ApiKeyTakenOver(e) => e.holder.user(),
        });
        user.map_or_else(|| event.recorded.aggregate_id.clone(), |user| user.to_string())
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let (mut changed, mut people) = (BTreeSet::new(), BTreeSet::new());
        for envelope in events {
            if envelope.event.api_key().is_some() {
                changed.insert(envelope.stream_id()?);
            } else if envelope.event.user().and_then(slept).is_some() {
                people.insert(envelope.stream_id()?);
            }
        }
        let mut known = TABLE.load(batch, &changed).await?;
        known.extend(TABLE.load_where(batch, "user_id = ANY ($1)", &people).await?);
        let mut keys: BTreeMap<Uuid, ApiKeyRow> =
            known.into_iter().map(|row| (row.key_id.uuid(), row)).collect();
        for envelope in events {
            evolve(&mut keys, envelope)?;
        }
        TABLE.purge(batch, events).await?;
        TABLE.store(batch, keys.into_values())
    }
}

/// When a person's keys were put to sleep, as the account's own fold has it.
fn slept(event: &UserEvent) -> Option<DateTime<Utc>> {
    match event {
        UserEvent::PasswordChanged(e) => (e.cause == PasswordCause::Reset).then_some(e.changed_at),
        UserEvent::EmailChangeCancelled(e) => {
            (e.cause == EmailChangeCause::Stopped).then_some(e.cancelled_at)
        }
        UserEvent::UserRegistered(_)
        | UserEvent::VerificationRequested(_)
        | UserEvent::AddressCorrected(_)
        | UserEvent::ContactVerified(_)
        | UserEvent::PasswordResetRequested(_)
        | UserEvent::SessionsInvalidated(_)
        | UserEvent::RoleChanged(_)
        | UserEvent::UserSuspended(_)
        | UserEvent::UserReinstated(_)
        | UserEvent::UserInvited(_)
        | UserEvent::UserDeletionRequested(_)
        | UserEvent::UserDeletionCancelled(_)
        | UserEvent::UserErased(_)
        | UserEvent::ErasureCertified(_) => None,
    }
}

fn evolve(keys: &mut BTreeMap<Uuid, ApiKeyRow>, envelope: &Envelope) -> Result<(), ProjectionError> {
    if let Some(erased) = envelope.erased() {
        keys.retain(|_, key| key.user_id.is_none_or(|user| user.uuid() != erased));
    }
    if let Some(since) = envelope.event.user().and_then(slept) {
        let person = UserId::from_uuid(envelope.stream_id()?);
        keys.values_mut()
            .filter(|key| key.user_id == Some(person))
            .for_each(|key| key.dormant_since = Some(since));
    }
    let Some(event) = envelope.event.api_key() else { return Ok(()) };
    let id = envelope.stream_id()?;
    if let ApiKeyEvent::ApiKeyCreated(e) = event {
        keys.insert(id, created(id, e, envelope));
    }
    // The keys of an erased person are gone, and what comes after concerns nobody.
    let Some(key) = keys.get_mut(&id) else { return Ok(()) };
    key.version = envelope.recorded.sequence;
    match event {
        // Who answers for a key is asked of the log, as whether it counts is.
        ApiKeyEvent::ApiKeyCreated(_) | ApiKeyEvent::ApiKeyTakenOver(_) => {}
        ApiKeyEvent::ApiKeyRenamed(e) => key.name = known(&e.name),
        ApiKeyEvent::ApiKeyConfirmed(_) => key.dormant_since = None,
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
        dormant_since: None,
        version: 0,
    }
}
