//! Rows in and out of a table as JSON, one statement for any number of them: a row is a serde type whose fields are
//! the table's columns.

use crate::{envelope::Envelope, projection::ProjectionError, queries::QueryError};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{PgConnection, PgPool, Postgres};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The rows that a batch touches. `sql` selects `row_to_json(…)::text` by an array of ids.
pub(crate) async fn load<R: DeserializeOwned>(
    tx: &mut PgConnection,
    sql: &str,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<R>, ProjectionError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    read(&sqlx::query_scalar(sql).bind(ids).fetch_all(tx).await?)
}

/// Rows of a table of one's own.
pub(crate) fn read<R: DeserializeOwned>(texts: &[String]) -> Result<Vec<R>, ProjectionError> {
    texts.iter().map(|text| serde_json::from_str(text).map_err(ProjectionError::Row)).collect()
}

/// Writes rows. `sql` takes them as one JSON array for `json_populate_recordset`.
pub(crate) async fn store<R: Serialize>(
    tx: &mut PgConnection,
    sql: &str,
    rows: &[R],
) -> Result<(), ProjectionError> {
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(sql).bind(json(rows)?).execute(tx).await?;
    Ok(())
}

/// Deletes the rows of persons who are erased in a batch. `sql` takes an array of their ids. Before anything is
/// written: somebody else may have their name by the end of the batch.
pub(crate) async fn purge(
    tx: &mut PgConnection,
    sql: &str,
    events: &[Envelope],
) -> Result<(), ProjectionError> {
    let erased: Vec<Uuid> = events.iter().filter_map(Envelope::erased).collect();
    if !erased.is_empty() {
        sqlx::query(sql).bind(erased).execute(tx).await?;
    }
    Ok(())
}

/// Writes rows of several tables in one round trip. `sql` takes each table's as one JSON array.
pub(crate) async fn store_tables<const N: usize>(
    tx: &mut PgConnection,
    sql: &str,
    tables: [String; N],
) -> Result<(), ProjectionError> {
    tables.into_iter().fold(sqlx::query(sql), |query, rows| query.bind(rows)).execute(tx).await?;
    Ok(())
}

/// The rows of one table for [`store_tables`].
pub(crate) fn json<R: Serialize>(rows: &[R]) -> Result<String, ProjectionError> {
    serde_json::to_string(rows).map_err(ProjectionError::Row)
}

/// One row for a reader.
pub(crate) async fn find<'q, R: DeserializeOwned>(
    pool: &PgPool,
    sql: &'q str,
    key: impl sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + Send + 'q,
) -> Result<Option<R>, QueryError> {
    let text: Option<String> = sqlx::query_scalar(sql).bind(key).fetch_optional(pool).await?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

pub(crate) fn parse<R: DeserializeOwned>(texts: Vec<String>) -> Result<Vec<R>, QueryError> {
    texts.iter().map(|text| Ok(serde_json::from_str(text)?)).collect()
}
