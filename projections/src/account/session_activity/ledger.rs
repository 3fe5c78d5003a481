//! Times and counts of use, kept in memory and written now and then.

use super::{
    Activity,
    memory::Memory,
    table::{self, Table},
};
use crate::queries::QueryError;
use chrono::{DateTime, TimeDelta, Utc};
use domain::UserId;
use sqlx::PgPool;
use std::{
    collections::HashMap,
    marker::PhantomData,
    sync::{Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// Of things of one kind, which are named by an `I`.
pub struct Ledger<I> {
    memory: Mutex<Memory>,
    pool: PgPool,
    table: Table,
    named_by: PhantomData<fn(I) -> I>,
}

impl<I: Copy + From<Uuid> + Into<Uuid> + Eq + std::hash::Hash> Ledger<I> {
    pub(super) fn new(pool: PgPool, table: Table) -> Self {
        Self { memory: Mutex::default(), pool, table, named_by: PhantomData }
    }

    /// It was used, by or for this person if by or for one.
    pub fn visit(&self, id: I, user: Option<UserId>, now: DateTime<Utc>) {
        if !self.memory().visit(id.into(), user, now) {
            metrics::counter!("annals_session_activity_dropped_total").increment(1);
        }
    }

    /// When this node saw it last.
    pub(super) fn seen_here(&self, id: I) -> Option<DateTime<Utc>> {
        self.memory().find(id.into()).map(|seen| seen.last_active)
    }

    /// What all nodes have written of it.
    pub(super) async fn written(&self, id: I) -> Result<Option<Activity>, QueryError> {
        let id = id.into();
        Ok(table::find(&self.pool, self.table, &[id]).await?.remove(&id))
    }

    /// What is known of these, this node's latest included; those that nobody saw are absent.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn of(&self, ids: &[I]) -> Result<HashMap<I, Activity>, QueryError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
        let mut known = table::find(&self.pool, self.table, &ids).await?;
        let memory = self.memory();
        for id in ids {
            let Some(here) = memory.find(id) else { continue };
            let there = known.get(&id).copied();
            let last_active = there.map_or(here.last_active, |there| there.last_active.max(here.last_active));
            let pages_visited = here.unwritten + there.map_or(0, |there| there.pages_visited);
            known.insert(id, Activity { last_active, pages_visited });
        }
        Ok(known.into_iter().map(|(id, activity)| (I::from(id), activity)).collect())
    }

    /// Writes what was seen since the last write, and says of how many.
    ///
    /// # Errors
    /// What could not be written stays for the next time.
    pub async fn write(&self) -> Result<usize, QueryError> {
        let batch = self.memory().take();
        let written = table::add(&self.pool, self.table, &batch).await;
        if written.is_err() {
            self.memory().put_back(&batch);
        }
        Ok(written.map(|()| batch.len())?)
    }

    pub(super) async fn write_or_warn(&self) {
        if let Err(error) = self.write().await {
            tracing::warn!(%error, table = self.table.name, "what was seen is kept for the next write");
        }
    }

    pub(super) async fn forget_or_warn(&self, kept: TimeDelta) {
        if let Err(error) = table::forget(&self.pool, self.table, kept).await {
            tracing::warn!(%error, table = self.table.name, "old telemetry stays");
        }
    }

    /// A panic elsewhere cannot have left it half changed.
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
