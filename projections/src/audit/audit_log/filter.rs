//! Which rows of the audit log a reader asks for.

use super::Category;
use chrono::{DateTime, Utc};
use sqlx::{Postgres, QueryBuilder};

/// All that are given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub entity_type: Option<String>,
    pub entity_id: Option<String>,
    pub actor: Option<String>,
    /// The event's type.
    pub action: Option<String>,
    pub category: Option<Category>,
    pub from_position: Option<i64>,
    /// Inclusive.
    pub until_position: Option<i64>,
    /// By the time of recording.
    pub since: Option<DateTime<Utc>>,
    /// Exclusive.
    pub until: Option<DateTime<Utc>>,
}

impl AuditFilter {
    /// ` WHERE …`, built from what is given, so that each question gets the plan of its own index.
    pub(super) fn push_to(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        sql.push(" WHERE true");
        let texts = [
            (" AND entity_type = ", self.entity_type.clone()),
            (" AND entity_id = ", self.entity_id.clone()),
            (" AND actor = ", self.actor.clone()),
            (" AND action = ", self.action.clone()),
            (" AND category = ", self.category.map(|category| category.name().to_owned())),
        ];
        for (condition, text) in texts {
            if let Some(text) = text {
                sql.push(condition).push_bind(text);
            }
        }
        for (condition, position) in
            [(" AND position >= ", self.from_position), (" AND position <= ", self.until_position)]
        {
            if let Some(position) = position {
                sql.push(condition).push_bind(position);
            }
        }
        self.push_times(sql);
    }

    /// Times become positions first: rows in the order of positions are then read from the right place.
    fn push_times(&self, sql: &mut QueryBuilder<'_, Postgres>) {
        for (condition, time) in [(" AND position >= ", self.since), (" AND position < ", self.until)] {
            if let Some(time) = time {
                sql.push(condition)
                    .push("coalesce((SELECT a.position FROM audit_log a WHERE a.recorded_at >= ")
                    .push_bind(time)
                    .push(" ORDER BY a.recorded_at, a.position LIMIT 1), 9223372036854775807)");
            }
        }
    }
}
