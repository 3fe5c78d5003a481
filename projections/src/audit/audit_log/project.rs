//! Writes of `audit_log` and `audit_state`. Values are copied as they lie in the log: nothing is opened here.

use super::{
    Category,
    query::{AuditRow, Former},
};
use crate::{
    batch::Batch,
    columns::{Field, Values, columns, field, json},
    envelope::Envelope,
    projection::{Name, Projection, ProjectionError},
    registry::AUDIT_LOG,
    rows::{self, Rows},
};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Error, value::RawValue};
use std::collections::{BTreeMap, BTreeSet};

/// One look-up for each entity: a join would be planned as a scan of the table.
const LOAD: &str = "
    SELECT row_to_json(s)::text FROM unnest($1::text[], $2::text[]) AS k (type, id)
     CROSS JOIN LATERAL
        (SELECT * FROM audit_state a WHERE a.entity_type = k.type AND a.entity_id = k.id OFFSET 0) AS s";
const TABLE: Rows<AuditRow> = Rows::of("audit_log", &["position"]);
const STATES: Rows<EntityState> = Rows::of("audit_state", &["entity_type", "entity_id"]);

columns! {
    AuditRow: position, event_id, recorded_at, occurred_at, category, action, entity_type, entity_id,
        sequence, actor, session_id, request_id, correlation_id, causation_id, ip, user_agent, old_values,
        new_values;
    EntityState: entity_type, entity_id, fields;
}

field! {
    BTreeMap<String, Former> => String, Jsons, json;
    BTreeMap<String, Box<RawValue>> => String, Jsons, json;
}

pub(crate) struct AuditLog;

/// A row of `audit_state`.
#[derive(Deserialize)]
struct EntityState {
    entity_type: String,
    entity_id: String,
    fields: BTreeMap<String, Former>,
}

type Entity = (String, String);

/// What each field of the entities of a batch holds.
#[derive(Default)]
struct State(BTreeMap<Entity, BTreeMap<String, Former>>);

#[async_trait]
impl Projection for AuditLog {
    fn name(&self) -> Name {
        AUDIT_LOG
    }

    fn tables(&self) -> &'static str {
        include_str!("tables.sql")
    }

    /// Values stay as sealed as they are in the log.
    fn is_in_clear(&self) -> bool {
        false
    }

    async fn apply(&self, batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let mut state = State::load(batch, events).await?;
        let rows = events.iter().map(|event| row(event, &mut state)).collect::<Result<Vec<_>, _>>()?;
        TABLE.append(batch, rows)?;
        STATES.store(batch, state.into_rows())
    }
}

fn entity(event: &Envelope) -> Entity {
    (event.recorded.aggregate_type.clone(), event.recorded.aggregate_id.clone())
}

/// The payload by field; the tag repeats the event's type.
fn fields(event: &Envelope) -> Result<BTreeMap<String, Box<RawValue>>, ProjectionError> {
    let mut fields: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(event.recorded.payload.get()).map_err(ProjectionError::Row)?;
    fields.remove("type");
    Ok(fields)
}

fn row(event: &Envelope, state: &mut State) -> Result<AuditRow, ProjectionError> {
    let new_values = fields(event)?;
    let recorded = &event.recorded;
    let old_values = state.replace(entity(event), recorded.sequence, &new_values);
    let entry = |name: &str| event.metadata.get(name).cloned();
    Ok(AuditRow {
        position: recorded.position,
        event_id: recorded.event_id,
        recorded_at: recorded.recorded_at,
        occurred_at: occurred_at(event),
        category: Category::of(&event.event),
        action: recorded.event_type.clone(),
        entity_type: recorded.aggregate_type.clone(),
        entity_id: recorded.aggregate_id.clone(),
        sequence: recorded.sequence,
        actor: entry("actor"),
        session_id: entry("session_id"),
        request_id: entry("request_id"),
        correlation_id: entry("correlation_id"),
        causation_id: entry("causation_id"),
        ip: entry("ip"),
        user_agent: entry("user_agent"),
        old_values,
        new_values,
    })
}

fn occurred_at(event: &Envelope) -> DateTime<Utc> {
    let written = event.metadata.get("occurred_at").and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    written.map_or(event.recorded.recorded_at, |at| at.to_utc())
}

impl State {
    async fn load(batch: &mut Batch<'_>, events: &[&Envelope]) -> Result<Self, ProjectionError> {
        // A stream's first event has nothing before it: its entity needs no look-up.
        let known: BTreeSet<Entity> =
            events.iter().filter(|event| event.recorded.sequence > 1).map(|event| entity(event)).collect();
        if known.is_empty() {
            return Ok(Self::default());
        }
        let (types, ids): (Vec<String>, Vec<String>) = known.into_iter().unzip();
        let texts: Vec<String> =
            sqlx::query_scalar(LOAD).bind(types).bind(ids).fetch_all(batch.reading()).await?;
        let rows = rows::read::<EntityState>(&texts)?;
        Ok(Self(rows.into_iter().map(|row| ((row.entity_type, row.entity_id), row.fields)).collect()))
    }

    /// Takes an event's values over and returns what stood there before.
    fn replace(
        &mut self,
        entity: Entity,
        sequence: i64,
        values: &BTreeMap<String, Box<RawValue>>,
    ) -> BTreeMap<String, Former> {
        let held = self.0.entry(entity).or_default();
        let mut replaced = BTreeMap::new();
        for (field, value) in values {
            let now = Former { value: value.clone(), sequence };
            if let Some(former) = held.insert(field.clone(), now)
                && former.value.get() != value.get()
            {
                replaced.insert(field.clone(), former);
            }
        }
        replaced
    }

    fn into_rows(self) -> Vec<EntityState> {
        let row = |((entity_type, entity_id), fields)| EntityState { entity_type, entity_id, fields };
        self.0.into_iter().map(row).collect()
    }
}
