//! Keeps all read models up with the log: one task per process.
//!
//! Projections at the same position share one transaction. One that fails parts from them and is tried again alone,
//! with growing pauses, until it has caught up. Any number of runners may run: the cursors let each event be applied
//! once, and an advisory lock keeps all but one from doing work in vain.

mod apply;
mod lane;

use crate::{
    cursors::{self, Member},
    envelope::{self, Envelope},
    registry, schema,
    watcher::Watcher,
};
use apply::{Applied, Trouble};
use bus::{BusError, Feed};
use lane::Lane;
use sqlx::{PgConnection, PgPool};
use std::{future::pending, time::Duration};
use store::{Lease, Opener, Recorded, Store, StoreError};
use thiserror::Error;
use tokio::{
    sync::watch,
    time::{Instant, Interval, MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

/// Leaves one runner of several at work. Nothing rests on it: cursors do the fencing.
const LOCK: i64 = 7_310_868_735_422_850;
/// How often a runner without the lock tries again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How often a runner measures its lag, and looks for projections that were mended.
const LOOK_AROUND: Duration = Duration::from_secs(5);
/// After the database or the bus did not answer.
const AFTER_OUTAGE: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug)]
pub struct RunnerOptions {
    /// Events in one transaction at most.
    pub batch: usize,
    /// False: works without the lock, also beside other runners. Right all the same, and wasteful.
    pub exclusive: bool,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self { batch: 1_000, exclusive: true }
    }
}

/// What a runner is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunnerState {
    Starting,
    /// Another process does the work.
    Standby,
    Running,
    /// Something does not answer; it is tried again.
    Interrupted,
    /// The log holds an event that this binary does not know: it stopped for good, and its node must not be ready.
    Outdated(String),
}

impl RunnerState {
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::Standby | Self::Running)
    }
}

/// Why a runner stopped for good.
#[derive(Debug, Error)]
pub enum RunnerError {
    #[error("the read models need a newer program: {0}")]
    Outdated(String),
}

/// Runs every projection of the registry.
pub struct Runner {
    pool: PgPool,
    opener: Opener,
    feed: Feed,
    watcher: Watcher,
    options: RunnerOptions,
    state: watch::Sender<RunnerState>,
}

impl Runner {
    pub fn new(store: &Store, feed: Feed, watcher: Watcher, options: RunnerOptions) -> Self {
        Self {
            pool: schema::running_pool(store.pool()),
            opener: store.opener(),
            feed,
            watcher,
            options,
            state: watch::Sender::new(RunnerState::Starting),
        }
    }

    pub fn state(&self) -> watch::Receiver<RunnerState> {
        self.state.subscribe()
    }

    /// Works until told to stop; what is being applied then is finished.
    ///
    /// # Errors
    /// Only what no retry can mend.
    pub async fn run(self, stop: CancellationToken) -> Result<(), RunnerError> {
        loop {
            let pause = match self.term(&stop).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Outdated(error)) => {
                    tracing::error!(%error, "the projections give up");
                    self.state.send_replace(RunnerState::Outdated(error.clone()));
                    return Err(RunnerError::Outdated(error));
                }
                Err(Trouble::Moved) => Duration::from_millis(5),
                Err(Trouble::Unavailable(error)) => {
                    tracing::warn!(%error, "the projections are interrupted");
                    self.state.send_replace(RunnerState::Interrupted);
                    AFTER_OUTAGE
                }
            };
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = sleep(pause) => {}
            }
        }
    }

    /// From reading the cursors until they turn out to be elsewhere, or something does not answer.
    async fn term(&self, stop: &CancellationToken) -> Result<(), Trouble> {
        self.prepare().await?;
        // The lock saves work, it does not protect: the cursors' compare-and-set is what keeps two runners
        // apart.
        let Ok(lease) = self.lease(stop).await? else { return Ok(()) };
        let mut connection = schema::running_connection(&self.pool).await?;
        let mut lanes = self.lanes().await?;
        self.state.send_replace(RunnerState::Running);
        let mut look_around = look_around();
        loop {
            let (at, batch) = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = lost(lease.as_ref()) => return Err(Trouble::Unavailable("the lock was lost".into())),
                _ = look_around.tick() => {
                    self.measure(&lanes).await;
                    self.look_for_mended(&lanes).await?;
                    continue;
                }
                next = lane::next_batch(&mut lanes, self.options.batch) => next,
            };
            // Taken out: an error below ends the term, and the next one reads all positions from the
            // database.
            let lane = lanes.remove(at);
            let after = self.step(&mut connection, lane, batch).await?;
            // At the end of the line: none keeps the others waiting.
            lanes.extend(after);
            lane::join(&mut lanes);
        }
    }

    async fn prepare(&self) -> Result<(), Trouble> {
        let mut connection = self.pool.acquire().await?;
        Ok(schema::ensure_live(&mut connection, &registry::all()).await?)
    }

    /// The lock, or none for a runner that works without.
    async fn lease(&self, stop: &CancellationToken) -> Result<Result<Option<Lease>, Stopped>, Trouble> {
        if !self.options.exclusive {
            return Ok(Ok(None));
        }
        loop {
            if let Some(lease) = Lease::try_take(&self.pool, LOCK).await? {
                return Ok(Ok(Some(lease)));
            }
            self.state.send_replace(RunnerState::Standby);
            tokio::select! {
                () = stop.cancelled() => return Ok(Err(Stopped)),
                () = sleep(LOOK_AGAIN) => {}
            }
        }
    }

    async fn lanes(&self) -> Result<Vec<Lane>, Trouble> {
        // What a projection remembers ends with the term: another generation may have its place.
        let members = cursors::load(&self.pool, &registry::all()).await?;
        let (fit, unfit): (Vec<Member>, Vec<Member>) = members.into_iter().partition(|member| member.fits);
        for member in unfit {
            let why = "its tables have another shape than this program writes: rebuild it";
            tracing::error!(projection = %member.name(), why, "a projection stands still");
            cursors::fail(&self.pool, &member, member.position, why).await?;
        }
        for member in &fit {
            self.watcher.publish([member.name()], member.position);
        }
        Ok(lane::group(&self.feed, fit))
    }

    /// Applies a batch to a lane. What comes back goes on: as one lane, or parted.
    async fn step(
        &self,
        connection: &mut PgConnection,
        lane: Lane,
        batch: Result<Vec<Recorded>, BusError>,
    ) -> Result<Vec<Lane>, Trouble> {
        let events = match envelope::open_all(&self.opener, batch?).await {
            Ok(events) => events,
            Err(error) if envelope::is_unknown(&error) => return Err(Trouble::Outdated(error.to_string())),
            Err(StoreError::Unavailable(error)) => return Err(error.into()),
            // An event that cannot be read stops whoever reads it; the next try may find it mended.
            Err(error) => return Ok(vec![self.part(lane, &envelope::without_content(&error)).await?]),
        };
        match self.apply(connection, &lane, &events).await? {
            Applied::To(position) => Ok(vec![lane.advanced(position)]),
            Applied::Failed(why) if lane.members.len() == 1 => Ok(vec![self.part(lane, &why).await?]),
            Applied::Failed(_) => self.apply_to_each(connection, lane, &events).await,
        }
    }

    /// One of the lane fails: each on its own then.
    async fn apply_to_each(
        &self,
        connection: &mut PgConnection,
        lane: Lane,
        events: &[Envelope],
    ) -> Result<Vec<Lane>, Trouble> {
        let mut after = Vec::with_capacity(lane.members.len());
        for alone in lane.parted(&self.feed) {
            after.push(match self.apply(connection, &alone, events).await? {
                // A new follower: the lane's own one has returned these events and would not return them
                // again.
                Applied::To(position) => alone.advanced(position).refollow(&self.feed),
                Applied::Failed(why) => self.part(alone, &why).await?,
            });
        }
        Ok(after)
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        lane: &Lane,
        events: &[Envelope],
    ) -> Result<Applied, Trouble> {
        let begun = Instant::now();
        let applied = apply::apply(connection, &lane.members, lane.position, events).await?;
        if let Applied::To(position) = applied {
            let seconds = begun.elapsed().as_secs_f64();
            metrics::histogram!("annals_projection_apply_seconds").record(seconds);
            self.watcher.publish(lane.members.iter().map(Member::name), position);
            for member in &lane.members {
                metrics::gauge!("annals_projection_position", "projection" => member.name().as_str())
                    .set(position as f64);
            }
        }
        Ok(applied)
    }

    async fn part(&self, lane: Lane, why: &str) -> Result<Lane, Trouble> {
        for member in &lane.members {
            let (projection, after) = (member.name(), lane.position);
            tracing::error!(%projection, after, why, "a projection fails and is tried again");
            metrics::counter!("annals_projection_failures_total", "projection" => projection.as_str())
                .increment(1);
            cursors::fail(&self.pool, member, lane.position, why).await?;
        }
        Ok(lane.failed(&self.feed))
    }

    /// A projection that had other tables than this program writes joins the others once it was rebuilt.
    async fn look_for_mended(&self, lanes: &[Lane]) -> Result<(), Trouble> {
        let running: usize = lanes.iter().map(|lane| lane.members.len()).sum();
        if running == registry::NAMES.len() {
            return Ok(());
        }
        let members = cursors::load(&self.pool, &registry::all()).await?;
        let fit = members.iter().filter(|member| member.fits).count();
        if fit > running { Err(Trouble::Moved) } else { Ok(()) }
    }

    async fn measure(&self, lanes: &[Lane]) {
        let Ok(head) = self.watcher.head().await else { return };
        for lane in lanes {
            for member in &lane.members {
                metrics::gauge!("annals_projection_lag", "projection" => member.name().as_str())
                    .set((head - lane.position).max(0) as f64);
            }
        }
    }
}

/// Told to stop while another process had the lock.
struct Stopped;

async fn lost(lease: Option<&Lease>) {
    match lease {
        Some(lease) => lease.lost().await,
        None => pending().await,
    }
}

fn look_around() -> Interval {
    let mut look_around = interval(LOOK_AROUND);
    look_around.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look_around
}
