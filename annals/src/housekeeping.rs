//! Deletes what has had its time beside the log.

use anyhow::Result;
use metrics_exporter_prometheus::PrometheusHandle;
use std::time::Duration;
use store::Store;
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

/// How long one look at old idempotency keys is from the next.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// What the exporter wants to be called.
const UPKEEP: Duration = Duration::from_secs(5);

/// Until told to stop.
pub async fn run(store: Store, metrics: PrometheusHandle, stop: CancellationToken) -> Result<()> {
    let (mut sweeps, mut upkeep) = (interval(HOUSEKEEPING), interval(UPKEEP));
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            _ = upkeep.tick() => metrics.run_upkeep(),
            _ = sweeps.tick() => sweep(&store).await,
        }
    }
}

async fn sweep(store: &Store) {
    let swept = tokio::try_join!(store.forget_old_idempotency_keys(), store.forget_full_buckets());
    match swept {
        Ok((keys, buckets)) => tracing::debug!(keys, buckets, "swept"),
        Err(error) => tracing::warn!(%error, "old idempotency keys and buckets stay"),
    }
}
