//! Reads and moves of `projections.cursors`.

use crate::{
    projection::{Name, Projection},
    rows::Statement,
};
use sqlx::{PgPool, Row};
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

/// A move of cursors by compare-and-set, all or none.
pub(crate) struct Move<'m> {
    pub members: &'m [Member],
    pub from: i64,
    pub to: i64,
}

/// Table expressions that move cursors, with the parameters of [`Move::bind_to`]. Locked in the order of their names:
/// two runners that want the same ones wait for each other, never both.
pub(crate) const MOVE: &str = "
    held AS MATERIALIZED (
        SELECT c.projection, c.position, c.generation FROM projections.cursors c
         WHERE c.projection = ANY ($1) ORDER BY c.projection FOR UPDATE),
    moved AS (
        UPDATE projections.cursors AS c SET position = $4, failed = NULL, updated_at = now()
          FROM held JOIN unnest($1::text[], $2::int[]) AS wanted (projection, generation) USING (projection)
         WHERE c.projection = held.projection AND held.position = $3 AND held.generation = wanted.generation
        RETURNING 1)";
/// How many parameters that has.
pub(crate) const MOVE_TAKES: usize = 4;
/// The query behind such expressions: it is run before what nothing refers to, and refuses if not all were moved.
pub(crate) const OR_REFUSE: &str = "
    SELECT CASE WHEN (SELECT count(*) FROM moved) < cardinality($1::text[]) THEN projections.refuse_move() END";

impl Move<'_> {
    pub(crate) fn bind_to<'q>(&self, query: Statement<'q>) -> Statement<'q> {
        let names: Vec<String> = self.members.iter().map(|member| member.name().to_string()).collect();
        let generations: Vec<i32> = self.members.iter().map(|member| member.generation).collect();
        query.bind(names).bind(generations).bind(self.from).bind(self.to)
    }
}

/// Whether a statement refused to move cursors, because one of them was elsewhere.
pub(crate) fn is_refused(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "AN001")
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
