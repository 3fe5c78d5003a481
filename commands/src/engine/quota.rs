//! Requests of one principal over all nodes (RL-02).
//!
//! Each node takes permits in small blocks, so that most requests ask nobody, and remembers a refusal until it passes,
//! so that a flood asks nobody either. The sum over all nodes never exceeds the limit.

use crate::CommandError;
use moka::sync::Cache;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use store::{Limit, Permit, Store};
use tokio::sync::Mutex;

/// A block is this part of the burst.
const PART: u32 = 50;
/// Permits of a principal that says nothing for so long are let go.
const KEPT_FOR: Duration = Duration::from_secs(10);
const PRINCIPALS: u64 = 100_000;
const BUCKET: &str = "requests";

/// Cheap to clone.
#[derive(Clone)]
pub struct Quota {
    store: Store,
    limit: Option<Limit>,
    blocks: Cache<String, Arc<Mutex<Block>>>,
}

#[derive(Default)]
struct Block {
    permits: u32,
    /// In the shared bucket, when the block was taken.
    beyond: u32,
    refused_until: Option<Instant>,
}

/// Where a principal stands after a request that was let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub limit: Limit,
    /// Permits left, as far as this node knows.
    pub left: u32,
}

impl Quota {
    /// None: nothing is limited.
    pub fn new(store: Store, limit: Option<Limit>) -> Self {
        let blocks = Cache::builder().max_capacity(PRINCIPALS).time_to_idle(KEPT_FOR).build();
        Self { store, limit, blocks }
    }

    /// Counts a request. `Ok(None)` if nothing is limited.
    ///
    /// # Errors
    /// [`CommandError::Throttled`]; [`CommandError::Unavailable`] if the shared count cannot be reached.
    pub async fn take(&self, whom: &str) -> Result<Option<Standing>, CommandError> {
        let Some(limit) = self.limit else { return Ok(None) };
        let block = self.blocks.get_with_by_ref(whom, Arc::default);
        let mut block = block.lock().await;
        if block.permits == 0 {
            block.refuse_early()?;
            self.refill(&mut block, whom, limit).await?;
        }
        block.permits -= 1;
        Ok(Some(Standing { limit, left: block.permits + block.beyond }))
    }

    /// Near its end the bucket may hold less than a block: then one permit at a time.
    async fn refill(&self, block: &mut Block, whom: &str, limit: Limit) -> Result<(), CommandError> {
        let part = (limit.burst / PART).max(1);
        let mut permits = part;
        loop {
            match self.store.take_permits(BUCKET, whom, limit, permits).await? {
                Permit::Granted { left } => {
                    (block.permits, block.beyond) = (permits, left);
                    return Ok(());
                }
                Permit::Refused { .. } if permits > 1 => permits = 1,
                Permit::Refused { retry_after } => {
                    metrics::counter!("annals_throttled_total", "bucket" => BUCKET).increment(1);
                    block.refused_until = Some(Instant::now() + retry_after);
                    return Err(CommandError::throttled(retry_after));
                }
            }
        }
    }
}

impl Block {
    /// A refusal that still lasts is not asked for again.
    fn refuse_early(&self) -> Result<(), CommandError> {
        let left = self.refused_until.map(|until| until.saturating_duration_since(Instant::now()));
        left.filter(|left| !left.is_zero()).map_or(Ok(()), |left| Err(CommandError::throttled(left)))
    }
}
