//! A new generation from the rows of the live one: the same rows in new files, without the bytes of those that were
//! deleted. Cheaper than the log, and read and written as ever meanwhile.

use super::{
    RebuildError,
    fill::{Filling, begin_anew},
};
use crate::{projection::Projection, schema};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use store::Store;

impl Filling {
    /// As of one snapshot; what happened since is then filled in as in a rebuild.
    pub(super) async fn copied(
        store: &Store,
        mut connection: PgConnection,
        projection: Arc<dyn Projection>,
        batch: i64,
    ) -> Result<Self, RebuildError> {
        begin_anew(&mut connection, &projection).await?;
        let position = copy(&mut connection, &projection).await?;
        Ok(Self::at(store, connection, projection, position, batch))
    }
}

async fn copy(connection: &mut PgConnection, projection: &Arc<dyn Projection>) -> Result<i64, RebuildError> {
    let name = projection.name();
    let (live, next) = (schema::live(name), schema::next(name));
    let mut tx = connection
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL synchronous_commit = off")
        .await?;
    let position: Option<i64> = sqlx::query_scalar(
        "SELECT position FROM projections.cursors WHERE projection = $1 AND shape = md5($2)",
    )
    .bind(name.as_str())
    .bind(projection.tables())
    .fetch_optional(&mut *tx)
    .await?;
    let position = position.ok_or_else(|| RebuildError::Shape(name.to_string()))?;
    for table in schema::tables(&mut tx, &live).await? {
        let columns = stored_columns(&mut tx, &live, &table).await?;
        let sql = format!("INSERT INTO {next}.{table} ({columns}) SELECT {columns} FROM {live}.{table}");
        schema::script(&mut tx, &sql).await?;
    }
    sqlx::query("UPDATE projections.rebuilds SET position = $2 WHERE projection = $1")
        .bind(name.as_str())
        .bind(position)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    for table in schema::tables(connection, &next).await? {
        schema::script(connection, &format!("ANALYZE {next}.{table}")).await?;
    }
    Ok(position)
}

/// Those that are not computed from others.
async fn stored_columns(tx: &mut PgConnection, schema: &str, table: &str) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
          WHERE attrelid = format('%I.%I', $1::text, $2::text)::regclass AND attnum > 0 AND NOT attisdropped
            AND attgenerated = ''",
    )
    .bind(schema)
    .bind(table)
    .fetch_one(tx)
    .await
}
