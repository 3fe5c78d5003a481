//! The source of the relay: committed events from memory if they are the next ones, otherwise from the log.

use crate::error::BusError;
use std::{sync::Arc, time::Duration};
use store::{Reader, Recorded, Store};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{sleep, timeout},
};

const PAGE: usize = 1000;

/// The log from one position on, contiguous.
pub(crate) struct Source {
    reader: Reader,
    /// Events that the committer of this process commits. Other processes commit too, so it has holes.
    handed: broadcast::Receiver<Arc<Vec<Recorded>>>,
    poll: Duration,
    next: i64,
    head: i64,
    behind: bool,
}

/// Contiguous events; the first `skip` of them are known already.
pub(crate) struct Chunk {
    events: Arc<Vec<Recorded>>,
    skip: usize,
}

impl Chunk {
    pub(crate) fn events(&self) -> &[Recorded] {
        self.events.get(self.skip..).unwrap_or_default()
    }
}

impl Source {
    /// Listens to the committer from now on; `poll` bounds how long commits of other processes go unnoticed.
    pub(crate) fn new(store: &Store, poll: Duration) -> Self {
        Self { reader: store.reader(), handed: store.tail(), poll, next: 1, head: 0, behind: true }
    }

    pub(crate) fn start_at(&mut self, next: i64) {
        self.next = next;
    }

    /// How far the log is known to reach beyond a position.
    pub(crate) fn lag(&self, position: i64) -> i64 {
        self.head.saturating_sub(position).max(0)
    }

    /// The events that come next; waits for them.
    pub(crate) async fn next(&mut self) -> Result<Chunk, BusError> {
        loop {
            let found = if self.behind { self.read().await? } else { self.take_over().await };
            if let Some(last) = found.as_ref().and_then(|chunk| chunk.events().last()) {
                self.next = last.position + 1;
                self.head = self.head.max(last.position);
            }
            if let Some(chunk) = found {
                return Ok(chunk);
            }
        }
    }

    async fn read(&mut self) -> Result<Option<Chunk>, BusError> {
        let events = self.reader.after(self.next - 1, PAGE as i64).await?;
        self.behind = events.len() == PAGE;
        if self.behind && self.head <= self.next + PAGE as i64 {
            self.head = self.reader.head().await?;
        }
        Ok((!events.is_empty()).then(|| Chunk { events: Arc::new(events), skip: 0 }))
    }

    /// None: the log has to be read.
    async fn take_over(&mut self) -> Option<Chunk> {
        self.behind = true;
        loop {
            let events = match timeout(self.poll, self.handed.recv()).await {
                Ok(Ok(events)) => events,
                Ok(Err(RecvError::Lagged(_))) | Err(_) => return None,
                Ok(Err(RecvError::Closed)) => {
                    sleep(self.poll).await;
                    return None;
                }
            };
            let (Some(first), Some(last)) = (events.first(), events.last()) else { continue };
            if last.position < self.next {
                continue;
            }
            // Positions are dense: a batch that starts later leaves something out, and then the log has it all.
            let skip = usize::try_from(self.next - first.position).ok()?;
            self.behind = false;
            return Some(Chunk { events, skip });
        }
    }
}
