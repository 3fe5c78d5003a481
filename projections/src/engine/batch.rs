//! What projections do with their tables for a batch of events: they read first, and what they store is gathered and
//! written in one statement, last. A round trip costs more than most of what is written in it.

use crate::{
    cursors::{self, Move},
    envelope::Envelope,
    projection::ProjectionError,
    rows,
};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A batch under way.
pub(crate) struct Batch<'c> {
    connection: &'c mut PgConnection,
    /// The last position before the batch's events, up to which the tables tell.
    pub from: i64,
    /// The last position of the batch, up to which the tables tell once it is written.
    pub to: i64,
    begun: bool,
    writes: Writes,
}

/// What was stored and is not written yet: statements, each with rows as one JSON array for its `$1`.
#[derive(Default)]
struct Writes(Vec<(&'static str, String)>);

impl<'c> Batch<'c> {
    /// In somebody's transaction.
    pub fn begun(connection: &'c mut PgConnection, from: i64, to: i64) -> Self {
        Self { connection, from, to, begun: true, writes: Writes::default() }
    }

    /// Without a transaction: what is read holds as long as no cursor moves, and [`Batch::write_and_move`] is all that
    /// is written.
    pub fn at_once(connection: &'c mut PgConnection, from: i64, to: i64) -> Self {
        Self { connection, from, to, begun: false, writes: Writes::default() }
    }

    /// For reads, which see nothing of what was stored.
    pub const fn reading(&mut self) -> &mut PgConnection {
        self.connection
    }

    /// For what is written at once, after all that was stored before.
    ///
    /// # Errors
    /// [`ProjectionError::NotBegun`] without a transaction; the batch is to be applied again in one.
    pub async fn writing(&mut self) -> Result<&mut PgConnection, ProjectionError> {
        if !self.begun {
            return Err(ProjectionError::NotBegun);
        }
        std::mem::take(&mut self.writes).run(self.connection).await?;
        Ok(self.connection)
    }

    /// The rows that a batch touches. `sql` selects `row_to_json(…)::text` by an array of ids.
    pub async fn load<R: DeserializeOwned>(
        &mut self,
        sql: &str,
        ids: &BTreeSet<Uuid>,
    ) -> Result<Vec<R>, ProjectionError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        rows::read(&sqlx::query_scalar(sql).bind(ids).fetch_all(self.reading()).await?)
    }

    /// Stores rows. `sql` takes them as one JSON array, `$1`, for `json_populate_recordset`. Together with others it
    /// runs as of the same snapshot and in no order: no two of them store the same row.
    pub fn store<R: Serialize>(&mut self, sql: &'static str, rows: &[R]) -> Result<(), ProjectionError> {
        if !rows.is_empty() {
            self.writes.0.push((sql, serde_json::to_string(rows).map_err(ProjectionError::Row)?));
        }
        Ok(())
    }

    /// Deletes the rows of persons who are erased in a batch. `sql` takes an array of their ids. Before anything is
    /// stored: somebody else may have their name by the end of the batch.
    pub async fn purge(&mut self, sql: &str, events: &[&Envelope]) -> Result<(), ProjectionError> {
        let erased: Vec<Uuid> = events.iter().filter_map(|envelope| envelope.erased()).collect();
        if !erased.is_empty() {
            sqlx::query(sql).bind(erased).execute(self.writing().await?).await?;
        }
        Ok(())
    }

    /// Writes what was stored.
    pub async fn write(self) -> Result<(), ProjectionError> {
        Ok(self.writes.run(self.connection).await?)
    }

    /// Writes what was stored and moves the cursors, both or neither. False: one of them is elsewhere by now.
    pub async fn write_and_move(self, cursors: &Move<'_>) -> Result<bool, ProjectionError> {
        match self.writes.run_and_move(self.connection, cursors).await {
            Ok(()) => Ok(true),
            Err(error) if cursors::is_refused(&error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Writes {
    async fn run(self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let sql = format!("WITH {} SELECT", self.expressions(1).join(", "));
        self.bind_to(sqlx::query(&sql)).execute(connection).await?;
        Ok(())
    }

    async fn run_and_move(
        self,
        connection: &mut PgConnection,
        cursors: &Move<'_>,
    ) -> Result<(), sqlx::Error> {
        let expressions =
            [vec![cursors::MOVE.to_owned()], self.expressions(cursors::MOVE_TAKES + 1)].concat();
        let sql = format!("WITH {} {}", expressions.join(", "), cursors::OR_REFUSE);
        self.bind_to(cursors.bind_to(sqlx::query(&sql))).execute(connection).await?;
        Ok(())
    }

    /// Each as a table expression, with a parameter of its own from `first` on.
    fn expressions(&self, first: usize) -> Vec<String> {
        let own =
            |n: usize, sql: &str| format!("w{n} AS ({})", sql.replace("$1", &format!("${}", first + n)));
        self.0.iter().enumerate().map(|(n, (sql, _))| own(n, sql)).collect()
    }

    fn bind_to<'q>(self, query: rows::Statement<'q>) -> rows::Statement<'q> {
        self.0.into_iter().fold(query, |query, (_, rows)| query.bind(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_has_a_parameter_of_its_own() {
        let writes = Writes(vec![("INSERT $1::json, $1", String::new()), ("DELETE $1", String::new())]);

        assert_eq!(writes.expressions(5), ["w0 AS (INSERT $5::json, $5)", "w1 AS (DELETE $6)"]);
    }
}
