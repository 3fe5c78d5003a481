//! Deletes what has had its time beside the log.

use crate::forgetting::Restored;
use anyhow::Result;
use metrics_exporter_prometheus::PrometheusHandle;
use std::time::Duration;
use store::Store;
use tokio::time::{Instant, interval, interval_at};
use tokio_util::sync::CancellationToken;

/// How long one look at old idempotency keys is from the next.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// The read models are made by then.
const FIRST: Duration = Duration::from_secs(10);
/// What the exporter wants to be called.
const UPKEEP: Duration = Duration::from_secs(5);

/// Until told to stop.
pub async fn run(
    store: Store,
    mut restored: Restored,
    metrics: PrometheusHandle,
    stop: CancellationToken,
) -> Result<()> {
    let (mut sweeps, mut upkeep) = (interval_at(Instant::now() + FIRST, HOUSEKEEPING), interval(UPKEEP));
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = upkeep.tick() => metrics.run_upkeep(),
            _ = sweeps.tick() => sweep(&store, &mut restored).await,
        }
    }
}

async fn sweep(store: &Store, restored: &mut Restored) {
    let swept = tokio::try_join!(store.forget_old_idempotency_keys(), store.forget_full_buckets());
    match swept {
        Ok((keys, buckets)) => tracing::debug!(keys, buckets, "swept"),
        Err(error) => tracing::warn!(%error, "old idempotency keys and buckets stay"),
    }
    if let Err(error) = restored.destroy_again().await {
        tracing::warn!(error = format!("{error:#}"), "a destroyed key may be back, or on the disks");
    }
}
