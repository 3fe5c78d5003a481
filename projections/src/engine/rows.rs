//! Rows of a table as JSON, any number of them in one statement: a row is a serde type whose fields are the table's
//! columns.

use crate::{projection::ProjectionError, queries::QueryError};
use serde::de::DeserializeOwned;
use sqlx::{PgPool, Postgres, postgres::PgArguments, query::Query};

/// With its parameters bound.
pub(crate) type Statement<'q> = Query<'q, Postgres, PgArguments>;

/// Rows of a table of one's own.
pub(crate) fn read<R: DeserializeOwned>(texts: &[String]) -> Result<Vec<R>, ProjectionError> {
    texts.iter().map(|text| serde_json::from_str(text).map_err(ProjectionError::Row)).collect()
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
