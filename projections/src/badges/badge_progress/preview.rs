//! A criterion tried against all of history: who would have earned it, and when. It writes nothing.

use super::rows::{FACTS, FactRow};
use crate::{
    job_queries::{JobQueries, NotTold},
    queries::{Queries, QueryError},
    registry::BADGE_PROGRESS,
    schema,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    UserId,
    badge::{
        Availability,
        criteria::{Criterion, Fact},
    },
};
use futures::future::BoxFuture;
use sqlx::PgPool;
use std::collections::BTreeMap;
use store::Store;

/// After each of these it tells how far it is.
const FETCH: &str = "FETCH FORWARD 20000 FROM facts";
/// Earners who are named: the first by time. All are counted.
pub const NAMED: usize = 1_000;

/// Who would have the badge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Facts that were looked at.
    pub facts: u64,
    /// People of whom there are any.
    pub people: u64,
    pub earned: u64,
    /// How many by the UTC day on which they would have earned it.
    pub by_day: BTreeMap<NaiveDate, u64>,
    /// By time; at most [`NAMED`].
    pub earners: Vec<Earner>,
}

/// Somebody who would have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Earner {
    pub at: DateTime<Utc>,
    pub user: UserId,
    /// Of the event that completed it.
    pub position: u64,
}

/// How far a preview is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    pub done: u64,
    /// As it was at the beginning.
    pub total: u64,
}

impl Queries {
    /// Who would have earned such a badge, over all of history. Dropping the future stops it.
    pub async fn preview(
        &self,
        criterion: &Criterion,
        available: Availability,
        progress: impl FnMut(Looked) + Send,
    ) -> Result<Preview, QueryError> {
        run(&self.pool, criterion, available, progress).await
    }
}

impl JobQueries {
    /// Everybody who has earned such a badge by now.
    pub async fn list_earners(
        &self,
        (criterion, available): (Criterion, Availability),
        position: i64,
    ) -> Result<Vec<UserId>, NotTold> {
        self.fresh(&[BADGE_PROGRESS], position).await?;
        Ok(earners(self.pool.clone(), criterion, available).await?)
    }
}

/// Folds everybody's facts. Dropping the future stops it.
async fn run(
    pool: &PgPool,
    criterion: &Criterion,
    available: Availability,
    progress: impl FnMut(Looked) + Send,
) -> Result<Preview, QueryError> {
    let mut preview = fold(pool, criterion, available, progress).await?;
    preview.earners.sort_unstable();
    preview.earners.truncate(NAMED);
    Ok(preview)
}

/// As [`Queries::preview`](crate::Queries::preview), without a running program.
///
/// # Errors
/// The read models cannot be reached.
pub fn of_store(
    store: &Store,
    criterion: Criterion,
    available: Availability,
    progress: impl FnMut(Looked) + Send + 'static,
) -> BoxFuture<'static, Result<Preview, QueryError>> {
    let pool = schema::reading_pool(store.pool(), 1);
    Box::pin(async move { run(&pool, &criterion, available, progress).await })
}

/// Everybody who would have it.
fn earners(
    pool: PgPool,
    criterion: Criterion,
    available: Availability,
) -> BoxFuture<'static, Result<Vec<UserId>, QueryError>> {
    Box::pin(async move {
        let preview = fold(&pool, &criterion, available, |_| {}).await?;
        Ok(preview.earners.into_iter().map(|earner| earner.user).collect())
    })
}

async fn fold(
    pool: &PgPool,
    criterion: &Criterion,
    available: Availability,
    mut progress: impl FnMut(Looked) + Send,
) -> Result<Preview, QueryError> {
    let mut tx = pool.begin().await?;
    // One picture of all the rows, sorted in memory as far as possible.
    for setting in [
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL work_mem = '128MB'",
        "SET LOCAL statement_timeout = '10min'",
    ] {
        sqlx::query(setting).execute(&mut *tx).await?;
    }
    let total: i64 = sqlx::query_scalar("SELECT count(*) FROM badge_facts").fetch_one(&mut *tx).await?;
    let total = u64::try_from(total).unwrap_or(0);
    let declare = format!(
        "DECLARE facts NO SCROLL CURSOR FOR SELECT {} FROM badge_facts ORDER BY user_id, position, n",
        FACTS.names()
    );
    sqlx::query(&declare).execute(&mut *tx).await?;
    let mut folding = Folding { criterion, available, preview: Preview::default(), of: None };
    loop {
        let rows: Vec<FactRow> = sqlx::query_as(FETCH).fetch_all(&mut *tx).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if let Some(fact) = row.fact() {
                folding.take(UserId::from_uuid(row.user_id), fact);
            }
        }
        progress(Looked { done: folding.preview.facts, total });
    }
    tx.rollback().await?;
    let preview = folding.finish();
    progress(Looked { done: preview.facts, total: total.max(preview.facts) });
    Ok(preview)
}

struct Folding<'a> {
    criterion: &'a Criterion,
    available: Availability,
    preview: Preview,
    /// Whose facts are being gathered.
    of: Option<(UserId, Vec<Fact>)>,
}

impl Folding<'_> {
    fn take(&mut self, user: UserId, fact: Fact) {
        self.preview.facts += 1;
        match &mut self.of {
            Some((of, facts)) if *of == user => facts.push(fact),
            Some(_) | None => {
                self.judge();
                self.of = Some((user, vec![fact]));
            }
        }
    }

    fn judge(&mut self) {
        let Some((user, facts)) = self.of.take() else { return };
        self.preview.people += 1;
        let Some(earned) = self.criterion.first_earned_within(facts, self.available) else { return };
        self.preview.earned += 1;
        *self.preview.by_day.entry(earned.at.date_naive()).or_default() += 1;
        self.preview.earners.push(Earner { at: earned.at, user, position: earned.position });
    }

    fn finish(mut self) -> Preview {
        self.judge();
        self.preview
    }
}
