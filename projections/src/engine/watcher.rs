//! The positions of the read models, and waiting for them: the other half of reading one's own writes.
//!
//! The runner and the gate of this process say so right after their commit. What other processes did is polled, and
//! only while somebody waits.

use crate::{
    projection::Name,
    queries::QueryError,
    registry::{NAMES, SESSION_GATE},
};
use sqlx::{PgPool, Row};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use store::Reader;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout, timeout_at},
};

/// Between two looks at the cursors.
const POLL: Duration = Duration::from_millis(3);
/// So long the runner of this process gets before the cursors are looked at, if it said something within [`AT_WORK`].
const PATIENCE: Duration = Duration::from_millis(30);
const AT_WORK: Duration = Duration::from_secs(1);
/// For so long a position is believed without another look. Projections commit asynchronously: after a crash of the
/// database, which takes longer than this to come back, a cursor may be smaller (ADR 5).
const BELIEVED: Duration = Duration::from_millis(100);

/// Whether what was waited for has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    Fresh,
    /// The bound has passed.
    Late,
}

/// One per process. Cheap to clone.
#[derive(Clone)]
pub struct Watcher(Arc<Inner>);

struct Inner {
    pool: PgPool,
    reader: Reader,
    positions: Arc<watch::Sender<Positions>>,
    /// How many wait for what a poll may find.
    waiting: watch::Sender<usize>,
}

type Positions = BTreeMap<Name, Seen>;

#[derive(Clone, Copy)]
struct Seen {
    position: i64,
    at: Instant,
    /// Said by this process.
    own: bool,
}

#[derive(PartialEq, Eq)]
enum Standing {
    Reached,
    /// Reached when it was last looked at, some time ago.
    ReachedOnce,
    Behind,
}

impl Watcher {
    pub fn new(pool: PgPool) -> Self {
        let reader = Reader::new(pool.clone());
        let positions = Arc::new(watch::Sender::new(Positions::new()));
        let (waiting, waited) = watch::channel(0);
        tokio::spawn(poll_while_awaited(pool.clone(), Arc::clone(&positions), waited));
        Self(Arc::new(Inner { pool, reader, positions, waiting }))
    }

    /// Waits until all of these read models contain the log up to `position`, but no longer than `bound`.
    pub async fn wait_for(&self, projections: &[Name], position: i64, bound: Duration) -> Freshness {
        let deadline = Instant::now() + bound;
        let reached = |now: &Positions| standing(now, projections, position) == Standing::Reached;
        let mut positions = self.0.positions.subscribe();
        let at_first = standing(&positions.borrow(), projections, position);
        // The runner of this process usually answers before a poll would: it gets the first chance.
        let patience = match at_first {
            Standing::ReachedOnce => Duration::ZERO,
            _ if is_led(&positions.borrow(), projections) => PATIENCE,
            _ => POLL,
        };
        if let Ok(Ok(_)) = timeout(patience.min(bound), positions.wait_for(reached)).await {
            return Freshness::Fresh;
        }
        // Counted only from here: most waits end before a poll, and an idle program must not query the
        // cursors.
        let _waiting = Waiting::begin(&self.0.waiting);
        match timeout_at(deadline, positions.wait_for(reached)).await {
            Ok(Ok(_)) => Freshness::Fresh,
            Ok(Err(_)) | Err(_) => Freshness::Late,
        }
    }

    /// The last committed position of the log.
    pub async fn head(&self) -> Result<i64, QueryError> {
        Ok(self.0.reader.head().await?)
    }

    /// How far each read model is, and this process's session gate.
    pub async fn positions(&self) -> Result<BTreeMap<Name, i64>, QueryError> {
        poll(&self.0.pool, &self.0.positions).await?;
        Ok(self.0.positions.borrow().iter().map(|(name, seen)| (*name, seen.position)).collect())
    }

    /// How many events each of them is behind the log.
    pub async fn lag(&self) -> Result<BTreeMap<Name, i64>, QueryError> {
        let positions = self.positions().await?;
        let head = self.head().await?;
        Ok(positions.into_iter().map(|(name, position)| (name, (head - position).max(0))).collect())
    }

    /// What this process committed, or read as its own cursor, just now.
    pub(crate) fn publish(&self, names: impl IntoIterator<Item = Name>, position: i64) {
        let seen = Seen { position, at: Instant::now(), own: true };
        self.0.positions.send_modify(|positions| {
            positions.extend(names.into_iter().map(|name| (name, seen)));
        });
    }
}

/// Counts one who waits.
struct Waiting<'a>(&'a watch::Sender<usize>);

impl<'a> Waiting<'a> {
    fn begin(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Polls for all who wait, in a task of its own: a look that is given up half-way costs its connection.
/// A failed one is repeated: whoever waits has a bound.
async fn poll_while_awaited(
    pool: PgPool,
    positions: Arc<watch::Sender<Positions>>,
    mut waiting: watch::Receiver<usize>,
) {
    while waiting.wait_for(|count| *count > 0).await.is_ok() {
        if let Err(error) = poll(&pool, &positions).await {
            tracing::warn!(%error, "the cursors of the read models cannot be read");
        }
        sleep(POLL).await;
    }
}

async fn poll(pool: &PgPool, positions: &watch::Sender<Positions>) -> Result<(), QueryError> {
    let at = Instant::now();
    let rows = sqlx::query("SELECT projection, position FROM projections.cursors").fetch_all(pool).await?;
    positions.send_modify(|positions| {
        for row in &rows {
            let Some(name) = named(row.get("projection")) else { continue };
            // What was published since the question is newer than its answer.
            if positions.get(&name).is_none_or(|held| held.at <= at) {
                positions.insert(name, Seen { position: row.get("position"), at, own: false });
            }
        }
    });
    Ok(())
}

fn named(name: &str) -> Option<Name> {
    NAMES.into_iter().find(|known| known.as_str() == name)
}

/// Whether this process does the work.
fn is_led(positions: &Positions, projections: &[Name]) -> bool {
    let led = |name: &Name| positions.get(name).is_some_and(|seen| seen.own && seen.at.elapsed() < AT_WORK);
    projections.iter().all(led)
}

fn standing(positions: &Positions, projections: &[Name], position: i64) -> Standing {
    let reached = |name: &Name| positions.get(name).filter(|seen| seen.position >= position);
    if !projections.iter().all(|name| reached(name).is_some()) {
        return Standing::Behind;
    }
    // The gate heeds the log itself, which is durable: its memory never goes back.
    let sure =
        |name: &Name| *name == SESSION_GATE || reached(name).is_some_and(|seen| seen.at.elapsed() < BELIEVED);
    if projections.iter().all(sure) { Standing::Reached } else { Standing::ReachedOnce }
}
