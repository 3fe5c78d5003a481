//! What projections do with their tables for a batch of events: they read first, and what they store is gathered and
//! written in one statement, last. A round trip costs more than most of what is written in it.

use crate::{
    columns::{Column, Values},
    cursors::{self, Move},
    projection::ProjectionError,
    rows::{Insert, Statement},
};
use sqlx::PgConnection;
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

/// What was stored and is not written yet.
#[derive(Default)]
struct Writes(Vec<Pending>);

/// A statement that waits, with what it binds: one array for each column.
pub(crate) struct Pending {
    form: Form,
    columns: Vec<Column>,
}

enum Form {
    Insert(Insert),
    /// With `$1` for its only parameter.
    Whole(&'static str),
}

impl Pending {
    pub const fn insert(insert: Insert, columns: Vec<Column>) -> Self {
        Self { form: Form::Insert(insert), columns }
    }

    /// Its parameters begin with this number.
    fn sql(&self, first: usize) -> String {
        match &self.form {
            Form::Insert(insert) => insert.sql(&self.columns, first),
            Form::Whole(sql) => sql.replace("$1", &format!("${first}")),
        }
    }
}

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

    /// For a statement of [`Rows`](crate::rows::Rows), which may wait.
    pub fn write_later(&mut self, pending: Pending) {
        self.writes.0.push(pending);
    }

    /// Deletes rows by their ids, which `sql` takes as an array, together with what is stored.
    pub fn delete_later(&mut self, sql: &'static str, ids: Vec<Uuid>) {
        if !ids.is_empty() {
            let ids = Values::Uuids(ids.into_iter().map(Some).collect());
            self.write_later(Pending {
                form: Form::Whole(sql),
                columns: vec![Column { name: "", values: ids }],
            });
        }
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

    /// Each as a table expression, with parameters of its own from `first` on.
    fn expressions(&self, mut first: usize) -> Vec<String> {
        let mut expressions = Vec::with_capacity(self.0.len());
        for (n, pending) in self.0.iter().enumerate() {
            expressions.push(format!("w{n} AS ({})", pending.sql(first)));
            first += pending.columns.len();
        }
        expressions
    }

    fn bind_to(self, query: Statement<'_>) -> Statement<'_> {
        let columns = self.0.into_iter().flat_map(|pending| pending.columns);
        columns.fold(query, |query, column| column.values.bind_to(query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_has_parameters_of_its_own() {
        let whole = |sql, columns: usize| {
            let column = |_| Column { name: "", values: Values::Bigs(Vec::new()) };
            Pending { form: Form::Whole(sql), columns: (0..columns).map(column).collect() }
        };
        let writes = Writes(vec![whole("DELETE $1, $1", 2), whole("DELETE $1", 1)]);

        assert_eq!(writes.expressions(5), ["w0 AS (DELETE $5, $5)", "w1 AS (DELETE $7)"]);
    }
}
