//! Puts the read model of requests to follow behind what the workers ask for.

use async_trait::async_trait;
use domain::UserId;
use projections::PendingRequests;
use std::time::Duration;
use workers::{PendingFollows, PendingUnknown};

/// So long a job waits for the read model before it is tried again later.
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Pending(pub PendingRequests);

#[async_trait]
impl PendingFollows for Pending {
    async fn pending(
        &self,
        followed: UserId,
        position: i64,
        limit: i64,
    ) -> Result<Vec<UserId>, PendingUnknown> {
        match self.0.list(followed, position, PATIENCE, limit).await {
            Ok(Some(waiting)) => Ok(waiting),
            Ok(None) => Err(PendingUnknown::Behind),
            Err(error) => {
                tracing::warn!(%error, "who waits to follow is not known");
                Err(PendingUnknown::Unavailable)
            }
        }
    }
}
