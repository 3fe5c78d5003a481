//! Fills the schema of the next generation from the log.

use super::{Progress, RebuildError, RebuildOptions};
use crate::{
    batch::Batch,
    envelope,
    projection::{self, Name, Projection},
    schema,
};
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Instant};
use store::{Opener, Reader, Store};

pub(super) struct Filling {
    pub connection: PgConnection,
    pub projection: Arc<dyn Projection>,
    pub reader: Reader,
    /// The last event applied.
    pub position: i64,
    opener: Opener,
    batch: i64,
}

impl Filling {
    /// An empty generation, or the one that was left, unless it is past `at_most` or has other tables.
    pub(super) async fn begin(
        store: &Store,
        mut connection: PgConnection,
        projection: Arc<dyn Projection>,
        options: RebuildOptions,
        at_most: Option<i64>,
    ) -> Result<Self, RebuildError> {
        let left = if options.resume { left_behind(&mut connection, &projection).await? } else { None };
        let position = match left.filter(|position| at_most.is_none_or(|at_most| *position <= at_most)) {
            Some(position) => position,
            None => {
                begin_anew(&mut connection, &projection).await?;
                0
            }
        };
        Ok(Self::at(store, connection, projection, position, options.batch))
    }

    /// One that is as far as this position.
    pub(super) fn at(
        store: &Store,
        connection: PgConnection,
        projection: Arc<dyn Projection>,
        position: i64,
        batch: i64,
    ) -> Self {
        let (reader, opener) = (store.reader(), store.opener());
        Self { connection, projection, reader, position, opener, batch: batch.max(1) }
    }

    pub(super) fn name(&self) -> Name {
        self.projection.name()
    }

    /// Up to `until`, or else as far as the log reaches.
    pub(super) async fn fill(
        &mut self,
        until: Option<i64>,
        progress: &mut (impl FnMut(Progress) + Send),
    ) -> Result<(), RebuildError> {
        let (begun, from) = (Instant::now(), self.position);
        let mut head = until.unwrap_or(0);
        while until.is_none_or(|until| self.position < until) {
            if until.is_none() && head <= self.position {
                head = self.reader.head().await?;
            }
            let limit = until.map_or(self.batch, |until| self.batch.min(until - self.position));
            let mut tx = self.connection.begin_with("BEGIN; SET LOCAL synchronous_commit = off").await?;
            let step = Step { reader: &self.reader, opener: &self.opener, projection: &*self.projection };
            let reached = step.apply_in(&mut tx, self.position, limit).await?;
            tx.commit().await?;
            let done = reached - self.position < limit;
            self.position = reached;
            let (applied, elapsed) = (reached - from, begun.elapsed());
            progress(Progress { position: reached, head: head.max(reached), applied, elapsed });
            if done {
                return Ok(());
            }
        }
        Ok(())
    }

    pub(super) fn step(&mut self) -> (Step<'_>, &mut PgConnection, i64, i64) {
        let Self { connection, projection, reader, position, opener, batch } = self;
        (Step { reader, opener, projection: &**projection }, connection, *position, *batch)
    }

    /// Removes the generation that was being filled.
    pub(super) async fn drop(&mut self) -> Result<(), sqlx::Error> {
        let mut tx = self.connection.begin().await?;
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", schema::next(self.projection.name()));
        schema::script(&mut tx, &sql).await?;
        forget(&mut tx, self.projection.name()).await?;
        tx.commit().await
    }
}

/// What it takes to apply a batch in somebody's transaction.
pub(super) struct Step<'a> {
    reader: &'a Reader,
    opener: &'a Opener,
    projection: &'a dyn Projection,
}

impl Step<'_> {
    /// Returns the last position that is applied then.
    pub(super) async fn apply_in(
        &self,
        tx: &mut PgConnection,
        from: i64,
        limit: i64,
    ) -> Result<i64, RebuildError> {
        let events = envelope::open_all(self.opener, self.reader.after(from, limit).await?).await?;
        let Some(last) = events.last() else { return Ok(from) };
        let to = last.recorded.position;
        let mut batch = Batch::begun(tx, from, to);
        let applied = async {
            projection::apply(self.projection, &mut batch, &events).await?;
            batch.write().await
        };
        applied.await.map_err(|error| RebuildError::event(from, error))?;
        sqlx::query("UPDATE projections.rebuilds SET position = $2 WHERE projection = $1")
            .bind(self.projection.name().as_str())
            .bind(to)
            .execute(tx)
            .await?;
        Ok(to)
    }
}

pub(super) async fn forget(tx: &mut PgConnection, name: Name) -> Result<(), sqlx::Error> {
    let sql = "DELETE FROM projections.rebuilds WHERE projection = $1";
    sqlx::query(sql).bind(name.as_str()).execute(tx).await?;
    Ok(())
}

async fn left_behind(
    connection: &mut PgConnection,
    projection: &Arc<dyn Projection>,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT position FROM projections.rebuilds WHERE projection = $1 AND shape = md5($2)")
        .bind(projection.name().as_str())
        .bind(projection.tables())
        .fetch_optional(connection)
        .await
}

pub(super) async fn begin_anew(
    connection: &mut PgConnection,
    projection: &Arc<dyn Projection>,
) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    forget(&mut tx, projection.name()).await?;
    sqlx::query("INSERT INTO projections.rebuilds (projection, shape) VALUES ($1, md5($2))")
        .bind(projection.name().as_str())
        .bind(projection.tables())
        .execute(&mut *tx)
        .await?;
    schema::create(&mut tx, &schema::next(projection.name()), projection.tables()).await?;
    tx.commit().await
}
