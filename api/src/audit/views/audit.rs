//! The audit log as staff see it (AUD-01, AUD-03). Values of an erased person read `[erased]`.

use chrono::{DateTime, Utc};
use projections::audit_log::{query::AuditEntry, trail::TrailEvent};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What happened, to what, by whom, from where.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditEntryView {
    /// In the log; the order in which things happened.
    pub position: i64,
    pub event_id: Uuid,
    pub recorded_at: DateTime<Utc>,
    pub occurred_at: DateTime<Utc>,
    /// `user`, `admin`, `security` or `data`.
    #[schema(example = "security")]
    pub category: &'static str,
    /// The event's type.
    #[schema(example = "password_changed")]
    pub action: String,
    #[schema(example = "user")]
    pub entity_type: String,
    pub entity_id: String,
    /// Within the entity's stream, from 1.
    pub sequence: i64,
    #[schema(example = "user:0190…")]
    pub actor: Option<String>,
    pub session_id: Option<String>,
    pub request_id: Option<String>,
    pub correlation_id: Option<String>,
    pub causation_id: Option<String>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    /// What stood in the changed fields before; fields set for the first time are absent.
    #[schema(value_type = Object)]
    pub old_values: Map<String, Value>,
    #[schema(value_type = Object)]
    pub new_values: Map<String, Value>,
}

impl From<AuditEntry> for AuditEntryView {
    fn from(entry: AuditEntry) -> Self {
        Self {
            position: entry.position,
            event_id: entry.event_id.uuid(),
            recorded_at: entry.recorded_at,
            occurred_at: entry.occurred_at,
            category: entry.category.name(),
            action: entry.action,
            entity_type: entry.entity_type,
            entity_id: entry.entity_id,
            sequence: entry.sequence,
            actor: entry.actor,
            session_id: entry.session_id,
            request_id: entry.request_id,
            correlation_id: entry.correlation_id,
            causation_id: entry.causation_id,
            ip_address: entry.ip_address,
            user_agent: entry.user_agent,
            old_values: entry.old_values,
            new_values: entry.new_values,
        }
    }
}

/// An event of the log, opened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventView {
    pub position: i64,
    pub event_id: Uuid,
    pub recorded_at: DateTime<Utc>,
    #[schema(example = "user")]
    pub aggregate_type: String,
    pub aggregate_id: String,
    pub sequence: i64,
    #[schema(example = "user_registered")]
    pub event_type: String,
    #[schema(example = "1")]
    pub event_version: String,
    #[schema(value_type = Object)]
    pub payload: Map<String, Value>,
    /// Actor, session, request, address and the like.
    pub metadata: BTreeMap<String, String>,
}

impl From<TrailEvent> for EventView {
    fn from(event: TrailEvent) -> Self {
        Self {
            position: event.position,
            event_id: event.event_id.uuid(),
            recorded_at: event.recorded_at,
            aggregate_type: event.aggregate_type,
            aggregate_id: event.aggregate_id,
            sequence: event.sequence,
            event_type: event.event_type,
            event_version: event.event_version,
            payload: event.payload,
            metadata: event.metadata,
        }
    }
}
