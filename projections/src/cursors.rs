//! Reads and moves of `projections.cursors`.

use crate::projection::{Name, Projection};
use sqlx::{PgConnection, PgPool, Row};
use std::sync::Arc;

/// A projection and where its live generation stands.
#[derive(Clone)]
pub(crate) struct Member {
    pub projection: Arc<dyn Projection>,
    pub generation: i32,
    pub position: i64,
    /// It stood still when this was read.
    pub failed: bool,
    /// Its tables are the ones that this program writes.
    pub fits: bool,
}

impl Member {
    pub(crate) fn name(&self) -> Name {
        self.projection.name()
    }
}

/// All that have a live generation.
pub(crate) async fn load(
    pool: &PgPool,
    projections: &[Arc<dyn Projection>],
) -> Result<Vec<Member>, sqlx::Error> {
    let names: Vec<&str> = projections.iter().map(|projection| projection.name().as_str()).collect();
    let tables: Vec<&str> = projections.iter().map(|projection| projection.tables()).collect();
    let rows = sqlx::query(
        "SELECT k.n, c.generation, c.position, c.failed IS NOT NULL AS failed, c.shape = md5(k.tables) AS fits
           FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS k (name, tables, n)
           JOIN projections.cursors c ON c.projection = k.name ORDER BY k.n",
    )
    .bind(names)
    .bind(tables)
    .fetch_all(pool)
    .await?;
    let member = |row: &sqlx::postgres::PgRow| {
        let n = usize::try_from(row.get::<i64, _>("n")).ok()?;
        Some(Member {
            projection: Arc::clone(projections.get(n.checked_sub(1)?)?),
            generation: row.get("generation"),
            position: row.get("position"),
            failed: row.get("failed"),
            fits: row.get("fits"),
        })
    };
    Ok(rows.iter().filter_map(member).collect())
}

/// Compare-and-set, all or nothing: false if any of them is elsewhere by now. First in its transaction, so that
/// whoever else wants to move one of these cursors waits, and a swap of generations is either before or after.
pub(crate) async fn advance_in(
    tx: &mut PgConnection,
    members: &[Member],
    from: i64,
    to: i64,
) -> Result<bool, sqlx::Error> {
    let names: Vec<&str> = members.iter().map(|member| member.name().as_str()).collect();
    let generations: Vec<i32> = members.iter().map(|member| member.generation).collect();
    // Locked in the order of their names: two runners that want the same ones wait for each other, never both.
    let done = sqlx::query(
        "WITH held AS MATERIALIZED (
             SELECT c.projection, c.position, c.generation FROM projections.cursors c
              WHERE c.projection = ANY ($1) ORDER BY c.projection FOR UPDATE)
         UPDATE projections.cursors AS c SET position = $4, failed = NULL, updated_at = now()
           FROM held JOIN unnest($1::text[], $2::int[]) AS wanted (projection, generation) USING (projection)
          WHERE c.projection = held.projection AND held.position = $3 AND held.generation = wanted.generation",
    )
    .bind(names)
    .bind(generations)
    .bind(from)
    .bind(to)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == members.len() as u64)
}

/// Says why a projection stands still, unless it went on meanwhile.
pub(crate) async fn fail(
    pool: &PgPool,
    member: &Member,
    position: i64,
    why: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE projections.cursors SET failed = $4, updated_at = now()
          WHERE projection = $1 AND generation = $2 AND position = $3",
    )
    .bind(member.name().as_str())
    .bind(member.generation)
    .bind(position)
    .bind(why)
    .execute(pool)
    .await?;
    Ok(())
}
