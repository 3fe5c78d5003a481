//! The new generation takes the place of the live one: two renames under the locks of all live tables (ADR 4).

use super::{
    RebuildError,
    fill::{Filling, forget},
};
use crate::{projection::Name, schema};
use sqlx::{Connection, PgConnection};
use std::time::Duration;
use tokio::time::sleep;

const ATTEMPTS: u32 = 200;

/// Returns the position at which the projection stands then.
pub(super) async fn swap(filling: &mut Filling) -> Result<i64, RebuildError> {
    let name = filling.name();
    drop_old(&mut filling.connection, name).await?;
    for attempt in 0..ATTEMPTS {
        match try_swap(filling).await {
            Ok(position) => {
                if let Err(error) = drop_old(&mut filling.connection, name).await {
                    tracing::warn!(%error, %name, "the former generation is left to the next rebuild");
                }
                return Ok(position);
            }
            Err(RebuildError::Database(error)) if is_worth_another_try(&error) => {
                sleep(Duration::from_millis(u64::from(5 + attempt % 4 * 5))).await;
                // The log went on meanwhile.
                filling.fill(None, &mut |_| {}).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Err(RebuildError::Refused(name.to_string()))
}

/// Readers kept a table for longer than the swap waits, or the other way round.
fn is_worth_another_try(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == "55P03" || code == "40P01")
}

async fn try_swap(filling: &mut Filling) -> Result<i64, RebuildError> {
    let name = filling.name();
    let shape = filling.projection.tables();
    let (step, connection, mut position, batch) = filling.step();
    wait_for_runner(connection, name).await?;
    let mut tx = connection.begin().await?;
    lock_tables(&mut tx, name).await?;
    // The runner's statements move this row before they write anything: it waits, and then finds that the generation is
    // another.
    let live: i64 =
        sqlx::query_scalar("SELECT position FROM projections.cursors WHERE projection = $1 FOR UPDATE")
            .bind(name.as_str())
            .fetch_one(&mut *tx)
            .await?;
    while position < live {
        position = step.apply_in(&mut tx, position, batch).await?;
    }
    rename(&mut tx, name).await?;
    sqlx::query(
        "UPDATE projections.cursors SET position = $2, generation = generation + 1, shape = md5($3), failed = NULL,
            updated_at = now() WHERE projection = $1",
    )
    .bind(name.as_str())
    .bind(position)
    .bind(shape)
    .execute(&mut *tx)
    .await?;
    forget(&mut tx, name).await?;
    tx.commit().await?;
    Ok(position)
}

/// Until the batch that is being applied is committed: one that closes a day for many people takes longer than the swap
/// has patience.
async fn wait_for_runner(connection: &mut PgConnection, name: Name) -> Result<(), sqlx::Error> {
    let sql = "SELECT position FROM projections.cursors WHERE projection = $1 FOR UPDATE";
    sqlx::query(sql).bind(name.as_str()).execute(connection).await?;
    Ok(())
}

/// A rename alone takes no lock that readers heed: one statement over two tables could read two generations. Before the
/// cursor, for the runner's statement, too, has its tables locked when it comes to that. The patience is far below
/// `deadlock_timeout`, so that the swap gives up and nobody else.
async fn lock_tables(tx: &mut PgConnection, name: Name) -> Result<(), sqlx::Error> {
    let live = schema::live(name);
    let tables = schema::tables(tx, &live).await?;
    let tables: Vec<String> = tables.iter().map(|table| format!("{live}.{table}")).collect();
    let lock =
        format!("SET LOCAL lock_timeout = '50ms'; LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", "));
    schema::script(tx, &lock).await
}

async fn rename(tx: &mut PgConnection, name: Name) -> Result<(), sqlx::Error> {
    let (live, next, old) = (schema::live(name), schema::next(name), schema::old(name));
    let renames = format!("ALTER SCHEMA {live} RENAME TO {old}; ALTER SCHEMA {next} RENAME TO {live}");
    schema::script(tx, &renames).await
}

/// Not kept to go back to: nothing would purge an erased person from it.
async fn drop_old(connection: &mut PgConnection, name: Name) -> Result<(), sqlx::Error> {
    let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", schema::old(name));
    schema::script(connection, &sql).await
}
