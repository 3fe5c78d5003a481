//! Reads of `audit_log`, opened for a reader who may see them.

use super::{AuditFilter, Category, flat};
use crate::{
    page::{COUNTED_TO, Page, Seek, Stretch},
    queries::{Queries, QueryError},
    rows,
};
use chrono::{DateTime, Utc};
use domain::{EventId, Subject};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};
use sqlx::{PgPool, Postgres, QueryBuilder};
use std::collections::{BTreeMap, BTreeSet};
use store::Opener;

/// What happened, to what, by whom, from where; personal values read [`ERASED`](super::flat::ERASED) once gone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditEntry {
    pub position: i64,
    pub event_id: EventId,
    pub recorded_at: DateTime<Utc>,
    pub occurred_at: DateTime<Utc>,
    pub category: Category,
    /// The event's type.
    pub action: String,
    pub entity_type: String,
    pub entity_id: String,
    /// Within the entity's stream.
    pub sequence: i64,
    pub actor: Option<String>,
    pub session_id: Option<String>,
    pub request_id: Option<String>,
    pub correlation_id: Option<String>,
    pub causation_id: Option<String>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    /// What stood in those fields of the entity before that the event sets; fields set for the first time are absent.
    pub old_values: Map<String, Value>,
    pub new_values: Map<String, Value>,
    /// Whose personal values stand here in clear.
    #[serde(skip)]
    pub subjects: BTreeSet<Subject>,
}

/// A row as it lies in the table, sealed.
#[derive(Deserialize)]
pub(super) struct AuditRow {
    pub position: i64,
    pub event_id: EventId,
    pub recorded_at: DateTime<Utc>,
    pub occurred_at: DateTime<Utc>,
    pub category: Category,
    pub action: String,
    pub entity_type: String,
    pub entity_id: String,
    pub sequence: i64,
    pub actor: Option<String>,
    pub session_id: Option<String>,
    pub request_id: Option<String>,
    pub correlation_id: Option<String>,
    pub causation_id: Option<String>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    pub old_values: BTreeMap<String, Former>,
    pub new_values: BTreeMap<String, Box<RawValue>>,
}

/// A field's value before, and the event of the stream that set it: the sealed form opens only as part of that one.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Former {
    pub value: Box<RawValue>,
    pub sequence: i64,
}

impl Queries {
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        stretch: Stretch,
    ) -> Result<Page<AuditEntry, Seek>, QueryError> {
        let counted = count(&self.pool, filter).await?;
        let rows = select(&self.pool, filter, stretch).await?;
        let Page { count, next, previous, results } = stretch.page(counted, rows, |row| row.position);
        let mut entries = Vec::with_capacity(results.len());
        for row in results {
            entries.push(open(&self.opener, row).await?);
        }
        Ok(Page { count, next, previous, results: entries })
    }
}

async fn count(pool: &PgPool, filter: &AuditFilter) -> Result<i64, QueryError> {
    let mut sql = QueryBuilder::<Postgres>::new("SELECT count(*) FROM (SELECT 1 FROM audit_log");
    filter.push_to(&mut sql);
    sql.push(" LIMIT ").push_bind(COUNTED_TO + 1).push(") AS counted");
    Ok(sql.build_query_scalar().fetch_one(pool).await?)
}

async fn select(pool: &PgPool, filter: &AuditFilter, stretch: Stretch) -> Result<Vec<AuditRow>, QueryError> {
    let mut sql = QueryBuilder::<Postgres>::new("SELECT row_to_json(l)::text FROM audit_log l");
    filter.push_to(&mut sql);
    if let Some(bound) = stretch.bound() {
        sql.push(if stretch.rising() { " AND position > " } else { " AND position < " }).push_bind(bound);
    }
    sql.push(if stretch.rising() { " ORDER BY position" } else { " ORDER BY position DESC" });
    sql.push(" LIMIT ").push_bind(i64::from(stretch.limit) + 1);
    rows::parse(sql.build_query_scalar().fetch_all(pool).await?)
}

async fn open(opener: &Opener, row: AuditRow) -> Result<AuditEntry, QueryError> {
    let mut at = Address {
        opener,
        entity_type: &row.entity_type,
        entity_id: &row.entity_id,
        subjects: BTreeSet::new(),
    };
    let mut new_values = Map::new();
    for (field, value) in &row.new_values {
        new_values.insert(field.clone(), at.field(row.sequence, value).await?);
    }
    let mut old_values = Map::new();
    for (field, former) in &row.old_values {
        old_values.insert(field.clone(), at.field(former.sequence, &former.value).await?);
    }
    let ip_address = at.entry(row.sequence, row.ip.as_deref()).await?;
    let user_agent = at.entry(row.sequence, row.user_agent.as_deref()).await?;
    let subjects = at.subjects;
    Ok(AuditEntry {
        position: row.position,
        event_id: row.event_id,
        recorded_at: row.recorded_at,
        occurred_at: row.occurred_at,
        category: row.category,
        action: row.action,
        sequence: row.sequence,
        actor: row.actor,
        session_id: row.session_id,
        request_id: row.request_id,
        correlation_id: row.correlation_id,
        causation_id: row.causation_id,
        ip_address,
        user_agent,
        old_values,
        new_values,
        subjects,
        entity_type: row.entity_type,
        entity_id: row.entity_id,
    })
}

/// The stream in which values were sealed.
struct Address<'a> {
    opener: &'a Opener,
    entity_type: &'a str,
    entity_id: &'a str,
    /// Whose values were opened.
    subjects: BTreeSet<Subject>,
}

impl Address<'_> {
    async fn field(&mut self, sequence: i64, value: &RawValue) -> Result<Value, QueryError> {
        let opened = self.opener.open_json(self.entity_type, self.entity_id, sequence, value.get()).await?;
        let opened = serde_json::from_str(&opened)?;
        flat::subjects(&opened, &mut self.subjects);
        Ok(flat::flatten_field(self.entity_type, opened))
    }

    async fn entry(&mut self, sequence: i64, entry: Option<&str>) -> Result<Option<String>, QueryError> {
        let Some(entry) = entry else { return Ok(None) };
        let opened = self.opener.open_entry_of(self.entity_type, self.entity_id, sequence, entry).await?;
        self.subjects.extend(flat::subject_of_entry(entry).filter(|_| opened.is_some()));
        Ok(Some(opened.unwrap_or_else(|| flat::ERASED.to_owned())))
    }
}
