//! A new generation from the log, beside the live one, and the swap.
//!
//! Readers never see a generation in the making. One rebuild of a projection at a time.

mod copy;
mod digest;
mod fill;
mod swap;

use crate::{
    projection::{Name, Projection, ProjectionError},
    registry, schema,
};
use digest::Digests;
use fill::Filling;
use sqlx::{Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use store::{Store, StoreError};
use thiserror::Error;

#[derive(Clone, Copy, Debug)]
pub struct RebuildOptions {
    /// Only compares with the live generation, and drops the new one.
    pub check: bool,
    /// Goes on with what a stopped rebuild left. Only for the same program: rows that another one wrote stay as
    /// they are.
    pub resume: bool,
    /// Events in one transaction.
    pub batch: i64,
}

impl Default for RebuildOptions {
    fn default() -> Self {
        Self { check: false, resume: false, batch: 1_000 }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub position: i64,
    /// Where it ends, as known now.
    pub head: i64,
    /// Events applied by this call, and how long that took.
    pub applied: i64,
    pub elapsed: Duration,
}

impl Progress {
    pub fn per_second(&self) -> f64 {
        self.applied as f64 / self.elapsed.as_secs_f64().max(0.001)
    }

    /// At the present rate.
    pub fn time_left(&self) -> Duration {
        let left = (self.head - self.position).max(0) as f64 / self.per_second().max(1.0);
        Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX)
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rebuilt {
    Swapped {
        position: i64,
    },
    /// Checked: all tables are the same.
    Same {
        position: i64,
    },
    /// Checked: these tables differ.
    Different {
        position: i64,
        tables: Vec<String>,
    },
}

#[derive(Debug, Error)]
pub enum RebuildError {
    #[error("there is no projection {0}; there are {names}", names = all_names())]
    Unknown(String),
    #[error("{0} is being rebuilt already")]
    Busy(String),
    #[error("the tables of {0} have another shape: rebuild it")]
    Shape(String),
    #[error("readers of {0} did not let the new generation in")]
    Refused(String),
    #[error("the log holds an event that cannot be applied after position {position}: {why}")]
    Event { position: i64, why: String },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

fn all_names() -> String {
    registry::NAMES.map(|name| name.as_str()).join(", ")
}

impl RebuildError {
    fn event(position: i64, error: ProjectionError) -> Self {
        match error {
            ProjectionError::Database(error) => Self::Database(error),
            other => Self::Event { position, why: other.without_content() },
        }
    }
}

/// Builds a projection anew and swaps it in, or compares it with the live one.
///
/// Dropping the future stops it; what it left behind is continued by `resume` and dropped otherwise.
pub async fn rebuild(
    store: &Store,
    name: &str,
    options: RebuildOptions,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, RebuildError> {
    let projection = registry::find(name).ok_or_else(|| RebuildError::Unknown(name.to_owned()))?;
    let mut connection = schema::rebuilding_connection(store.pool(), projection.name()).await?;
    lock(&mut connection, name).await?;
    schema::ensure_live(&mut connection, std::slice::from_ref(&projection)).await?;
    let rebuilt = if options.check {
        check(store, connection, projection, options, &mut progress).await?
    } else {
        let mut filling = Filling::begin(store, connection, projection, options, None).await?;
        filling.fill(None, &mut progress).await?;
        let position = swap::swap(&mut filling).await?;
        unlock(&mut filling.connection).await;
        Rebuilt::Swapped { position }
    };
    Ok(rebuilt)
}

/// Puts the rows of a projection into new tables and swaps those in: what was deleted is then nowhere in its files.
///
/// # Errors
/// As for [`rebuild`]; [`RebuildError::Shape`] where the tables are another program's.
pub async fn rewrite(store: &Store, name: Name) -> Result<i64, RebuildError> {
    let projection = registry::find(name.as_str()).ok_or_else(|| RebuildError::Unknown(name.to_string()))?;
    let mut connection = schema::rebuilding_connection(store.pool(), name).await?;
    lock(&mut connection, name.as_str()).await?;
    let batch = RebuildOptions::default().batch;
    let mut filling = Filling::copied(store, connection, projection, batch).await?;
    filling.fill(None, &mut |_| {}).await?;
    let position = swap::swap(&mut filling).await?;
    unlock(&mut filling.connection).await;
    Ok(position)
}

/// Ends with the connection, or by [`unlock`].
async fn lock(connection: &mut PgConnection, name: &str) -> Result<(), RebuildError> {
    let sql = "SELECT pg_try_advisory_lock(hashtextextended('annals rebuild ' || $1, 0))";
    let taken: bool = sqlx::query_scalar(sql).bind(name).fetch_one(connection).await?;
    taken.then_some(()).ok_or_else(|| RebuildError::Busy(name.to_owned()))
}

/// The server notices the end of a connection a moment after its client: the next rebuild must not wait for that.
async fn unlock(connection: &mut PgConnection) {
    let unlocked = sqlx::query("SELECT pg_advisory_unlock_all()").execute(connection).await;
    if let Err(error) = unlocked {
        tracing::debug!(%error, "the lock of the rebuild ends with its connection");
    }
}

/// The live generation is read first: the new one is then filled exactly up to where that stood.
async fn check(
    store: &Store,
    mut connection: PgConnection,
    projection: Arc<dyn Projection>,
    options: RebuildOptions,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<Rebuilt, RebuildError> {
    let name = projection.name();
    let (position, live) = live(&mut connection, &projection).await?;
    let mut filling = Filling::begin(store, connection, projection, options, Some(position)).await?;
    filling.fill(Some(position), progress).await?;
    let next = digest::of(&mut filling.connection, &schema::next(name)).await?;
    filling.drop().await?;
    unlock(&mut filling.connection).await;
    let tables = digest::differing(&live, &next);
    Ok(if tables.is_empty() { Rebuilt::Same { position } } else { Rebuilt::Different { position, tables } })
}

/// Cursor and rows of one snapshot, without holding up the runner.
async fn live(
    connection: &mut PgConnection,
    projection: &Arc<dyn Projection>,
) -> Result<(i64, Digests), RebuildError> {
    let mut tx = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    let position = sqlx::query_scalar("SELECT position FROM projections.cursors WHERE projection = $1")
        .bind(projection.name().as_str())
        .fetch_one(&mut *tx)
        .await?;
    let digests = digest::of(&mut tx, &schema::live(projection.name())).await?;
    tx.commit().await?;
    Ok((position, digests))
}
